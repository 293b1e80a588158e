"""The guest's raw answers -> typed facts. Untrusted input: allow-listed, bounded, and wrong in one fact at most.

Damage in one probe's answer makes that probe's facts unknown, with the reason; it never raises. What no fact asks
for is dropped.
"""

from __future__ import annotations

from dataclasses import replace

from checks.facts import LinuxGuest, WindowsGuest
from runners.guest.script import RawAnswers
from runners.observe.guest_linux import parse_linux
from runners.observe.guest_own import parse_own
from runners.observe.guest_windows import parse_windows


def parse(platform: str, answers: RawAnswers) -> LinuxGuest | WindowsGuest:
    """Return the facts in `answers` of a `linux` or `windows` guest."""
    facts: LinuxGuest | WindowsGuest = parse_linux(answers) if platform == "linux" else parse_windows(answers)
    return replace(facts, own_answers=parse_own(platform, answers), probes=dict(answers.digests))
