"""What a running guest says about itself (vantage `guest`): what holds on every platform. Types only.

A fact stands in the guest's own record, or in the record of its topic: a field of the guest that is named as the probe
that looks, whose fields are facts. Names of facts are unique over all topics of a platform.

Secrets never get here: probes classify in the guest (`hash`, `locked`, `empty`) and return no value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from checks.facts.fact import Fact
from checks.facts.own import OwnAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What one observation of a running guest holds on every platform."""

    own_answers: OwnAnswers = field(default_factory=OwnAnswers)
    """What a team's own probes printed; read them by `own`."""
    probes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each probe that was sent, ours and own, by name."""

    def own(self, name: str) -> Fact[str]:
        """Return what the own probe `name` (a file NAME.sh or NAME.ps1 below --checks) printed, as text.

        *Absent* where it ran well and printed nothing; *unknown*, with the reason, where it was not sent, failed
        (another exit status than 0, or an exception on Windows) or printed more than can be sent. Line ends are "\n",
        those at the end are dropped, and bytes that are no UTF-8 are replaced.
        """
        return self.own_answers.text(name)

    def own_json(self, name: str) -> Fact[Any]:
        """Return the same as the value that its JSON text stands for; *unknown* where it is no JSON."""
        fact = self.own(name)
        if not fact.known or fact.absent:
            return fact
        try:
            return Fact.of(json.loads(fact.value))
        except ValueError as error:
            return Fact.unknown(f"what the own probe {name} printed is no JSON: {error}")

    def facts(self) -> dict[str, Fact[Any]]:
        """Return every fact that our own probes found, by name, those of the topics' records included."""
        found: dict[str, Fact[Any]] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Fact):
                found[item.name] = value
            elif is_dataclass(value) and item.name != "own_answers":
                found |= {part.name: getattr(value, part.name) for part in fields(value)}
        return found
