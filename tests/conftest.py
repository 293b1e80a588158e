"""What holds for our own tests alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is says nothing about whether the code is right.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

HERE = Path(__file__).parent


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let a warning fail a test of ours. Users' runs keep pytest's own treatment of warnings."""
    if item.path.is_relative_to(HERE):
        # A connection that the lab drops on purpose is left by urllib3 to whoever collects garbage, at any time.
        dropped = "ignore:unclosed <ssl.SSLSocket:ResourceWarning"
        item.add_marker(pytest.mark.filterwarnings("error", dropped), append=False)
