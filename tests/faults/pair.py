"""Two faults in one run: cells that are drawn by lot, and strike one VM together."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import combinations

from tests.faults.campaign import Clean
from tests.faults.cell import Call, Cell, Family
from tests.faults.windows import FAMILIES

PAIRS = int(os.environ.get("SEALPROOF_PAIRS", "80"))
"""How many are drawn, half of them for each platform."""
SEED = int(os.environ.get("SEALPROOF_PAIRS_SEED", "7"))
"""What the lot begins with: the same seed and the same calls give the same pairs."""

TITLES = ("two of these, on Linux", "two of these, on Windows")

Blow = tuple[Family, Call]


def pairs(seen: Clean, title: str, count: int) -> Iterator[Cell]:
    """Return so many cells with two faults each, at different calls of a clean run. No pair comes twice."""
    blows = [(family, call) for family in FAMILIES for call in seen.calls if family.strikes(call)]
    possible = [pair for pair in combinations(blows, 2) if _apart(*pair)]
    for number, pair in enumerate(random.Random(SEED).sample(possible, min(count, len(possible)))):
        name = f"p{number:03}"
        where = " and ".join(f"{family.title} at {call}" for family, call in pair)
        yield Cell(name, title, where, tuple(family.document(call, name) for family, call in pair))


def _apart(one: Blow, other: Blow) -> bool:
    """Return whether each leaves the other its call."""
    if one[1].operation != other[1].operation:
        return True
    return one[1] != other[1] and not any(family.onwards or family.calls > 1 for family, _ in (one, other))
