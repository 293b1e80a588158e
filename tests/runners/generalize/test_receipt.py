"""The receipt of a guest that never stopped."""

from __future__ import annotations

from checks.facts import Receipt
from runners.generalize.receipt import hung_receipt


def test_a_hung_receipt_says_how_long() -> None:
    assert hung_receipt(7.5, "root") == Receipt(
        "hung", "the guest was still running 7.5 minutes after the launch", "root"
    )
