"""How much of the stopped disk was read. A disk that nobody read proves nothing."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import LinuxDisk, Policy, UnknownFact, WindowsDisk


def _disk_is_witness(policy: Policy) -> bool:
    return policy.witness == "disk"


@check(
    "DISK-COVERAGE-001",
    "every volume of the stopped disk was read",
    phase="post",
    severity="blocker",
    waivable=False,
    applies=_disk_is_witness,
    why="What was not read may hold anything, and is in the image, also on a volume that nothing mounts. A volume that "
    "can't be read, or a reader that found no files, looks just like a clean disk.",
    fix="Read the reason at the volume. An encrypted or damaged volume has to be repaired in the source VM; a file "
    "system that the reader does not know has to be checked by hand. Delete a volume that nothing mounts, or name it "
    "in /etc/fstab (with nofail): it is then part of the system that the rules look at.",
    source="runners/disk: the coverage that our own reader reports",
    grade="S",
)
def check_coverage_complete(disk: LinuxDisk | WindowsDisk) -> list[Problem]:
    # This rule never fails and must not pass lightly: incomplete coverage is a lack of knowledge, not a finding.
    coverage = disk.coverage
    unread = [item for item in coverage.volumes if item.filesystem == "unreadable" or item.reason]
    if unread:
        told = [f"{item.name}: {item.reason or 'no reason'}" for item in unread]
        raise UnknownFact("not every volume was read: " + "; ".join(told))
    if all(item.filesystem == "none" for item in coverage.volumes):
        raise UnknownFact(f"the disk shows {len(coverage.volumes)} volumes and no file system")
    if coverage.files_examined == 0:
        raise UnknownFact("no file of the disk was examined")
    return []


@check(
    "DISK-COVERAGE-002",
    "every file and folder that a rule asks for could be opened",
    phase="post",
    severity="warning",
    applies=_disk_is_witness,
    why="The rules that ask for it are undetermined, and what is in it was not looked at by any of them.",
    fix="Read the reason at the path. A damaged file system has to be repaired in the source VM; what is too large for "
    "the reader has to be checked by hand.",
    source="runners/disk: what our own reader reports",
    grade="S",
)
def check_coverage_opened(disk: LinuxDisk | WindowsDisk) -> list[Problem]:
    # As above: what was not looked at is no finding.
    gaps = disk.coverage.gaps
    if gaps:
        raise UnknownFact("not everything could be looked at: " + "; ".join(gaps[:5]))
    return []
