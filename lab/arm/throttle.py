"""Compute's token buckets: what every call takes from them, what is left, and the refusal of an empty one.

Buckets and their sizes are recorded right after one call (facts of the control plane); that each refills within some
three minutes (those named 30Min: thirty) is our own reading.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.arm import errors
from lab.throttling import Throttling

_BUCKETS: dict[str, tuple[tuple[str, int], ...]] = {
    "UpdateVM": (("UpdateVMSubscriptionMaximum", 1500), ("UpdateVMResource", 12)),
    "DeleteVM": (("DeleteVMSubscriptionMaximum", 1500), ("DeleteVMResource", 12)),
    "LowCostGet": (("LowCostGetSubscriptionMaximum", 24000), ("LowCostGetResource", 36)),
    "GetOperation": (("GetOperationResource", 45), ("GetOperationSubscriptionMaximum", 15000)),
    "HighCostGet": (("HighCostGetSubscriptionMaximum", 1800),),
    "CreateImages": (("CreateImagesSubscriptionMaximum", 60),),
    "DeleteImages": (("DeleteImagesSubscriptionMaximum", 120),),
    "GetImages": (("GetImagesSubscriptionMaximum", 360),),
    "HighCostGetImages": (("HighCostGetImagesSubscriptionMaximum", 90),),
    "DiskGet": (("LowCostGet3Min", 15000), ("LowCostGet30Min", 120000)),
    "DiskList": (("HighCostGet3Min", 240), ("HighCostGet30Min", 1920)),
    "DiskAccess": (("HighCostSnapshotCreateHydrate3Min", 1000), ("HighCostSnapshotCreateHydrate30Min", 8000)),
    "DiskGetOperation": (("GetOperation3Min", 50000), ("GetOperation30Min", 400000)),
}


def bucket_labels() -> tuple[str, ...]:
    """Return the labels of all buckets, as Azure's headers have them."""
    return tuple(sorted({label for buckets in _BUCKETS.values() for label, _ in buckets}))


@dataclass
class Throttle:
    """What is left in each bucket of one subscription."""

    rules: Throttling
    clock: Callable[[], float] = time.monotonic
    _levels: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def take(self, bucket: str, resource: str) -> None:
        """Count one call against `bucket`; an empty name counts nothing.

        Raises Azure's 429, with the seconds until the next call is possible, where the scenario enforces its limits and
        one of the buckets is empty. A call that is refused takes nothing.
        """
        buckets = self._buckets(bucket, resource)
        if self.rules.enforced:
            waits = [(self._wait(label, key, size), label, size) for label, key, size in buckets]
            seconds, label, size = max(waits, default=(0.0, "", 0))
            if seconds > 0:
                raise errors.too_many_requests(label, size, size + 1, math.ceil(seconds))
        for label, key, size in buckets:
            self._levels[label, key] = (max(0.0, self._level(label, key, size) - 1), self.clock())

    def headers(self, bucket: str, resource: str, *, method: str) -> dict[str, str]:
        """Return what Azure would say is left."""
        headers = {"x-ms-ratelimit-remaining-subscription-global-reads": "3749"}
        if method != "GET":
            kind = "deletes" if method == "DELETE" else "writes"
            headers = {
                f"x-ms-ratelimit-remaining-subscription-{kind}": "199",
                f"x-ms-ratelimit-remaining-subscription-global-{kind}": "2999",
            }
        left = [
            f"Microsoft.Compute/{label};{int(self._level(label, key, size))}"
            for label, key, size in self._buckets(bucket, resource)
        ]
        return headers | ({"x-ms-ratelimit-remaining-resource": ",".join(left)} if left else {})

    def _buckets(self, bucket: str, resource: str) -> list[tuple[str, str, int]]:
        """Return label, whose it is (empty: the subscription's) and size of the buckets behind one name."""
        return [
            (label, resource if label.endswith("Resource") else "", self.rules.buckets.get(label, size))
            for label, size in _BUCKETS.get(bucket, ())
        ]

    def _level(self, label: str, key: str, size: int) -> float:
        level, since = self._levels.get((label, key), (float(size), self.clock()))
        return min(float(size), level + (self.clock() - since) * size / self._refill(label))

    def _wait(self, label: str, key: str, size: int) -> float:
        """Return how many seconds the bucket needs until one call fits."""
        return max(0.0, 1 - self._level(label, key, size)) * self._refill(label) / max(size, 1)

    def _refill(self, label: str) -> float:
        return self.rules.refill_seconds * (10 if label.endswith("30Min") else 1)
