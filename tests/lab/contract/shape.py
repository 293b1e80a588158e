"""Two JSON values beside each other: what Azure sent, and what the lab sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["missing", "extra", "type", "value"]


@dataclass(frozen=True)
class Difference:
    """One place where the lab's answer is not the recorded one."""

    kind: Kind
    place: str
    """Such as `$.properties.instanceView.statuses[].code`: items of lists have no number."""
    real: Any
    lab: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.place}: Azure {_short(self.real)}, lab {_short(self.lab)}"


def differences(real: Any, lab: Any, place: str = "$") -> Iterator[Difference]:
    """Yield where the two differ: keys, JSON types, values; of lists, items that have no like on the other side."""
    if isinstance(real, dict) and isinstance(lab, dict):
        for key in sorted(real.keys() | lab.keys()):
            where = f"{place}.{key}"
            if key not in lab:
                yield Difference("missing", where, real[key], None)
            elif key not in real:
                yield Difference("extra", where, None, lab[key])
            else:
                yield from differences(real[key], lab[key], where)
    elif isinstance(real, list) and isinstance(lab, list):
        yield from _list_differences(real, lab, f"{place}[]")
    elif _type(real) != _type(lab):
        yield Difference("type", place, real, lab)
    elif real != lab:
        yield Difference("value", place, real, lab)


def _list_differences(real: list[Any], lab: list[Any], place: str) -> Iterator[Difference]:
    if not real or not lab:
        yield from (Difference("missing", place, item, None) for item in real)
        yield from (Difference("extra", place, None, item) for item in lab)
        return
    for item in lab:
        yield from min((list(differences(other, item, place)) for other in real), key=len)
    for other in real:
        nearest = min((list(differences(other, item, place)) for item in lab), key=len)
        # what has its like was compared above; what has none is missing
        if any(difference.kind == "value" and difference.place.endswith((".code", ".name")) for difference in nearest):
            yield Difference("missing", place, other, None)


def _type(value: Any) -> str:
    # JSON has one kind of number
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


@dataclass(frozen=True)
class Rule:
    """A difference that is none, and why."""

    kinds: tuple[Kind, ...]
    place: str
    """A regular expression for the whole place."""
    reason: str
    holds: Callable[[Any, Any], bool] = lambda _real, _lab: True
    """Whether the rule holds for what Azure and the lab sent."""

    def excuses(self, difference: Difference) -> bool:
        """Whether this difference is none."""
        placed = difference.kind in self.kinds and re.fullmatch(self.place, difference.place) is not None
        return placed and self.holds(difference.real, difference.lab)
