"""What could not be looked at on a disk, told once each with all that hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.facts.fact import Fact

_MOST, _LONGEST = 100, 400
_MOST_NAMES = 6


def gaps(facts: Mapping[str, Any]) -> list[str]:
    """Return each reason for which facts are unknown, with their names: `C:\\Users can't be read (homes, profiles)`."""
    found: dict[str, list[str]] = {}
    for name, fact in _flat(facts):
        if not fact.known:
            found.setdefault(str(fact.to_json()["unknown"])[:_LONGEST], []).append(name)
    return [f"{reason} ({_listed(names)})" for reason, names in list(found.items())[:_MOST]]


def _flat(facts: Mapping[str, Any]) -> Iterator[tuple[str, Fact[Any]]]:
    for name, fact in facts.items():
        if isinstance(fact, Fact):
            yield name, fact
        else:
            yield from _flat(fact)


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES])[:100] + (f" and {more} more" if more > 0 else "")
