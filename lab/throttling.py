"""How strict the lab is about Azure's limits on calls."""

from __future__ import annotations

from pydantic import Field

from lab.strict import Strict


class Throttling(Strict):
    """Throttling of Compute's token buckets."""

    enforced: bool = False
    """Whether an empty bucket refuses (429) instead of only being shown in the headers."""
    buckets: dict[str, int] = Field(default_factory=dict)
    """Sizes other than Azure's own, by label, such as {UpdateVMResource: 3}."""
    refill_seconds: float = Field(default=180, gt=0)
    """How long an empty bucket takes until it is full again; those that end in 30Min take ten times as long."""
