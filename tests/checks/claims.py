"""A table of claims about checks: each row says what a check answers to an observation.

Every check has at least one row of each kind: clean, dirty, absent (looked, not there) and unknown (could not look).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import Observation
from checks.judgement import judge

Kind = Literal["clean", "dirty", "absent", "unknown"]
KINDS: tuple[Kind, ...] = ("clean", "dirty", "absent", "unknown")


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of Sealproof's own checks."""
    return Catalogue.from_modules(builtin_modules())


@dataclass(frozen=True)
class Claim:
    """One row: `check` answers `outcome` to `observation`, and its problems or its reason name `names`."""

    kind: Kind
    check: str
    case: str
    observation: Observation
    outcome: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.check}: {self.case}: {self.outcome}"

    def verify(self) -> None:
        """Judge, and compare."""
        judgement = judge(catalogue()[self.check], self.observation)
        assert judgement.outcome == self.outcome, f"{judgement.outcome}: {judgement.problems} {judgement.reason}"
        told = " ".join(f"{item.where}: {item.observed} / {item.expected};" for item in judgement.problems)
        for name in self.names:
            assert name in told + judgement.reason
        if self.outcome in ("failed", "warned"):
            assert told.count(";") >= len(self.names), f"one problem for each of {self.names}, got {told}"


def clean(check: str, case: str, observation: Observation) -> Claim:
    """A target that keeps the rule passes."""
    return Claim("clean", check, case, observation, "passed", ())


def dirty(check: str, case: str, observation: Observation, *names: str) -> Claim:
    """A target that breaks the rule fails (warns, for a warning), with one problem for each of `names`."""
    blocks = catalogue()[check].metadata.severity == "blocker"
    return Claim("dirty", check, case, observation, "failed" if blocks else "warned", names)


def absent(check: str, case: str, observation: Observation, outcome: str, *names: str) -> Claim:
    """What the rule asks about was looked for and is not there; `outcome` is what that means."""
    return Claim("absent", check, case, observation, outcome, names)


def unknown(check: str, case: str, observation: Observation, *names: str) -> Claim:
    """Nobody could look: undetermined, never passed."""
    return Claim("unknown", check, case, observation, "undetermined", names)
