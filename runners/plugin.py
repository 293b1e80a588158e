"""Sealproof as a pytest plugin: options, collection and the start. What items then show is in `runners.showing`.

Thin: the work is done in the modules that it calls.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from pathlib import Path

import pytest

from checks.catalogue import ATTRIBUTE
from reports.text import line
from runners.arguments import recorded
from runners.desk import DeskFindings, Telling
from runners.ending import Ending
from runners.errors import DeskError, UsageError
from runners.items import EXECUTOR, ROOT, metadata_of, phase_of, resolved, selection_of
from runners.options import WAYS_TO_START, add_options
from runners.plain_tests import NOT_IN_CONFIRM, PlainTests
from runners.request import Request
from runners.resolution import stand_ins
from runners.session import RunSession
from runners.stash import SESSION, session_of
from runners.thrift import Thrift
from runners.workers import (
    Workers,
    distributes,
    findings_of_controller,
    is_worker,
    refuse_loops,
    refuse_ways_to_distribute,
    targets_of_controller,
)

SHOWING = "runners.showing"
pytest_plugins = [SHOWING]
PLAIN_TESTS = pytest.StashKey[PlainTests]()
_HERE = "this process"
"""What a process is called that shows its items itself, without workers."""
_TAKEN_AWAY = "-p no:{} would take away a part of Sealproof that the verdict needs; leave it away."
_LISTS = ("collectonly", "help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")
"""pytest's options, by destination, that run nothing: with them Azure is never asked."""
_ORDER = {"pre": 1, "executor": 2, "post": 3}


# Options and configuration


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Refuse what pytest-xdist would do before it configures anything."""
    try:
        refuse_loops(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_configure(config: pytest.Config) -> None:
    """Load the catalogue and the fleet, so that every mistake shows before anything is collected or contacted."""
    if not __debug__:
        raise pytest.UsageError("refused under python -O: it strips assert statements, and checks would pass unseen.")
    try:
        request = Request.of(config)
        if request.names_targets:
            refuse_ways_to_distribute(config)
            _refuse_to_skip_calls(config)
            config.pluginmanager.register(Thrift(config), "sealproof-thrift")
        run = RunSession(request, recorded(config.invocation_params.args, vars(config.option)))
        config.stash[SESSION] = run
        if run.fleet.selectors:
            _find(config, run)
        plain_tests = PlainTests(request.checks, run.fleet.targets, lambda: run.findings)
        config.stash[PLAIN_TESTS] = plain_tests
        if plain_tests and request.names_targets and request.mode != "confirm":
            _register(config, plain_tests, "sealproof-plain-tests")
        if not config.pluginmanager.has_plugin(SHOWING):
            raise UsageError(_TAKEN_AWAY.format(SHOWING))
        if is_worker(config):
            if request.names_targets:
                run.findings = desk = findings_of_controller(config)
                config.add_cleanup(desk.close)
        else:
            note = NOT_IN_CONFIRM if plain_tests and request.mode == "confirm" else ""
            _register(config, Ending(config, run, note), "sealproof-ending")
        if distributes(config):
            _register(config, Workers(config, run), "sealproof-workers")
    except (UsageError, DeskError) as error:
        raise pytest.UsageError(str(error)) from None
    if config.args_source is not config.ArgsSource.ARGS:
        # From another folder pytest would collect that folder; what we collect are the checks, wherever the user is.
        config.args = [str(ROOT / "checks"), *map(str, request.checks)]


def _find(config: pytest.Config, run: RunSession) -> None:
    """Let the fleet's queries be answered, unless pytest only lists items. A worker gets what its controller got."""
    if is_worker(config):
        run.take(run.fleet.model_copy(update={"targets": targets_of_controller(config), "selectors": ()}))
    elif any(getattr(config.option, name, None) for name in _LISTS):
        run.take(stand_ins(run.fleet))
    else:
        config.add_cleanup(run.close)
        run.resolve()


def _refuse_to_skip_calls(config: pytest.Config) -> None:
    option = config.option
    if option.setuponly or getattr(option, "setupplan", False):
        raise UsageError("--setup-only and --setup-plan show nothing of a target; --collect-only lists the items.")


