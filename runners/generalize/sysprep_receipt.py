"""The receipt of a launch on Windows, from what Sysprep left on the stopped disk. Pure; no exit code decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.facts import Receipt, UnknownFact, WindowsDisk

_EXCERPT = 20
_LINE = 300
_CLOCK_SKEW = timedelta(minutes=2)
"""How far the guest's clock may be behind ours."""


def windows_receipt(disk: WindowsDisk, launched: datetime, launched_as: str) -> Receipt:
    """Return the receipt of a launch on Windows, from the stopped disk.

    Sysprep deletes a stale success tag when it starts and writes a new one when it ends, so a tag that is newer than
    the launch means that this run succeeded. Without one the last line of its error log says why.
    """
    try:
        errors = () if disk.error_lines.absent else disk.error_lines.value
        if disk.success_tag.absent:
            cause = errors[-1] if errors else "Sysprep left no success tag and no line in its error log"
            return Receipt("failed", cause[:_LINE], launched_as, errors[-_EXCERPT:])
        written = datetime.fromisoformat(disk.success_tag.value)
        if written.tzinfo is None:
            raise ValueError(f"the success tag's time {written.isoformat()} has no time zone")
    except (UnknownFact, ValueError) as error:
        return Receipt("unknown", f"the traces of Sysprep on the disk could not be read: {error}", launched_as)
    if written < launched - _CLOCK_SKEW:
        cause = f"the success tag is of {written.isoformat()}, before this launch at {launched.isoformat()}"
        return Receipt("failed", cause, launched_as, errors[-_EXCERPT:])
    return Receipt("succeeded", "", launched_as, (f"Sysprep_succeeded.tag written {written.isoformat()}",))
