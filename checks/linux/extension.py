"""VM extensions of a Linux VM, as the platform lists them and as the guest has them on disk."""

from __future__ import annotations

from collections.abc import Callable

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, LinuxGuest
from checks.parts import problems_of

_SOURCE = "https://github.com/Azure/WALinuxAgent/issues/705 and recorded runs of waagent 2.7.3 and 2.15"
_IDENTITIES = (
    "aadloginforlinux",
    "aadsshloginforlinux",
    "azurediskencryptionforlinux",
    "azuremonitorlinuxagent",
    "jsonaddomainextension",
    "mde.linux",
    "omsagentforlinux",
)
"""Types, in small letters, of extensions that leave an identity, a key or an encrypted volume behind."""
_OURS = "runcommand"
"""Run Command is how a guest is asked; what it leaves is looked for on the stopped disk."""
_AT_WORK = ("creating", "updating", "deleting", "transitioning")


def _type(folder: str) -> str:
    """Return the type in a folder's name: Microsoft.Azure.Monitor.AzureMonitorLinuxAgent-1.33.1."""
    return folder.rpartition("-")[0].lower()


def _keeps_identity(kind: str) -> bool:
    return kind.endswith(_IDENTITIES)


def _others(kind: str) -> bool:
    return not _keeps_identity(kind) and _OURS not in kind


def _installed(azure: AzureFacts, guest: LinuxGuest, chosen: Callable[[str], bool]) -> list[Problem]:
    return problems_of(lambda: _listed(azure, chosen), lambda: _on_disk(guest, chosen))


def _listed(azure: AzureFacts, chosen: Callable[[str], bool]) -> list[Problem]:
    return [
        problem(observed=f"{item.publisher}.{item.type}", expected="not installed", where=f"VM extension {item.name}")
        for item in azure.extensions.value_or(())
        if chosen(item.type.lower())
    ]


def _on_disk(guest: LinuxGuest, chosen: Callable[[str], bool]) -> list[Problem]:
    return [
        problem(observed=folder, expected="not installed", where="the agent's folder in the guest")
        for folder in guest.extensions.extension_folders.value_or(())
        if chosen(_type(folder))
    ]


@check(
    "LNX-EXTENSION-001",
    "no extension that keeps an identity is installed",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="waagent deletes an extension's files and does not uninstall it: its packages, its units, the machine's "
    "identity and keys stay outside of the agent's folder, and nothing is left that could remove them.",
    fix="az vm extension delete --ids EXTENSION_ID while the VM runs, so that the extension uninstalls itself.",
    source=_SOURCE,
    grade="S",
)
def check_extension_identity_absent(azure: AzureFacts, guest: LinuxGuest) -> list[Problem]:
    return _installed(azure, guest, _keeps_identity)


@check(
    "LNX-EXTENSION-002",
    "no other extension is installed",
    phase="pre",
    platform="linux",
    severity="warning",
    why="What an extension installed outside of the agent's folder stays, without the extension that looked after it. "
    "A custom script has been seen not to run on clones, since its sequence number was carried over.",
    fix="az vm extension delete --ids EXTENSION_ID while the VM runs; clones get theirs from their own model.",
    source=_SOURCE,
    grade="I",
)
def check_extension_others_absent(azure: AzureFacts, guest: LinuxGuest) -> list[Problem]:
    return _installed(azure, guest, _others)


@check(
    "LNX-EXTENSION-003",
    "no extension is at work",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Deprovisioning stops the agent and deletes its folder under a running extension: a disk stays half encrypted, "
    "a package half installed, and the platform waits for an answer until it times out.",
    fix="Wait until az vm extension list shows Succeeded or Failed for each, and look again.",
    source="https://github.com/Azure/WALinuxAgent/issues/1792",
    grade="I",
)
def check_extension_at_rest(azure: AzureFacts, guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _changing(azure), lambda: _transitioning(guest))


def _changing(azure: AzureFacts) -> list[Problem]:
    return [
        problem(observed=item.provisioning_state, expected="Succeeded", where=f"VM extension {item.name}")
        for item in azure.extensions.value_or(())
        if item.provisioning_state.lower() in _AT_WORK and _OURS not in item.type.lower()
    ]


def _transitioning(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="transitioning", expected="success or error", where=f"status of {folder}")
        for folder in guest.extensions.busy_extensions.value_or(())
    ]