def _register(config: pytest.Config, plugin: object, name: str) -> None:
    if config.pluginmanager.register(plugin, name) is None:
        raise UsageError(_TAKEN_AWAY.format(name))


# Collection: a check is an ordinary function, once for each target that it can apply to


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the files of the catalogue, which are named for their noun and not test_*.py."""
    if _is_ours(parent.config, file_path):
        return pytest.Module.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> list[pytest.Item] | None:
    """Leave out what is not to be shown here: imported checks, other phases, other platforms."""
    if session_of(collector.config).request.mode == "confirm" and collector in collector.config.stash[PLAIN_TESTS]:
        return []
    if not name.startswith("check_") and name != "executor":
        return None
    if not _is_ours(collector.config, collector.path) or not inspect.isfunction(obj):
        return []
    if resolved(Path(obj.__code__.co_filename)) != resolved(collector.path):
        return []
    run = session_of(collector.config)
    if run.request.names_targets and not run.shown_targets(getattr(obj, ATTRIBUTE, None)):
        return []
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item for each target."""
    run = session_of(metafunc.config)
    metadata = getattr(metafunc.function, ATTRIBUTE, None)
    if metadata is None and resolved(Path(metafunc.definition.path)) != EXECUTOR:
        return
    if run.request.names_targets:
        metafunc.fixturenames.append("target")
        names = run.shown_targets(metadata)
        metafunc.parametrize("target", names, ids=names)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order by phase, plain tests first, for whose votes gates wait. It is courtesy: nothing depends on it."""
    plain = config.stash[PLAIN_TESTS]
    items.sort(key=lambda item: 0 if item in plain else _ORDER.get(phase_of(item), 4))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark checks by phase, platform and severity, so that -m selects them."""
    metadata = metadata_of(item)
    if metadata is not None:
        for mark in (metadata.phase, metadata.platform, metadata.severity):
            if mark != "any":
                item.add_marker(_mark(mark))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Tell what queries found."""
    return [f"select {line(item.query)}: {item.count} VM(s)" for item in session_of(config).selected]


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Tell for what the queries stand in a list of items."""
    return [
        f"select {line(str(item.query))}: a list of items asks no Azure, so the query stands for the VMs it would find"
        for item in session_of(config).fleet.selectors
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the process that controls this worker what was collected, before pytest-xdist tells it of the items."""
    findings = session_of(session.config).findings
    if isinstance(findings, DeskFindings):
        findings.tell(_telling(session))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Start the engine, if there is anything to show. Nothing is started for --collect-only, by halves, by a worker."""
    option, run, telling = session.config.option, session_of(session.config), _telling(session)
    if is_worker(session.config) or option.collectonly or not telling.shows:
        return
    if telling.errors and not option.continue_on_collection_errors:
        return
    if not run.request.names_targets:
        raise pytest.UsageError(WAYS_TO_START)
    run.votes.arrive(_HERE)
    try:
        run.start(telling.selection, telling.tests)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    run.findings = run.findings_for(_HERE)
    if run.engine is not None and not distributes(session.config):
        from runners.live import audience  # rich takes a while, and only those who wait need it

        run.engine.board.audience = audience(session.config, run.engine.board.activities)


def _telling(session: pytest.Session) -> Telling:
    plain = session.config.stash[PLAIN_TESTS]
    asked = session_of(session.config).request.mode != "confirm"
    return Telling(
        ids=tuple(item.nodeid for item in session.items),
        shows=any(phase_of(item) or item in plain for item in session.items),
        selection=selection_of(session.items),
        tests=plain.planned(session.items) if asked else (),
        errors=session.testsfailed,
    )


@lru_cache
def _mark(name: str) -> pytest.MarkDecorator:
    """Return the mark of this name, the same for all items."""
    return getattr(pytest.mark, name)  # type: ignore[no-any-return]  # pytest.mark makes them as they are asked for


# Small questions


def _is_ours(config: pytest.Config, path: Path) -> bool:
    """Return whether a file holds checks of the catalogue, or is the executor's."""
    return resolved(path) == EXECUTOR or resolved(path) in session_of(config).catalogue.files
