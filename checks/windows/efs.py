"""Files that the Encrypting File System holds."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-EFS-001",
    "no file on the system volume is encrypted by EFS",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="After Sysprep such a file is unreadable for good, on this machine and on those made from the image: nobody "
    "can recover what was in it.",
    fix="cipher /u /n lists all encrypted files; for each, as its owner: cipher /d FILE, or delete it. Where Sealproof "
    "could not look at all files in two minutes: move what need not be in the image off the system volume.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview",
    grade="D",
)
def check_encrypted_files_absent(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="encrypted by EFS", expected="a plain file", where=file)
        for file in guest.efs.encrypted_files.value_or(())
    ]
