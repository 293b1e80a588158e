"""What holds for our own tests alone."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let a warning fail a test of ours. Users' runs keep pytest's own treatment of warnings."""
    if item.path.is_relative_to(HERE):
        item.add_marker(pytest.mark.filterwarnings("error"), append=False)
