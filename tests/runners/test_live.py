"""What a person sees while a fleet is at work."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from runners.activity import Activities
from runners.board import Board
from runners.cli import ROOT
from runners.live import LINE_SECONDS, Lines, summary, table
from tests.reports.samples import target
from tests.runners.runs import ORDERED, scenario


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def activities(clock: Clock) -> Activities:
    activities = Activities(("web01", "web02", "win01"), clock)
    activities.tell("web01", "proven", "", over=True)
    clock.time = 10
    activities.tell("win01", "stopped", "wait until the guest is sealed")
    clock.time = 70
    activities.tell("web02", "launch", "start waagent")
    return activities


def test_a_fleet_in_one_line_names_those_who_took_longest(activities: Activities, clock: Clock) -> None:
    clock.time = 3700
    assert summary(activities.now(), clock.time) == (
        "1 of 3 through (1 proven), 1 launch, 1 stopped; longest: win01 1:01:30 wait until the guest is sealed; "
        "web02 1:00:30 start waagent"
    )


def test_a_table_has_the_longest_first_and_fits_the_screen(activities: Activities) -> None:
    def drawn(rows: int) -> list[str]:
        out = io.StringIO()
        Console(file=out, width=100).print(table(activities, rows))
        return [text.rstrip() for text in out.getvalue().splitlines()]

    assert [re.split(r"\s{2,}", text) for text in drawn(9)] == [
        ["win01", "stopped", "1:00", "wait until the guest is sealed"],
        ["web02", "launch", "0:00", "start waagent"],
        ["1:10", "1 of 3 through (1 proven), 1 launch, 1 stopped"],
    ]
    assert drawn(1)[1] == "and 1 more"
    assert len(drawn(-5)) == 3


def test_a_log_gets_a_line_now_and_then(activities: Activities, clock: Clock) -> None:
    said: list[str] = []
    lines = Lines(activities, said.append, every=False)
    lines.waiting()
    assert said == []
    clock.time += LINE_SECONDS
    lines.waiting()
    lines.waiting()

    assert [text.partition(",")[0] for text in said] == ["1:40 1 of 3 through (1 proven)"]


def test_a_talkative_log_gets_every_change_once(activities: Activities, clock: Clock) -> None:
    said: list[str] = []
    lines = Lines(activities, said.append, every=True)
    lines.waiting()
    activities.tell("web02", "stopped", "wait until the guest is sealed")
    lines.waiting()
    lines.waiting()

    assert said == [
        "0:00 web01 proven",
        "1:10 web02 launch: start waagent",
        "0:10 win01 stopped: wait until the guest is sealed",
        "1:10 web02 stopped: wait until the guest is sealed",
    ]


def test_a_guest_can_not_draw(clock: Clock) -> None:
    activities = Activities(("a\x1b[2J",), clock)
    activities.tell("a\x1b[2J", "stopped", "[red]not markup[/red]")
    out = io.StringIO()
    Console(file=out, width=80).print(table(activities, 5))

    assert "\x1b" not in out.getvalue()
    assert "[red]not markup[/red]" in out.getvalue()


def test_who_waits_at_the_board_has_an_audience() -> None:
    said: list[str] = []

    class Told:
        def waiting(self) -> None:
            said.append("waiting")
            board.finish(target("web01"))

        def over(self) -> None:
            said.append("over")

    board = Board(Activities(("web01",)))
    board.audience = Told()

    assert board.target("web01").name == "web01"
    assert said == ["waiting", "over"]
    assert board.activities.now()["web01"].over


def test_a_terminal_shows_a_table_that_is_gone_in_the_end(tmp_path: Path) -> None:
    lab = scenario(tmp_path, "debian01", seconds=1.5)
    command = [sys.executable, "-c", "from runners.cli import main; main()", f"--lab={lab}", "-k", "executor"]
    parent, child = pty.openpty()
    environment = {**os.environ, **ORDERED, "TERM": "xterm", "COLUMNS": "120", "LINES": "40", "PYTHONPATH": str(ROOT)}
    for name in ("CI", "TF_BUILD", "NO_COLOR", "GITHUB_STEP_SUMMARY"):
        environment.pop(name, None)
    with subprocess.Popen(command, stdout=child, stderr=child, cwd=tmp_path, env=environment) as process:
        os.close(child)
        shown = bytearray()
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break  # the terminal's other side is closed
            if not part:
                break
            shown += part
        assert process.wait() == 0, shown.decode(errors="replace")
    os.close(parent)
    text = shown.decode(errors="replace")

    assert "wait until the guest is sealed" in text
    assert re.search(r"debian01 +\S*stopped", text)
    assert "0 of 1 through" in text
    # Rich takes lines away by going up and erasing them.
    assert "\x1b[1A\x1b[2K" in text
    assert "evidence: " in text.rpartition("\x1b[2K")[2]
