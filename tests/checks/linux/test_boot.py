from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean("LNX-BOOT-001", "now and next", guest()),
    dirty("LNX-BOOT-001", "not now", guest(serial_console=False), "/proc/cmdline"),
    dirty(
        "LNX-BOOT-001", "never", guest(serial_console=False, serial_console_configured=False), "cmdline", "boot loader"
    ),
    dirty(
        "LNX-BOOT-001", "now unknown, not next", guest(serial_console=UNREAD, serial_console_configured=False), "loader"
    ),
    absent("LNX-BOOT-001", "no loader found", guest(serial_console_configured=NONE), "passed"),
    unknown("LNX-BOOT-001", "not read", guest(serial_console=UNREAD), "cut off"),
    clean("LNX-BOOT-002", "all", guest()),
    dirty(
        "LNX-BOOT-002", "two missing", guest(boot_missing=("rootdelay=300", "net.ifnames=0")), "rootdelay", "ifnames"
    ),
    absent("LNX-BOOT-002", "nothing told", guest(boot_missing=NONE), "passed"),
    unknown("LNX-BOOT-002", "not read", guest(boot_missing=UNREAD), "cut off"),
    clean("LNX-BOOT-003", "none", guest()),
    dirty("LNX-BOOT-003", "quiet", guest(boot_extra=("quiet",)), "quiet"),
    absent("LNX-BOOT-003", "nothing told", guest(boot_extra=NONE), "passed"),
    unknown("LNX-BOOT-003", "not read", guest(boot_extra=UNREAD), "cut off"),
    clean("LNX-BOOT-004", "by UUID", guest()),
    clean("LNX-BOOT-004", "a logical volume", guest(root_argument="/dev/mapper/rootvg-rootlv")),
    clean("LNX-BOOT-004", "a link", guest(root_argument="/dev/disk/azure/root-part1")),
    dirty("LNX-BOOT-004", "by number", guest(root_argument="/dev/sda1"), "root=/dev/sda1"),
    dirty("LNX-BOOT-004", "the build's loop device", guest(root_argument="/dev/mapper/loop0p1"), "/dev/mapper/loop0p1"),
    absent("LNX-BOOT-004", "no root=", guest(root_argument=NONE), "passed"),
    unknown("LNX-BOOT-004", "not read", guest(root_argument=UNREAD), "cut off"),
    clean("LNX-BOOT-005", "there", guest()),
    dirty("LNX-BOOT-005", "only the distribution's own", guest(efi_fallback=False), "BOOTX64.EFI"),
    absent("LNX-BOOT-005", "BIOS", guest(efi_fallback=NONE), "not applicable"),
    unknown("LNX-BOOT-005", "not mounted", guest(efi_fallback=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_boot(claim: Claim) -> None:
    claim.verify()
