"""Which parts there are, in the order in which they are measured and shown: the file of each, and its heading."""

from __future__ import annotations

PARTS = {
    "startup": "Collecting and start-up",
    "rendering": "Reports of a large fleet",
    "disk": "The stopped disk",
    "facts": "The facts of one VM",
    "observing": "A fleet, only observed",
    "fleets": "Fleets",
}
