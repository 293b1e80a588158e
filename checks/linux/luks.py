"""Encrypted volumes of a Linux guest: LUKS and dm-crypt."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.parts import problems_of


@check(
    "LNX-LUKS-001",
    "no volume is encrypted inside the guest",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Machines made from the image have no key, so they stop at a passphrase prompt that nobody sees. And the "
    "stopped disk can't be read, so nothing can be proven.",
    fix="Rebuild the VM without encryption in the guest, and use encryption at host instead. Remove stale lines from "
    "/etc/crypttab.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/disk-encryption-linux#restrictions",
    grade="D",
)
def check_luks_absent(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _volumes(guest), lambda: _crypttab(guest), lambda: _key_volume(guest))


def _volumes(guest: LinuxGuest) -> list[Problem]:
    # "osencrypt (type crypt)" is open now; "sda1 (LUKS signature)" may be closed
    return [
        problem(
            observed=volume,
            expected="no encrypted volume",
            where="/sys/class/block, and the first bytes of each device",
        )
        for volume in guest.encrypted_volumes.value_or(())
    ]


def _crypttab(guest: LinuxGuest) -> list[Problem]:
    lines = guest.crypttab_entries.value_or(0)
    if not lines:
        return []
    return [problem(observed=f"{lines} active line(s)", expected="none", where="/etc/crypttab")]


def _key_volume(guest: LinuxGuest) -> list[Problem]:
    if not guest.disks.ade_key_volume.value_or(False):
        return []
    seen = "Azure Disk Encryption's key volume"
    return [problem(observed=seen, expected="no such volume", where="BEK VOLUME, /mnt/azure_bek_disk")]
