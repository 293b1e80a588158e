"""The tag file that Sysprep writes when it has finished."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsDisk


@check(
    "WIN-TAG-001",
    "Sysprep left its success tag",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Sysprep deletes an old tag when it starts and writes a new one as its last act. Without the tag it did not "
    "come to its end.",
    fix=r"Read C:\Windows\System32\Sysprep\Panther\setupact.log, remove the cause, and seal again unless the VM was "
    "generalized.",
    source="community record of several projects that wait for the tag; Sysprep's own log names it (FCreateTagFile)",
    grade="C",
)
def check_success_tag_present(disk: WindowsDisk) -> list[Problem]:
    if not disk.success_tag.absent:
        return []
    where = r"C:\Windows\System32\Sysprep\Sysprep_succeeded.tag"
    return [problem(observed="no such file", expected="the tag", where=where)]
