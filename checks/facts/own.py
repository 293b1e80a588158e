"""What a team's own probes printed: facts as text, which evidence keeps as size and digest alone."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """The answers of own probes of one guest, by probe name."""

    texts: Mapping[str, Fact[str]] = field(default_factory=dict)

    def text(self, name: str) -> Fact[str]:
        """Return what the probe `name` printed, without the line ends at its end; see `Guest.own`."""
        if name in self.texts:
            return self.texts[name]
        near = difflib.get_close_matches(name, self.texts, n=3)
        sent = f"did you mean {' or '.join(near)}" if near else f"sent were {', '.join(self.texts) or 'none'}"
        return Fact.unknown(
            f"no own probe {name} was sent to this guest; {sent}? A probe is a file {name}.sh (Linux) or {name}.ps1 "
            f'(Windows) below --checks that a check names word for word: guest.own("{name}")'
        )

    def to_json(self) -> dict[str, Any]:
        """Return what evidence keeps: of each text its bytes as UTF-8 and their SHA-256; absent and unknown as ever."""
        return {name: _kept(fact) for name, fact in self.texts.items()}


def _kept(fact: Fact[str]) -> dict[str, Any]:
    if not fact.known or fact.absent:
        return fact.to_json()
    content = fact.value.encode("utf-8", "surrogatepass")
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
