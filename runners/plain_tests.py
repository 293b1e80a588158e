"""A team's plain tests as pytest items: one for each target where it asks for `host` or `target`, and what each says.

They are functions `test_*` in files `test_*.py` below a folder given by --checks. What they say is counted by
`runners.votes`; this file only tells it which there are, which of them pytest will run, and how each ended.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from runners.custom_checks import plain_test_files
from runners.errors import SealproofError
from runners.findings import Findings
from runners.fleet import Target
from runners.guest.host import host_for
from runners.items import resolved, target_of
from runners.votes import Outcome, PlainTest, Votes

_PARAMETER = "_testinfra_host"
"""What testinfra's own fixture `host` returns: the fixture whose parameter is the host."""
_REASON_LIMIT = 200
NOT_IN_CONFIRM = "Plain tests are left out in mode confirm: a sealed VM must not run, so it can't be asked."


class PlainTests:
    """The plain tests below some folders. A pytest plugin: it sees each test before anything can leave it out."""

    def __init__(
        self, folders: Sequence[Path], targets: Sequence[Target], findings: Callable[[], Findings | None]
    ) -> None:
        self._names = {file.resolve(): _name(folder, file) for folder in folders for file in plain_test_files(folder)}
        self._targets = {target.name: target for target in targets}
        self._items: list[pytest.Item] = []
        self._broken: set[Path] = set()
        self._findings = findings
        # One for each target, not each test: testinfra asks a host once what system it is, which takes three commands.
        self._hosts = {name: _LazyHost(self._host_maker(name)) for name in self._targets}

    def __contains__(self, item: object) -> bool:
        """Return whether a collected node is, or is in, a file of plain tests."""
        return isinstance(item, pytest.Item | pytest.Collector) and resolved(item.path) in self._names

    def __len__(self) -> int:
        return len(self._names)

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item for each target, with testinfra's `host` bound to it."""
        names, targets = metafunc.fixturenames, list(self._targets)
        if metafunc.definition not in self:
            return
        if not {_PARAMETER, "target", "generalized"} & set(names):
            return
        names.extend(["target"] if "target" not in names else [])
        if _PARAMETER in names:
            hosts = [(self._hosts[target], target) for target in targets]
            metafunc.parametrize((_PARAMETER, "target"), hosts, ids=targets, indirect=[_PARAMETER], scope="module")
            # Or testinfra's own hook would do it again, for the hosts that it knows of.
            names.remove(_PARAMETER)
        else:
            metafunc.parametrize("target", targets, ids=targets, scope="module")

    def _host_maker(self, name: str) -> Callable[[], Host]:
        def make() -> Host:
            findings = self._findings()
            assert findings is not None
            try:
                platform = findings.platform(name)
            except SealproofError as error:
                pytest.fail(str(error), pytrace=False)
            if platform not in ("linux", "windows"):
                pytest.fail(f"{name} was not observed, so nobody knows how to ask its guest", pytrace=False)
            channel = self._targets[name].channel
            return host_for(channel, lambda script: findings.run(name, platform, script), platform, name=name)

        return make

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Remember what there is. As the innermost wrapper this sees what --lf takes away around it."""
        report = yield
        if collector in self:
            if report.failed:
                self._broken.add(collector.path.resolve())
            self._items += [node for node in report.result or () if isinstance(node, pytest.Item)]
        return report

    def planned(self, items: Sequence[pytest.Item]) -> tuple[PlainTest, ...]:
        """Return all plain tests there are; those that are not among `items` are left out of this run."""
        kept = {id(item) for item in items}
        found = []
        for item in self._items:
            name = f"{self._names[item.path.resolve()]}::{item.nodeid.partition('::')[2]}"
            left_out = "" if id(item) in kept else "the command line, or a plugin, left it out of this run"
            found.append(PlainTest(item.nodeid, name, target_of(item), left_out))
        collected = {(item.path.resolve(), _first_name(item)) for item in self._items}
        for file, name in sorted(self._names.items()):
            if file in self._broken:
                found.append(PlainTest(str(file), name, "", "the file could not be collected"))
            found += [
                PlainTest(f"{file}::{function}", f"{name}::{function}", "", "it was not collected in this run")
                for function in _functions(file)
                if (file, function) not in collected
            ]
        return tuple(found)


class _LazyHost:
    """testinfra's host of a target, made when a test first uses it: collecting reaches nobody."""

    def __init__(self, make: Callable[[], Host]) -> None:
        self._make = make
        self._host: Host | None = None

    def __getattr__(self, name: str) -> Any:
        if self._host is None:
            self._host = self._make()
        return getattr(self._host, name)


class Ballot:
    """Turns pytest's reports into votes."""

    def __init__(self, votes: Votes) -> None:
        self._votes = votes
        self._called: set[str] = set()

    def take(self, report: pytest.TestReport) -> None:
        """Take a report. A test has passed when its call and then its teardown did, with no other word in between."""
        if report.passed and not hasattr(report, "wasxfail"):
            if report.when == "call":
                self._called.add(report.nodeid)
            elif report.when == "teardown" and report.nodeid in self._called:
                self._votes.vote(report.nodeid, "passed")
            return
        self._votes.vote(report.nodeid, _outcome(report), _reason(report))


def _outcome(report: pytest.TestReport) -> Outcome:
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    if report.failed:
        return "failed"
    # pytest-rerunfailures gives a report an outcome of its own.
    return "skipped" if report.skipped else "rerun"


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    longrepr = report.longrepr
    if isinstance(longrepr, tuple):
        # (file, line, "Skipped: no such package here")
        return str(longrepr[2])
    crash = getattr(longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else longrepr or "").strip()
    return text.splitlines()[0][:_REASON_LIMIT] if text else ""


def _first_name(item: pytest.Item) -> str:
    # ../rules/test_ssh.py::test_port[win01-22] -> test_port; ...::TestPorts::test_port -> TestPorts
    return item.nodeid.partition("::")[2].partition("::")[0].partition("[")[0]


def _functions(file: Path) -> list[str]:
    """Return the tests at the top of a file by name, whether or not pytest collects them."""
    nodes = ast.iter_child_nodes(ast.parse(file.read_bytes(), str(file)))
    return [
        node.name
        for node in nodes
        if (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"))
        or (isinstance(node, ast.ClassDef) and node.name.startswith("Test"))
    ]


def _name(folder: Path, file: Path) -> str:
    return f"{folder.name}/{file.relative_to(folder).as_posix()}"
