"""The answers of a team's own probes -> `OwnAnswers`: text, never interpreted here."""

from __future__ import annotations

from checks.facts import Fact, OwnAnswers
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import reason


def parse_own(platform: str, answers: RawAnswers) -> OwnAnswers:
    """Return the facts of own probes. Never raises: a probe that failed or was cut is unknown, with the reason."""
    return OwnAnswers({name: _fact(platform, answers, name) for name in sorted(answers.own)})


def _fact(platform: str, answers: RawAnswers, name: str) -> Fact[str]:
    if name in answers.cut:
        return Fact.unknown(f"the own probe {name} printed more than can be sent (64 KiB)")
    text = answers.answers[name].decode("utf-8", errors="replace").replace("\r\n", "\n").rstrip("\n")
    if name in answers.failed:
        # On Linux what it printed until then says nothing; on Windows the text is the exception's.
        said = f": {reason(text)}" if platform == "windows" else f" with exit status {answers.failed[name]}"
        return Fact.unknown(f"the own probe {name} failed{said}")
    return Fact.of(text) if text else Fact.missing()
