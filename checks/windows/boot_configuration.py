"""The boot configuration of an image that is uploaded: what makes a machine without a screen start, and be seen."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, Wanted, differences, for_upload

_TABLE = (
    Wanted("{bootmgr} integrityservices", ("Enable",)),
    Wanted("{bootmgr} displaybootmenu", ("Yes",)),
    Wanted("{bootmgr} timeout", ("5",)),
    Wanted("{bootmgr} bootems", ("Yes",)),
    Wanted("{current} integrityservices", ("Enable",)),
    Wanted("{current} recoveryenabled", ("No",)),
    Wanted("{current} bootstatuspolicy", ("IgnoreAllFailures",)),
    Wanted("{current} ems", ("Yes",)),
    Wanted("{emssettings} emsport", ("1",)),
    Wanted("{emssettings} emsbaudrate", ("115200",)),
)


@check(
    "WIN-BOOT-001",
    "the boot configuration is that of Microsoft's list for uploaded images",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="A machine in Azure has no screen: one that waits in a recovery menu after a failed start waits forever, and "
    "without the serial console nobody sees why.",
    fix="Set each value with bcdedit as Microsoft's list shows, such as bcdedit /set '{bootmgr}' bootems yes.",
    source=CHECKLIST,
    grade="D",
)
def check_boot_configuration(guest: WindowsGuest) -> list[Problem]:
    return differences(guest.vhd_upload.boot_settings.value, _TABLE, "bcdedit /enum")
