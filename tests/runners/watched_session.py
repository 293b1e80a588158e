"""A plugin that counts, at the end of a run, what pytest still keeps of its items. It writes `watched.json`."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Count."""
    items = [item for item in session.items if isinstance(item, pytest.Function)]
    stats = session.config.pluginmanager.get_plugin("terminalreporter").stats  # type: ignore[union-attr]
    passed = stats.get("passed", [])
    counts = {
        "items": len(items),
        "specifications": len({id(item.callspec) for item in items}),
        "kept by items": sum(len(stash) for item in items for stash in _stashes(item)),
        "reports of setups and teardowns": len(stats.get("", [])),
        "passed": len(passed),
        "keywords of passed": sum(len(report.keywords) for report in passed),
        "lists of passed": len({id(kept) for report in passed for kept in (report.sections, report.user_properties)}),
    }
    Path("watched.json").write_text(json.dumps(counts), encoding="utf-8")


def _stashes(item: pytest.Item) -> list[pytest.Stash]:
    """Return what an item has of it, under any name."""
    return [held for held in gc.get_referents(item, item.__dict__) if isinstance(held, pytest.Stash)]
