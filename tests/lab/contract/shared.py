"""Where the material from Azure lies: beside this repository."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[4] / "shared"


def material(part: str) -> Path:
    """Return the folder `part` of the shared material, or skip the test that asks for it."""
    folder = SHARED / part
    if not folder.is_dir():
        pytest.skip(f"Azure's own material is not beside this repository ({folder})")
    return folder
