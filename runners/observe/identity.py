"""Whether two looks saw the same machine."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from checks.facts import AzureFacts, LinuxGuest, WindowsGuest


def same_machine(guest: LinuxGuest | WindowsGuest, vm_id: str) -> str:
    """Return why `guest` is not shown to be the VM with this vmId; empty where it is. Pure.

    The guest's side is the UUID in its firmware tables. SMBIOS stores the first three fields with their bytes in
    little-endian order, and not every reader turns them round, so both orders count as equal. Which of them Azure's
    firmware and each guest's tools show was not verified on a machine.
    """
    fact = guest.system_uuid
    if not fact.known:
        return f"it could not be told which machine answered: {fact.to_json()['unknown']}"
    if fact.absent:
        return "it could not be told which machine answered: it has no system UUID"
    try:
        seen, wanted = UUID(fact.value), UUID(vm_id)
    except ValueError:
        return f"system UUID {fact.value!r} of the guest can't be compared with vmId {vm_id!r}: one is no UUID"
    if str(seen) in uuids(vm_id):
        return ""
    return f"the guest that answered has system UUID {seen}, and the VM's vmId is {wanted}: it is another machine"


def uuids(vm_id: str) -> tuple[str, str]:
    """Return how the firmware of this VM may show its UUID: both orders of bytes. ValueError for no id."""
    wanted = UUID(vm_id)
    return str(wanted), str(UUID(bytes_le=wanted.bytes))


def exchanged(checked: AzureFacts, now: AzureFacts) -> str:
    """Return how the VM, or its OS disk, is another one than was checked; empty when both are the same. Pure.

    Raises `UnknownFact` where one of the two disks could not be observed.
    """
    for what, then, today in (
        ("vmId", checked.vm_id, now.vm_id),
        ("OS disk's unique id", checked.os_disk.value.unique_id, now.os_disk.value.unique_id),
    ):
        if not today or then != today:
            return f"the target is not the one that was checked: its {what} was {then!r} and is {today!r} now"
    return ""


def replaced(checked: AzureFacts, vm_id: str, disk: str) -> str:
    """Return how the VM with this vmId and this OS disk, by its ARM id, is not the one that was checked. Pure."""
    for what, then, today in (("vmId", checked.vm_id, vm_id), ("OS disk", checked.os_disk.value.id, disk)):
        if then.lower() != today.lower():
            return (
                f"the VM is not the one that was launched on: its {what} was {then!r} and is {today!r} now, so it was "
                "not flagged. Look at who replaced it"
            )
    return ""


def altered(checked: AzureFacts, now: AzureFacts) -> str:
    """Return how the VM's data disks or extensions differ from those that were checked; empty when they don't. Pure.

    Raises `UnknownFact` where they could not be observed.
    """
    disks = _difference(checked.data_disks.value, now.data_disks.value)
    extensions = _difference(_extensions(checked), _extensions(now))
    found = [
        f"its {what} changed: {text}" for what, text in (("data disks", disks), ("extensions", extensions)) if text
    ]
    return f"since the VM was checked {'; '.join(found)}. Let that end, then run again" if found else ""


def _extensions(seen: AzureFacts) -> tuple[str, ...]:
    # Asking the guest by Run Command may itself add one.
    ours = ("RunCommandLinux", "RunCommandWindows", "RunCommandHandlerLinux", "RunCommandHandlerWindows")
    return tuple(f"{item.name} ({item.provisioning_state})" for item in seen.extensions.value if item.type not in ours)


def _difference(then: Sequence[str], today: Sequence[str]) -> str:
    """Return what came and what went. ARM ignores case in ids."""
    old, new = {item.lower(): item for item in then}, {item.lower(): item for item in today}
    came = [item for key, item in new.items() if key not in old]
    went = [item for key, item in old.items() if key not in new]
    told = (f"{', '.join(came)} came" if came else "", f"{', '.join(went)} went" if went else "")
    return ", and ".join(filter(None, told))
