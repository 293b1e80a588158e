"""When a call that Azure could not answer is made again. Pure, but for the dice that it is given."""

from __future__ import annotations

import random
from collections.abc import Callable

from runners.errors import AgainError

TRIES = 10
UNHEARD_TRIES = 4
"""How often a call is made that got no answer at all."""
UPDATE_TRIES = 5
"""How often a call is made that is an update of its VM. Azure allows 12 in a burst, and a whole run does with them."""
PATIENCE_SECONDS = 1800.0
"""How long one call may be kept waiting in all."""
ACT_PATIENCE_SECONDS = 60.0
"""How long one that acts may wait to be sent at all: what it rests on was looked at just before."""
_BACKOFF, _BACKOFF_OF_UPDATES, _LONGEST = 0.8, 5.0, 60.0


def seconds_before(
    error: AgainError, tries: int, waited: float, dice: Callable[[float, float], float] = random.uniform
) -> float | None:
    """Return how long to wait before the call is made again after its `tries` tries; None where it is not.

    `waited`: seconds that it was kept waiting already. Nobody comes earlier than Azure asks, and not all at once.
    """
    counted = error.update and error.status != 429  # what was throttled is none of the updates that Azure took
    if error.seconds:
        wait = error.seconds + dice(0.0, min(error.seconds * 0.1, 5.0))
    else:
        first = _BACKOFF_OF_UPDATES if counted else _BACKOFF
        wait = min(first * 2.0 ** (tries - 1), _LONGEST) * dice(0.75, 1.25) if tries > 1 else 0.0
    most = UNHEARD_TRIES if error.status == 0 else UPDATE_TRIES if counted else TRIES
    over = tries >= most or waited + wait > (ACT_PATIENCE_SECONDS if error.once else PATIENCE_SECONDS)
    return None if over else wait
