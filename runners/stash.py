"""Where pytest's config keeps the run of its session, for all parts of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from runners.session import RunSession

SESSION: pytest.StashKey[RunSession] = pytest.StashKey()


def session_of(config: pytest.Config) -> RunSession:
    """Return the run of this pytest session."""
    return config.stash[SESSION]
