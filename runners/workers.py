"""pytest-xdist: workers only show. The process that controls them drives the run, once all have collected alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import TypeAdapter

from runners.desk import Desk, DeskFindings, Telling
from runners.errors import UsageError
from runners.fleet import Target
from runners.items import EXECUTOR
from runners.options import WAYS_TO_START
from runners.session import RunSession

_INVITATION = "sealproof"
"""The key under which a worker finds, in what pytest-xdist hands to it, the way to the desk."""
_TARGETS = "sealproof-targets"
"""The key under which it finds the targets of a fleet that was to be found in Azure."""

_FLEET = TypeAdapter(tuple[Target, ...])


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is a worker of pytest-xdist, which starts nothing by itself."""
    return hasattr(config, "workerinput")


def distributes(config: pytest.Config) -> bool:
    """Return whether pytest-xdist will give the items of this process to workers. As pytest-xdist itself decides it."""
    option = config.option
    distributed = getattr(option, "dist", "no") != "no" and bool(getattr(option, "tx", None))
    return distributed and not is_worker(config) and not option.collectonly


def refuse_loops(config: pytest.Config) -> None:
    """Refuse what would run everything again and again, each time as a new session. Raises `UsageError`."""
    option = config.option
    if getattr(option, "looponfail", False) and (option.lab or option.fleet or option.target or option.select):
        raise UsageError("-f (--looponfail) would act on the targets again and again; leave it away.")


def refuse_ways_to_distribute(config: pytest.Config) -> None:
    """Refuse workers that could not ask this process, or would show everything twice. Raises `UsageError`."""
    if not distributes(config):
        return
    # popen, 4*popen
    foreign = [spec for spec in config.option.tx if spec.rpartition("*")[2] != "popen"]
    if foreign:
        raise UsageError(
            f"--tx {foreign[0]}: workers show what this process finds, and must run beside it. Use -n NUMBER."
        )
    if config.option.dist == "each":
        raise UsageError("--dist each shows everything once more for each worker; leave it away, or use --dist load.")


def findings_of_controller(config: pytest.Config) -> DeskFindings:
    """Return what a worker asks, which is the process that controls it. Raises `UsageError`, `DeskError`."""
    given: dict[str, Any] = config.workerinput  # type: ignore[attr-defined] # pytest-xdist's
    if _INVITATION not in given:
        raise UsageError("this worker was not told how to reach the process that drives the run, so it shows nothing.")
    return DeskFindings(given[_INVITATION], str(given["workerid"]))


def targets_of_controller(config: pytest.Config) -> tuple[Target, ...]:
    """Return what the process that controls this worker found in Azure: asked once, and the same everywhere."""
    given: dict[str, Any] = config.workerinput  # type: ignore[attr-defined] # pytest-xdist's
    return _FLEET.validate_json(given[_TARGETS])


class Workers:
    """The controller's hooks: who is there, what each collected, and the start, once, when all are ready."""

    def __init__(self, config: pytest.Config, run: RunSession) -> None:
        self._config = config
        self._run = run
        self._expected = 0
        self._tellings: dict[str, Telling] = {}
        self._ready: set[str] = set()
        self._started = False
        self._unseen: set[str] = set()
        """Items that no worker has reported on."""
        self._desk: Desk | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Close the desk before pytest-xdist waits for its workers: none may wait here for ever."""
        if self._unseen and self._run.engine is not None:
            # No worker is left, or was told to end: what nobody sees is not to be done.
            self._run.engine.launch_no_more(f"the run ended with {len(self._unseen)} items not shown")
        if self._desk is not None:
            self._desk.close()

    def pytest_xdist_setupnodes(self, specs: Sequence[object]) -> None:
        """Learn how many workers there will be, and open the desk for them."""
        self._expected = len(specs)
        if self._run.request.names_targets:
            try:
                self._desk = Desk(self._tellings.__setitem__, self._run.findings_for)
            except UsageError as error:
                raise pytest.UsageError(str(error)) from None

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a new worker, also one that replaces a dead one, where to ask."""
        if self._desk is not None:
            node.workerinput[_INVITATION] = self._desk.invitation
            if self._run.selected:
                node.workerinput[_TARGETS] = _FLEET.dump_json(self._run.fleet.targets).decode()
            self._run.votes.arrive(node.gateway.id)

    def pytest_testnodedown(self, node: Any) -> None:
        """A worker is gone, by itself or not."""
        self._run.votes.leave(node.gateway.id)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what was shown."""
        self._unseen.discard(report.nodeid)

    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        """Start the run when the last worker has collected, before pytest-xdist gives out the first item.

        What is started is what was told, so that must be what pytest-xdist is going to run.
        """
        if self._desk is None:
            if any(self._is_ours(name) for name in ids):
                raise pytest.UsageError(WAYS_TO_START)
            return
        if self._started:
            return
        name = node.gateway.id
        told = self._tellings.get(name)
        if told is None or told.ids != tuple(ids):
            raise pytest.UsageError(f"worker {name} runs other items than it told of, so nothing was started.{_REMEDY}")
        self._ready.add(name)
        if len(self._ready) < self._expected:
            return
        self._started = True
        self._unseen = set(ids)
        try:
            self._start([self._tellings[worker] for worker in sorted(self._ready)])
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None

    def _start(self, tellings: Sequence[Telling]) -> None:
        first = tellings[0]
        different = next((item for item in tellings if item != first), None)
        if different is not None:
            raise UsageError(
                f"the workers collected differently ({_difference(first, different)}), so nothing was started.{_REMEDY}"
            )
        if first.errors and not self._config.option.continue_on_collection_errors:
            raise pytest.Session.Interrupted(f"{first.errors} errors during collection")
        if first.shows:
            self._run.start(first.selection, first.tests)

    def _is_ours(self, node_id: str) -> bool:
        path = (self._config.rootpath / node_id.partition("::")[0]).resolve()
        return path == EXECUTOR or path in self._run.catalogue.files


_REMEDY = (
    " A plugin or a conftest.py chooses or orders items by chance or by the process's id: leave it away (-p no:NAME), "
    "or run without -n."
)


def _difference(one: Telling, other: Telling) -> str:
    if set(one.ids) != set(other.ids):
        return f"only one has {min(set(one.ids) ^ set(other.ids))}"
    return "in another order" if one.ids != other.ids else "with other errors or targets"
