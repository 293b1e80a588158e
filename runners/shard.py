"""A share of a fleet: what one of several jobs of a CI system's matrix takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from runners.errors import UsageError
from runners.fleet import Fleet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shard:
    """The `number`-th of `of` shares, counted from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return what `3/8` says. Raises `UsageError`."""
        found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
        shard = cls(int(found[1]), int(found[2])) if found else cls(0, 0)
        if not 1 <= shard.number <= shard.of:
            raise UsageError(f"--shard {text}: give the share and how many there are, from 1/1 on: --shard=3/8.")
        return shard

    def share(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return every `of`-th item, from the `number`-th on: the same share of the same fleet file in every job."""
        return tuple(items[self.number - 1 :: self.of])

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def shared(fleet: Fleet, shard: Shard | None) -> Fleet:
    """Return the share of the fleet that this run takes. Raises `UsageError` where nothing is left for it."""
    if shard is None or fleet.selectors:  # what is still to be found belongs to nobody yet
        return fleet
    targets = shard.share(fleet.targets)
    if not targets:
        raise UsageError(
            f"--shard {shard}: nothing is left for this share of {len(fleet.targets)} target(s). Use as many shares as "
            "there are targets, or fewer."
        )
    return fleet.model_copy(update={"targets": targets})
