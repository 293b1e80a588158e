"""A journal that also keeps what the record tells of it: a target's way, event by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reports.evidence import StepRecord
from reports.journal import Entry, Head, Journal

_LONGEST = 200
"""Events of one target in the record; the journal has all of them."""
_FOR_MACHINES = ("watch.seen",)
"""What a watched Sysprep looked like at each look: the receipt says what came of it."""


class Story:
    """Writes to a journal, keeps its events for the record, and says what is begun to whoever shows it."""

    def __init__(self, journal: Journal, tell: Callable[[str, str], None]) -> None:
        self.journal = journal
        self._tell = tell
        self._steps: list[StepRecord] = []
        self.launched_on = ""
        """The vmId of the machine that the step was launched on; empty where it was not."""

    def append(self, event: str, data: Mapping[str, Any]) -> None:
        """Write one event to the journal; it is on disk before this returns."""
        entry = self.journal.append(event, data)
        if event == "launch.intent":
            self.launched_on = str(data.get("vm_id", ""))
        step = told(entry)
        if event not in _FOR_MACHINES:
            self._steps.append(step)
        if event == "gate" or event.endswith(".begin"):
            self._tell(event.removesuffix(".begin"), step.text)

    @property
    def head(self) -> Head:
        """The journal's end."""
        return self.journal.head

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """What the record holds of it. Of a very long one the middle is left out, and says so."""
        if len(self._steps) <= _LONGEST:
            return tuple(self._steps)
        half = _LONGEST // 2
        left_out = self._steps[half:-half]
        mark = StepRecord(
            time=left_out[0].time, event="left out", text=f"{len(left_out)} events that only the journal has"
        )
        return (*self._steps[:half], mark, *self._steps[-half:])


def told(entry: Entry) -> StepRecord:
    """Return an entry as a person reads it."""
    data = entry.data
    if entry.event == "gate":
        text = "open" if data["open"] else "closed: " + "; ".join(item["text"] for item in data["reasons"])
    elif entry.event == "launch.confirmed":
        text = f"as {data['launched_as']}, through {data['through']}"
    else:
        text = str(data.get("does") or data.get("reason") or "")
    return StepRecord.model_validate({"time": entry.time, "event": entry.event, "text": text})
