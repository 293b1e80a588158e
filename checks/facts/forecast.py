"""What was foretold to survive the step (a part of the observation before it): types only."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact

SURVIVES: Fact[bool] = Fact.of(True)


@dataclass(frozen=True, slots=True)
class Foretold:
    """Something that identifies the source machine, and whether it will still be on the stopped disk."""

    check: str
    """The check that would find it there."""
    clean: str
    """The `clean` key that removes it; empty where none does."""
    what: str
    remedy: str
    survives: Fact[bool] = SURVIVES
    """Unknown where the guest could not say enough; it then counts as surviving, and can't turn out wrong."""
