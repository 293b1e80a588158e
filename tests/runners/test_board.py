"""Rows and records are there for whoever waits, from any thread, and only the newest observation revises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, TypeVar

import pytest

from reports.evidence import Result
from runners.board import Board
from tests.reports.samples import row, target

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> Callable[[], T]:
    """Start `work` in a thread; the answer waits for it and fails if it does not end."""
    found: list[T] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()

    def result() -> T:
        thread.join(timeout=10)
        assert not thread.is_alive(), "it still waits"
        return found[0]

    return result


def test_a_row_that_is_there_is_returned_at_once() -> None:
    board = Board()
    board.post([row("AZ-LOCK-001", "web")])

    assert board.row("AZ-LOCK-001", "web").outcome == "passed"


def test_who_asks_early_waits_for_the_row() -> None:
    board = Board()
    waiting = in_thread(lambda: board.row("AZ-LOCK-001", "web"))

    board.post([row("AZ-LOCK-001", "db"), row("LNX-AGENT-001", "web")])
    board.post([row("AZ-LOCK-001", "web", "failed")])

    assert waiting().outcome == "failed"


def test_who_asks_early_waits_for_the_record_of_a_target() -> None:
    board = Board()
    waiting = in_thread(lambda: board.target("web"))

    board.finish(target("db"))
    board.finish(target("web"))

    assert waiting().name == "web"


def remedied(outcome: Literal["failed", "passed"]) -> Result:
    return row("WIN-DISK-001", "web", outcome, remedied_by="prepare")


def test_a_failure_that_the_preparation_removes_is_waited_for_until_it_was_judged_again() -> None:
    board = Board()
    board.post([remedied("failed"), row("AZ-LOCK-001", "web")])
    waiting = in_thread(lambda: board.row("WIN-DISK-001", "web"))

    assert board.row("AZ-LOCK-001", "web").outcome == "passed"
    board.post([remedied("passed")], revise=True)

    assert waiting().outcome == "passed"


def test_a_failure_that_stays_is_shown_when_the_target_is_through() -> None:
    board = Board()
    board.post([remedied("failed")])
    waiting = in_thread(lambda: board.row("WIN-DISK-001", "web"))

    board.finish(target("web"))

    assert waiting().outcome == "failed"


def test_many_may_wait_for_one_row() -> None:
    board = Board()
    waiting = [in_thread(lambda: board.row("AZ-LOCK-001", "web")) for _ in range(8)]
    board.post([row("AZ-LOCK-001", "web")])

    assert {answer().target for answer in waiting} == {"web"}


def test_a_row_that_a_finished_target_does_not_have_is_an_error_and_no_endless_wait() -> None:
    board = Board()
    board.finish(target("web"))

    with pytest.raises(KeyError):
        board.row("AZ-LOCK-001", "web")


def test_the_first_judgement_stays() -> None:
    board = Board()
    board.post([row("AZ-LOCK-001", "web", "failed")])
    board.post([row("AZ-LOCK-001", "web", "passed")])

    assert board.row("AZ-LOCK-001", "web").outcome == "failed"


def test_a_newer_observation_revises_its_rows_and_no_others() -> None:
    board = Board()
    board.post([row("AZ-LOCK-001", "web"), row("AZ-LOCK-001", "db")])
    board.post([row("AZ-LOCK-001", "web", "failed")], revise=True)

    assert [item.outcome for item in board.rows()] == ["passed", "failed"]


def test_rows_are_sorted_by_target_and_check() -> None:
    board = Board()
    board.post([row("LNX-AGENT-001", "web"), row("AZ-LOCK-001", "web"), row("LNX-AGENT-001", "db")])

    assert [(item.target, item.check) for item in board.rows()] == [
        ("db", "LNX-AGENT-001"),
        ("web", "AZ-LOCK-001"),
        ("web", "LNX-AGENT-001"),
    ]
    assert [item.check for item in board.rows_of("web")] == ["AZ-LOCK-001", "LNX-AGENT-001"]
    assert board.rows_of("nobody") == ()


def test_a_target_is_finished_once_its_record_is_there_and_not_by_its_rows() -> None:
    board = Board()
    board.post([row("AZ-LOCK-001", "web")])
    assert not board.finished("web")

    board.finish(target("web"))

    assert board.finished("web")
    assert not board.finished("db")


class Impatient:
    """An audience that presses Ctrl-C as soon as it waits."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def waiting(self) -> None:
        self.told.append("waiting")
        raise KeyboardInterrupt

    def over(self) -> None:
        self.told.append("over")


def test_who_is_interrupted_while_waiting_waits_no_more() -> None:
    board = Board()
    board.audience = audience = Impatient()

    with pytest.raises(KeyboardInterrupt):
        board.target("web")

    assert audience.told == ["waiting", "over"]
