"""VM extensions: programs that the platform put into the guest and still manages there."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, Extension

# Microsoft.CPlat.Core/RunCommandWindows: what our own scripts travel in
_OUR_PUBLISHER, _OUR_TYPE = "microsoft.cplat.core", "runcommand"
_ENTRA = "aadloginforwindows"


@check(
    "AZ-EXTENSION-001",
    "no extension is left on the VM",
    phase="pre",
    platform="windows",
    severity="warning",
    why="What an extension installed stays in the image with its settings and its state, and the platform does not "
    "know of it on the machines made from it: their agent is updated by nobody, or is the source VM's.",
    fix="az vm extension delete --ids EXTENSION_ID, wait until it is gone from the guest, and deploy it with the new "
    "machines.",
    source="https://learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image",
    grade="D",
)
def check_extension_absent(azure: AzureFacts) -> list[Problem]:
    return [_left(item) for item in azure.extensions.value_or(()) if not _ours(item) and item.type.lower() != _ENTRA]


@check(
    "AZ-ENTRA-001",
    "the extension that signs people in with Entra ID is not on the VM",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="The extension joins the VM to Entra ID, and the join would be in the image: an image for session hosts must "
    "come from a VM without it.",
    fix="az vm extension delete --ids EXTENSION_ID, then dsregcmd /leave in the guest and a restart; or build a VM "
    "that was made without the sign-in.",
    source="https://learn.microsoft.com/azure/virtual-desktop/set-up-golden-image",
    grade="D",
)
def check_entra_extension_absent(azure: AzureFacts) -> list[Problem]:
    return [_left(item) for item in azure.extensions.value_or(()) if item.type.lower() == _ENTRA]


def _left(item: Extension) -> Problem:
    seen = f"{item.publisher}/{item.type}"
    return problem(observed=seen, expected="no extension", where=f"VM extension {item.name}")


def _ours(item: Extension) -> bool:
    return item.publisher.lower() == _OUR_PUBLISHER and item.type.lower().startswith(_OUR_TYPE)
