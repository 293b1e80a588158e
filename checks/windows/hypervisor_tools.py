"""Guest tools of other hypervisors in an image that is uploaded."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, for_upload


@check(
    "WIN-HYPERVISOR-001",
    "no guest tools of another hypervisor are installed",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="Their drivers sit in the paths of network and disk, look for devices that Azure does not have, and can keep a "
    "machine from its network.",
    fix="Uninstall them (VMware Tools, VirtualBox Guest Additions, QEMU guest agent...) and restart.",
    source=f"{CHECKLIST}; the services' names are recalled",
    grade="D",
)
def check_hypervisor_tools_absent(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="installed", expected="not installed", where=f"service {name}")
        for name in guest.vhd_upload.hypervisor_tools.value_or(())
    ]
