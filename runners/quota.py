"""What Azure still grants one subscription, as its answers say: who asks anything of it shares this.

Azure counts reads and writes apart, and says after each call what is left (`x-ms-ratelimit-remaining-*`) and, once it
refuses, for how long (`Retry-After`). A fleet that goes on asking meanwhile only keeps its buckets empty.
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from azure.core.exceptions import AzureError as SdkError
from azure.core.pipeline.policies import SansIOHTTPPolicy

from runners.retry_after import retry_after

RESERVE = 5
"""With so few calls left in a bucket of the subscription, the fleet slows down."""
EASE_SECONDS = 2.0
"""For how long it then asks nothing."""
_FIRST_SECONDS, _MOST_SECONDS = 1.0, 60.0
"""How long a refusal holds that says nothing of it: doubled with each in a row."""
_LEFT = re.compile(r"(?:^|[,/])([A-Za-z0-9-]+);(\d+)")
# such as `Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;35`


class HeldError(SdkError):
    """Nothing was sent: Azure grants this subscription no such call for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Azure grants this subscription no more calls for {seconds:.1f} s; nothing was sent")
        self.seconds = seconds


class Quota:
    """What one subscription may still ask. Any thread may use it; nobody waits in it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._refusals: dict[str, int] = {}

    def wait(self, method: str) -> float:
        """Return for how many seconds no such call is to be made; 0 where one may be."""
        with self._lock:
            return max(0.0, self._until.get(_kind(method), 0.0) - self._clock())

    def hear(self, method: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer. A bucket of one VM alone (`...Resource`) holds up nobody else."""
        kind = _kind(method)
        with self._lock:
            if status != 429:
                self._refusals[kind] = 0
                if _scarce(headers):
                    self._hold(kind, EASE_SECONDS)
            elif not _of_one_resource(headers):
                self._refusals[kind] = self._refusals.get(kind, 0) + 1
                self._hold(kind, retry_after(headers) or self._doubled(kind))

    def _hold(self, kind: str, seconds: float) -> None:
        self._until[kind] = max(self._until.get(kind, 0.0), self._clock() + seconds)

    def _doubled(self, kind: str) -> float:
        return min(_FIRST_SECONDS * 2.0 ** min(self._refusals[kind] - 1, 10), _MOST_SECONDS)


class QuotaPolicy(SansIOHTTPPolicy[Any, Any]):
    """Sends nothing while the subscription's quota is used up, and learns from every answer."""

    def __init__(self, quota: Quota) -> None:
        super().__init__()
        self._quota = quota

    def on_request(self, request: Any) -> None:
        """Raise `HeldError` where no such call is granted now."""
        seconds = self._quota.wait(request.http_request.method)
        if seconds > 0:
            raise HeldError(seconds)

    def on_response(self, request: Any, response: Any) -> None:
        """Learn what is left."""
        answer = response.http_response
        self._quota.hear(request.http_request.method, answer.status_code, answer.headers)


def _kind(method: str) -> str:
    return "read" if method.upper() in ("GET", "HEAD") else "write"


def _left(headers: Mapping[str, str]) -> dict[str, int]:
    """Return what is left, by the bucket's name."""
    left = {label: int(count) for label, count in _LEFT.findall(headers.get("x-ms-ratelimit-remaining-resource") or "")}
    for name in headers:
        text = str(headers[name])
        if name.lower().startswith("x-ms-ratelimit-remaining-subscription-") and text.isascii() and text.isdigit():
            left[name.lower()] = int(text)
    return left


def _scarce(headers: Mapping[str, str]) -> bool:
    return any(count <= RESERVE for label, count in _left(headers).items() if not label.endswith("Resource"))


def _of_one_resource(headers: Mapping[str, str]) -> bool:
    empty = [label for label, count in _left(headers).items() if count == 0]
    return bool(empty) and all(label.endswith("Resource") for label in empty)
