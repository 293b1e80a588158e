"""The receipt of a launch that never ended. Pure."""

from __future__ import annotations

from checks.facts import Receipt


def hung_receipt(minutes: float, launched_as: str) -> Receipt:
    """Return the receipt of a guest that was still running when its deadline passed."""
    return Receipt("hung", f"the guest was still running {minutes:g} minutes after the launch", launched_as)
