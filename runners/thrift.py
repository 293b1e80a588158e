"""What pytest keeps of each item, and nobody asks for: a fleet of 1,000 targets has more than 100,000 items."""

from __future__ import annotations

import gc
from collections.abc import Generator
from typing import Any

import pytest

from runners.items import phase_of, target_of


class Thrift:
    """Lets equal parts of items be one, and lets go of what is over.

    pytest's own summary keeps the reports of setups and teardowns for `--durations` alone.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._specs: dict[tuple[str, int], object] = {}
        self._no_keywords: set[str] = set()
        self._nothing: list[Any] = []
        if config.pluginmanager.has_plugin("nfplugin") and not config.option.newfirst:
            # It keeps the id of every item that there ever was, for --new-first alone: the VMs of each release.
            config.pluginmanager.unregister(name="nfplugin")

    @pytest.hookimpl(trylast=True)
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Let all items of a target have one specification of it, where theirs are equal, and one empty set."""
        if isinstance(item, pytest.Function) and phase_of(item) and target_of(item):
            key = target_of(item), item.callspec.indices["target"]
            spec = self._specs.setdefault(key, item.callspec)
            if spec == item.callspec:
                item.callspec = spec
            if not item.extra_keyword_matches:
                item.extra_keyword_matches = self._no_keywords

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Let the garbage collector leave the items alone: it would clean up too rarely, and look at all each time."""
        gc.freeze()

    def pytest_unconfigure(self) -> None:
        """Leave the process as it was: it may be somebody else's, too."""
        gc.unfreeze()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let go of what plugins kept with one of our items while it ran, attempts of pytest-rerunfailures included."""
        told = yield
        if phase_of(item):
            # Emptied as it is: the item itself has it under another name as well.
            pytest.Stash.__init__(item.stash)
        return told

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Forget the report that was just told, or its keywords, if it is one that nobody shows."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if not report.passed or terminal is None:
            return
        kept = terminal.stats.get("")
        if report.when == "call":
            report.keywords = {}
            report.sections = report.sections or self._nothing
            report.user_properties = report.user_properties or self._nothing
        elif kept and kept[-1] is report and self._config.option.durations is None:
            kept.pop()
