"""What a pytest item is about: a check of a target, the executor of a target, or neither."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checks.catalogue import ATTRIBUTE, Metadata

if TYPE_CHECKING:
    from runners.engine import Selection

ROOT = Path(__file__).resolve().parent.parent
EXECUTOR = ROOT / "checks" / "executor.py"


@lru_cache(maxsize=4096)
def resolved(path: Path) -> Path:
    """Return the path without links, for the files that hold items: each is asked for again and again."""
    return path.resolve()


def metadata_of(item: pytest.Item) -> Metadata | None:
    """Return what the check says about itself; None for anything but a check."""
    return getattr(getattr(item, "function", None), ATTRIBUTE, None)


def phase_of(item: pytest.Item) -> str:
    """Return the phase of a check's item, `executor`, or nothing for any other test."""
    metadata = metadata_of(item)
    if metadata is not None:
        return metadata.phase
    return "executor" if resolved(item.path) == EXECUTOR else ""


def target_of(item: pytest.Item) -> str:
    """Return the name of the target that the item is about; empty for one that is about none."""
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("target", "")) if callspec is not None else ""


def selection_of(items: Iterable[pytest.Item]) -> Selection:
    """Return what the selected items that depend on the step are about."""
    return frozenset((target_of(item), _platform_of(item)) for item in items if _is_behind_the_gate(item))


def _is_behind_the_gate(item: pytest.Item) -> bool:
    return phase_of(item) not in ("", "pre")


def _platform_of(item: pytest.Item) -> str:
    metadata = metadata_of(item)
    return metadata.platform if metadata is not None else "any"
