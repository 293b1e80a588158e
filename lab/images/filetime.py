"""FILETIME: 100 ns since 1601-01-01 UTC, as NTFS and the registry write time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def filetime(moment: datetime) -> int:
    """Return `moment`, which must know its time zone, as a FILETIME. Raises `ValueError` where it does not."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; a FILETIME counts from a moment in UTC")
    return (moment - _EPOCH) // timedelta(microseconds=1) * 10
