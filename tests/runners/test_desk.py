"""Workers ask at the desk, wait for their answers, and learn at once when nobody is there any more."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from reports.evidence import Result, Target
from runners.board import Board
from runners.desk import Desk, DeskFindings, Telling
from runners.errors import AzureError, ChannelError, DeskError, UsageError
from runners.guest.channel import Output
from tests.reports.samples import row, target
from tests.runners.test_board import in_thread

TELLING = Telling(ids=("a", "b"), shows=True, selection=frozenset({("web", "any")}), tests=(), errors=0)


class Found(Board):
    """A board that also runs commands."""

    def run(self, target: str, platform: str, script: str) -> Output:
        if script == "no":
            raise AzureError("Azure refused it")
        return Output(f"{target} {platform} {script}", "")


class Controller:
    """The side of the desk that drives a run."""

    def __init__(self) -> None:
        self.board = Found()
        self.told: dict[str, Telling] = {}
        self.desk = Desk(self.told.__setitem__, lambda _worker: self.board)


@pytest.fixture
def controller() -> Iterator[Controller]:
    made = Controller()
    yield made
    made.desk.close()


@pytest.fixture
def worker(controller: Controller) -> Iterator[DeskFindings]:
    made = DeskFindings(controller.desk.invitation, "gw0")
    yield made
    made.close()


def test_what_a_worker_tells_arrives_before_it_goes_on(controller: Controller, worker: DeskFindings) -> None:
    worker.tell(TELLING)
    assert controller.told == {"gw0": TELLING}


def test_a_worker_waits_for_a_row_and_for_a_record(controller: Controller, worker: DeskFindings) -> None:
    waiting = in_thread(lambda: worker.row("AZ-LOCK-001", "web"))
    controller.board.post([row("AZ-LOCK-001", "web", "failed")])
    found: Result = waiting()
    assert found == row("AZ-LOCK-001", "web", "failed")
    record = in_thread(lambda: worker.target("web"))
    controller.board.finish(target("web"))
    answer: Target = record()
    assert answer == target("web")


def test_a_worker_runs_commands_where_the_controller_reaches_the_guest(
    controller: Controller, worker: DeskFindings
) -> None:
    controller.board.observe("web", "linux")
    assert worker.platform("web") == "linux"
    assert worker.run("web", "linux", "id") == Output("web linux id")
    with pytest.raises(ChannelError, match="Azure refused it"):
        worker.run("web", "linux", "no")


def test_one_worker_that_waits_keeps_no_other_waiting(controller: Controller, worker: DeskFindings) -> None:
    other = DeskFindings(controller.desk.invitation, "gw1")
    waiting = in_thread(lambda: worker.target("web"))
    controller.board.post([row("AZ-LOCK-001", "web")])
    assert other.row("AZ-LOCK-001", "web").outcome == "passed"
    other.close()
    controller.board.finish(target("web"))
    assert waiting().name == "web"


def test_who_waits_when_the_desk_closes_is_told_so(controller: Controller, worker: DeskFindings) -> None:
    asked = threading.Event()

    def ask() -> str:
        asked.set()
        with pytest.raises(DeskError) as lost:
            worker.target("web")
        return str(lost.value)

    waiting = in_thread(ask)
    asked.wait(10)
    controller.desk.close()
    assert "lost the process that drives the run" in waiting()


def test_nobody_is_served_without_the_key(controller: Controller) -> None:
    with pytest.raises(AuthenticationError):
        Client(controller.desk.invitation["address"], authkey=b"guessed")
    DeskFindings(controller.desk.invitation, "gw0").close()


def test_a_closed_desk_leaves_nothing_behind(controller: Controller) -> None:
    invitation = controller.desk.invitation
    controller.desk.close()
    assert not Path(invitation["address"]).parent.exists()
    with pytest.raises(DeskError):
        DeskFindings(invitation, "gw0")


def test_a_desk_closes_though_a_worker_has_only_just_come() -> None:
    # Whether the desk has noticed the worker yet is a matter of microseconds, so often enough to meet both.
    for _ in range(200):
        made = Controller()
        worker = DeskFindings(made.desk.invitation, "gw0")
        in_thread(made.desk.close)()
        with pytest.raises(DeskError):
            worker.target("web")
        worker.close()


def test_a_desk_closes_though_somebody_hangs_while_connecting(controller: Controller) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(controller.desk.invitation["address"])
        in_thread(controller.desk.close)()


def test_nothing_was_found_where_nothing_was_started() -> None:
    desk = Desk(lambda *_: None, lambda _worker: None)
    worker = DeskFindings(desk.invitation, "gw0")
    with pytest.raises(DeskError, match="never started"):
        worker.target("web")
    worker.close()
    desk.close()


def test_a_place_where_no_socket_can_be_is_a_mistake_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A socket's path has at most 107 bytes.
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with pytest.raises(UsageError, match="TMPDIR"):
        Desk(lambda *_: None, lambda _worker: None)
    assert not list(deep.iterdir())
