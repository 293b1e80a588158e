"""Names for targets that nobody named: they become file names and pytest ids, and each is there once."""

from __future__ import annotations

import re
from collections.abc import Collection


def plain_name(text: str, otherwise: str) -> str:
    """Return a name made of `text`; `otherwise` where nothing of it can stay."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text).strip("._-")[:64] or otherwise


def free_name(name: str, taken: Collection[str]) -> str:
    """Return `name`, with a number where it is among `taken`, which are in lower case: `web-2`."""
    number, free = 2, name
    while free.lower() in taken:
        free = f"{name[:58]}-{number}"
        number += 1
    return free
