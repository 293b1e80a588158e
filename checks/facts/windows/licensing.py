"""What the activation of Windows has left (probe `licensing`)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Licensing:
    """The licence of a Windows."""

    rearms_left: Fact[int]
    """How often the licence can still be rearmed: each generalization takes one."""
    skip_rearm: Fact[int]
    """`SkipRearm`: 1 where a generalization shall take none."""
    edition: Fact[str]
    """`EditionID`, such as `ServerDatacenter` or `ServerStandardEval`."""
