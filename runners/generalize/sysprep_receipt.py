"""The receipt of a launch on Windows, from the traces that Sysprep left. Pure; no exit code decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.facts import Receipt, UnknownFact, WindowsDisk
from runners.generalize.launch import Launch
from runners.generalize.sysprep_errors import diagnose, excerpt, since

_EXCERPT = 20
_LINE = 600
_ZONES = timedelta(hours=12)
"""How far the guest's local time may be behind UTC."""


def windows_receipt(disk: WindowsDisk, launch: Launch) -> Receipt:
    """Return the receipt of a launch on Windows, from the stopped disk or what the sealed guest saw in its place.

    Sysprep deletes a stale success tag when it starts and writes a new one when it ends, so a tag that is newer than
    the launch means that this run succeeded. Without one its error log says why, in the lines since the launch.
    """
    try:
        errors = () if disk.error_lines.absent else disk.error_lines.value
        tag = "" if disk.success_tag.absent else disk.success_tag.value
        written = datetime.fromisoformat(tag) if tag else None
        if written is not None and written.tzinfo is None:
            raise ValueError(f"the success tag's time {written.isoformat()} has no time zone")
    except (UnknownFact, ValueError) as error:
        return Receipt("unknown", f"the traces of Sysprep could not be read: {error}", launch.launched_as)
    if written is not None and written >= launch.since:
        return Receipt("succeeded", "", launch.launched_as, (f"Sysprep_succeeded.tag written {written.isoformat()}",))
    return _failed(since(errors, _local(launch)), written, launch)


def _failed(lines: tuple[str, ...], written: datetime | None, launch: Launch) -> Receipt:
    found = diagnose(lines)
    if found is not None:
        cause = found.sentence
    elif written is not None:
        began = launch.since.isoformat()
        cause = f"the success tag is of {written.isoformat()}, before this launch, which began at {began}"
    else:
        cause = "Sysprep left no success tag and no line of this launch in its error log"
    remedy = found.remedy if found else r"Look at the end of C:\Windows\System32\Sysprep\Panther\setupact.log"
    return Receipt("failed", cause[:_LINE], launch.launched_as, excerpt(lines)[-_EXCERPT:], remedy)


def _local(launch: Launch) -> datetime:
    """Return the guest's local time at the launch, without a zone: the earliest possible where it is not known."""
    if launch.started is not None:
        return launch.started.replace(tzinfo=None)
    return launch.since.replace(tzinfo=None) - _ZONES
