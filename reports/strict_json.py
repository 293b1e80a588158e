"""JSON that can be read in one way only: no key twice, no NaN, no byte order mark, nothing that is not UTF-8."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def loads(data: bytes) -> Any:
    """Return the value. Raises ValueError that says what is wrong, also where it is nested beyond measure."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise ValueError("it begins with a byte order mark")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise ValueError(f"the key {key[:60]!r} is there twice")
        members[key] = value
    return members


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
