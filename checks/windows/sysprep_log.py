"""What Sysprep's own log says of its last run."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsDisk

_LOG = r"C:\Windows\System32\Sysprep\Panther\setupact.log"
_ERRORS = r"C:\Windows\System32\Sysprep\Panther\setuperr.log"
HARMLESS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # seen after runs that succeeded, by several builders
        r"SPPNP: Failed to queue enumerated driver packages\. Err = 0x57\b",
        r"Unable to uninstall device ROOT\\.*Err = 0xE0000231",
        # MicrosoftDocs/azure-docs#43893; that it does no harm is not certain, so that it alone is the last to be blamed
        r"MRTGeneralize.*hr\s*=\s*2147749904",
    )
)
"""Lines that runs leave which succeed."""
_ZONES = timedelta(hours=14)
"""How far local time and UTC may be apart."""


@check(
    "WIN-LOG-001",
    "the last run of Sysprep was one that generalizes, for the first start",
    phase="post",
    platform="windows",
    severity="blocker",
    why="A Sysprep without /generalize leaves a success tag and a first start to come, and every machine made from "
    "the image has the source's SID. One with /audit makes machines that wait for somebody to sign in.",
    fix="Seal again with sysprep /generalize /oobe /shutdown, unless the VM was generalized.",
    source="https://github.com/MicrosoftDocs/SupportArticles-docs (the article on KMS client counts reads this line)",
    grade="D",
)
def check_sysprep_run_generalizes(disk: WindowsDisk) -> list[Problem]:
    if disk.log.run_options.absent:
        return [problem(observed="no run of Sysprep", expected="a run with /generalize /oobe", where=_LOG)]
    options = disk.log.run_options.value
    seen = " ".join(f"/{option.lower()}" for option in options) or "no option"
    wrong = [f"/{option.lower()}" for option in ("GENERALIZE", "OOBE") if option not in options]
    told = [problem(observed=seen, expected=option, where=_LOG) for option in wrong]
    return told + [problem(observed=seen, expected="no /audit", where=_LOG) for _ in {"AUDIT"} & set(options)]


@check(
    "WIN-LOG-002",
    "the last run of Sysprep logged no error but those of runs that succeed",
    phase="post",
    platform="windows",
    severity="warning",
    why="Windows can reach the sealed state and still have failed at a part of it: such images were seen to stop at"
    " their first start. Lines of earlier runs are left out.",
    fix="Read the lines in setuperr.log and setupact.log; remove their cause, and seal again unless the VM was "
    "generalized.",
    source="https://github.com/MicrosoftDocs/azure-docs/issues/43893",
    grade="I",
)
def check_sysprep_run_without_errors(disk: WindowsDisk) -> list[Problem]:
    lines = [line for line in disk.log.run_errors.value_or(()) if not any(item.search(line) for item in HARMLESS)]
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return [problem(observed=lines[0] + more, expected="no error", where=_ERRORS)] if lines else []


@check(
    "WIN-TAG-002",
    "the success tag is of the last run of Sysprep",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Sysprep deletes the old tag when it starts. One that is older than the run was put back or kept, and says "
    "nothing of it.",
    fix=r"Read C:\Windows\System32\Sysprep\Panther\setupact.log, and seal again unless the VM was generalized.",
    source="community record of several projects that wait for the tag",
    grade="C",
)
def check_success_tag_of_last_run(disk: WindowsDisk) -> list[Problem]:
    if disk.success_tag.absent or disk.log.run_began.absent:
        return []  # WIN-TAG-001 and WIN-LOG-001 tell it
    written = datetime.fromisoformat(disk.success_tag.value)
    began = datetime.fromisoformat(disk.log.run_began.value).replace(tzinfo=UTC)
    # The log has the guest's local time, and the disk says it in no time zone.
    if written + _ZONES >= began:
        return []
    expected = f"after the run that began at {began:%Y-%m-%d %H:%M:%S} (local time)"
    return [problem(observed=f"written at {written.isoformat()}", expected=expected, where="Sysprep_succeeded.tag")]
