"""How strict the lab is about Azure's limits on calls."""

from __future__ import annotations

from pydantic import Field

from lab.strict import Strict


class Throttling(Strict):
    """Throttling of Compute's token buckets."""

    enforced: bool = False
    """Whether an empty bucket refuses (429) instead of only being shown in the headers."""
    buckets: dict[str, int] = Field(default_factory=dict)
    """Sizes other than Azure's own, by label such as `UpdateVMResource`."""
    refill_seconds: float = 180
