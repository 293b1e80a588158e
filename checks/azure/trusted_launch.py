"""Trusted Launch and confidential VMs: what their guest state means for an image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts


@check(
    "AZ-TRUST-001",
    "the VM's security type lets its image go anywhere",
    phase="pre",
    severity="info",
    why="A Trusted Launch or confidential VM carries guest state (vTPM, Secure Boot). No managed image can be made of "
    "it, and a gallery takes it only into an image definition of the same security type, not into one that says "
    "Supported.",
    fix="Create the image definition with --features SecurityType=TrustedLaunch (or ConfidentialVM). For a definition "
    "that also serves Standard VMs (TrustedLaunchSupported), build on a VM with --security-type Standard.",
    source="https://learn.microsoft.com/azure/virtual-machines/trusted-launch",
    grade="D",
)
def check_security_type_standard(azure: AzureFacts) -> list[Problem]:
    kind = azure.security_type.value_or("Standard")
    if kind.lower() == "standard":
        return []
    expected = f"Standard, or an image definition with SecurityType={kind}"
    return [problem(observed=kind, expected=expected, where="VM model, securityProfile.securityType")]
