"""A plugin that counts, at the end of a run, what pytest still keeps of its items. It writes `watched.json`."""

from __future__ import annotations

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
        "kept by items": sum(len(item.stash) for item in items),
        "reports of setups and teardowns": len(stats.get("", [])),
        "passed": len(passed),
        "keywords of passed": sum(len(report.keywords) for report in passed),
    }
    Path("watched.json").write_text(json.dumps(counts), encoding="utf-8")
