"""A run that leaves something half-done says what to type."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.evidence import Evidence, Run, StepRecord, Target, TargetOutcome
from runners.unfinished import next_commands

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
RUN = Run(id="20261122T200000Z-abc123", mode="generalize", endpoint="https://localhost:1", lab=True, started=NOW)


def commands(outcome: TargetOutcome, *events: str) -> tuple[str, ...]:
    story = tuple(StepRecord(time=NOW, event=event) for event in events)
    target = Target(name="golden", id="/vm", vm_id="8d3f", outcome=outcome, story=story)
    return next_commands(Evidence(run=RUN, verdict=outcome, targets=(target,)), Path("evidence/run"))


def test_what_was_launched_and_not_ended_is_finished_by_the_command_that_is_told() -> None:
    (told,) = commands("undetermined", "gate", "launch.begin", "launch.intent", "stopped")

    assert told.startswith("golden was launched and not followed to its end")
    assert told.endswith("--take-over 8d3f --resume evidence/run")


def test_a_run_that_finished_anothers_work_by_halves_points_to_that_one_s_evidence() -> None:
    (told,) = commands("undetermined", "resumed", "stopped")

    assert told.endswith("--resume the evidence folder of the run that launched it")


@pytest.mark.parametrize(
    ("outcome", "events"),
    [
        ("proven", ["launch.intent", "generalized.end"]),
        ("failed", ["launch.intent", "stopped"]),
        ("undetermined", ["gate"]),
        ("undetermined", ["launch.intent", "launch.refused", "stopped"]),
    ],
)
def test_nothing_is_told_where_there_is_nothing_to_finish(outcome: TargetOutcome, events: list[str]) -> None:
    assert commands(outcome, *events) == ()
