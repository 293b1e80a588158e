"""File systems: room for the first boot, and no damage."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import FreeSpace, LinuxGuest
from checks.parts import problems_of

_ROOT_MEBIBYTES = 1024
_BOOT_MEBIBYTES = 50
_PERCENT = 10


@check(
    "LNX-FILESYSTEM-001",
    "the system's file systems have room for the first boot",
    phase="pre",
    platform="linux",
    severity="warning",
    why="The first boot writes host keys, logs and an update of the agent. A full file system breaks it in ways that "
    "nobody expects.",
    fix="Remove package caches, old kernels and logs, or give the OS disk more room: / wants 1 GiB and 10 % free, "
    "/boot 50 MiB.",
    source="our own inference: what a first boot writes, with room to spare",
    grade="X",
)
def check_filesystem_room(guest: LinuxGuest) -> list[Problem]:
    return [found for space in guest.filesystems.free_space.value for found in _room(space)]


@check(
    "LNX-FILESYSTEM-002",
    "the root file system is writable and without errors",
    phase="pre",
    platform="linux",
    severity="warning",
    why="A damaged file system is copied as it is into every machine, and a forced check delays or stops the "
    "first boot.",
    fix="Repair it (e2fsck or xfs_repair from a rescue VM), remove /forcefsck and fsck.mode=force, restart and "
    "run again.",
    source="our own inference: an image is a copy of the file system as it is",
    grade="X",
)
def check_filesystem_sound(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _read_only(guest), lambda: _errors(guest), lambda: _forced(guest))


def _room(space: FreeSpace) -> list[Problem]:
    found = []
    wanted = _ROOT_MEBIBYTES if space.point == "/" else _BOOT_MEBIBYTES
    if space.mebibytes < wanted:
        found.append(problem(observed=f"{space.mebibytes} MiB free", expected=f"{wanted} MiB", where=space.point))
    if space.point == "/" and space.percent < _PERCENT:
        found.append(problem(observed=f"{space.percent} % free", expected=f"{_PERCENT} %", where=space.point))
    if space.inodes < _PERCENT:
        seen = f"{space.inodes} % of the inodes free"
        found.append(problem(observed=seen, expected=f"{_PERCENT} %", where=space.point))
    return found


def _read_only(guest: LinuxGuest) -> list[Problem]:
    if not guest.filesystems.root_read_only.value:
        return []
    return [problem(observed="mounted read-only", expected="mounted for writing", where="/")]


def _errors(guest: LinuxGuest) -> list[Problem]:
    count = guest.filesystems.filesystem_errors.value
    if not count:
        return []
    return [problem(observed=f"{count} error(s)", expected="none", where="/sys/fs/ext4, and the kernel's messages")]


def _forced(guest: LinuxGuest) -> list[Problem]:
    if not guest.filesystems.check_forced.value_or(False):
        return []
    return [problem(observed="a check is forced", expected="no forced check", where="/forcefsck or fsck.mode=force")]
