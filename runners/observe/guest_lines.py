"""The lines of a Linux probe, by key.

    distribution=debian                         a value
    ovf_name!absent                             looked, not there
    encrypted_volumes?/dev/sdb cannot be read   could not look
    password_fields+root locked                 one item of a list
    password_fields#1                           how many items the list has: another number means that it was cut

In values "\\\\" is a backslash and "\\n" a newline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import TypeAdapter

from checks.facts import Fact
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import reason, validated

T = TypeVar("T")

# password_fields+root locked
_LINE = re.compile(r"([a-z][a-z0-9_]{0,39})([=!?+#])(.*)")
# C:\\n is not a line end: the escapes are read from left to right
_ESCAPE = re.compile(r"\\(.)")


@dataclass(slots=True)
class Lines:
    """The lines of one probe, by key."""

    probe: str
    failure: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)
    strict: bool = False

    def fact(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the single value `key`."""
        missing: Fact[T] | None = self._elsewhere(key)
        if missing is not None:
            return missing
        values = self.values.get(key, [])
        if len(values) != 1:
            return Fact.unknown(f"the guest's probe {self.probe} printed {len(values)} values for {key} instead of one")
        return validated(adapter, values[0], key)

    def facts(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the list `key`; unknown where it has not as many items as its total says."""
        missing: Fact[T] | None = self._elsewhere(key)
        if missing is not None:
            return missing
        items, total = self.items.get(key, []), self.totals.get(key, "none")
        if str(len(items)) != total:
            return Fact.unknown(f"the list {key} was cut: {len(items)} items came, its total says {reason(total)}")
        return validated(adapter, items, key)

    def _elsewhere(self, key: str) -> Fact[T] | None:
        if self.failure:
            return Fact.unknown(self.failure)
        if key in self.unknown:
            return Fact.unknown(reason(self.unknown[key]))
        if key in self.absent:
            return Fact.missing()
        return None


def lines_of(answers: RawAnswers, probe: str) -> Lines:
    """Return the lines of a probe. Never raises: what is damaged makes facts unknown."""
    topic = Lines(probe)
    if probe in answers.cut:
        topic.failure = f"the guest's probe {probe} printed more than can be sent"
        return topic
    if probe not in answers.answers:
        topic.failure = f"the guest's probe {probe} was not sent"
        return topic
    for line in answers.answers[probe].decode(errors="replace").split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        key, sigil, text = found[1], found[2], _ESCAPE.sub(_unescape, found[3])
        match sigil:
            case "=":
                topic.values.setdefault(key, []).append(text)
            case "+":
                topic.items.setdefault(key, []).append(text)
            case "#":
                topic.totals[key] = text
            case "?":
                topic.unknown[key] = text
            case _:
                topic.absent.add(key)
    return topic


def _unescape(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
