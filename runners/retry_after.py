"""How long an HTTP answer asks to wait before anything is asked again."""

from __future__ import annotations

from collections.abc import Mapping


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds of a `Retry-After: 10`; 0 for no advice. ARM's real answers say 1 to 1,200.

    No advice is also a 0, which would mean to ask without end, and a date, which neither ARM nor a blob endpoint sends.
    """
    text = str(headers.get("retry-after") or headers.get("Retry-After") or "")
    # A superscript two is a digit to Python, and no number.
    return float(text) if text.isascii() and text.isdigit() else 0.0
