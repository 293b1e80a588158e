"""The throttling headers. The lab counts and tells what is left; it refuses nothing.

Buckets and their sizes are recorded right after one call (facts of the control plane); that each refills within some
three minutes is our own reading.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

_REFILL_SECONDS = 180

_BUCKETS: dict[str, tuple[tuple[str, int], ...]] = {
    "UpdateVM": (("UpdateVMSubscriptionMaximum", 1500), ("UpdateVMResource", 12)),
    "DeleteVM": (("DeleteVMSubscriptionMaximum", 1500), ("DeleteVMResource", 12)),
    "LowCostGet": (("LowCostGetSubscriptionMaximum", 24000), ("LowCostGetResource", 36)),
    "GetOperation": (("GetOperationResource", 45), ("GetOperationSubscriptionMaximum", 15000)),
    "HighCostGet": (("HighCostGetSubscriptionMaximum", 1800),),
    "DiskGet": (("LowCostGet3Min", 15000), ("LowCostGet30Min", 120000)),
    "DiskAccess": (("HighCostSnapshotCreateHydrate3Min", 1000), ("HighCostSnapshotCreateHydrate30Min", 8000)),
    "DiskGetOperation": (("GetOperation3Min", 50000), ("GetOperation30Min", 400000)),
}


@dataclass
class Throttle:
    """What is left in each bucket of one subscription."""

    _levels: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def headers(self, bucket: str, resource: str, *, write: bool) -> dict[str, str]:
        """Count one call against `bucket` and return what Azure would say is left. An empty name counts nothing."""
        headers = {"x-ms-ratelimit-remaining-subscription-global-reads": "3749"}
        if write:
            headers = {
                "x-ms-ratelimit-remaining-subscription-writes": "199",
                "x-ms-ratelimit-remaining-subscription-global-writes": "2999",
            }
        if bucket:
            left = (
                f"Microsoft.Compute/{label};{self._take(label, resource if label.endswith('Resource') else '', size)}"
                for label, size in _BUCKETS[bucket]
            )
            headers["x-ms-ratelimit-remaining-resource"] = ",".join(left)
        return headers

    def _take(self, label: str, resource: str, size: int) -> int:
        moment = time.monotonic()
        level, since = self._levels.get((label, resource), (float(size), moment))
        level = min(float(size), level + (moment - since) * size / _REFILL_SECONDS)
        level = max(0.0, level - 1)
        self._levels[label, resource] = (level, moment)
        return int(level)
