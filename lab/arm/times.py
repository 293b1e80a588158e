"""Times as Azure writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


def fine(moment: datetime) -> str:
    """Return `2024-08-26T05:57:37.4406180+00:00`: seven digits, as operations and statuses carry."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")


def coarse(moment: datetime) -> str:
    """Return `2024-08-26T05:57:05+00:00`, as the agent's status carries."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def http(moment: datetime) -> str:
    """Return `Mon, 26 Aug 2024 05:57:05 GMT`."""
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def wordy(seconds: float) -> str:
    """Return `8/26/2024 5:57:05 AM` for a time in seconds since 1970, as the refusal of an expired token says it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.month}/{moment.day}/{moment.year} {moment.hour % 12 or 12}:{moment:%M:%S %p}"
