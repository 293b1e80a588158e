"""What was found on a target's way becomes its record, and nothing is made better than it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import Coverage, DiskVolume, Fact, Observation, Receipt, Unobserved
from checks.healthy import (
    GROUP,
    azure_facts,
    coverage,
    linux_disk,
    observation,
    receipt,
    sealed_azure_facts,
    sealed_observation,
)
from checks.judgement import judge
from reports.evidence import CoverageRecord, Result, Target, Vantages
from runners import fleet
from runners.gate import Decision, Reason
from runners.record import Journey, facts_document, gate_record, platform_word, target_record
from tests.runners.generalize.fakes import NOON

CATALOGUE = Catalogue.from_modules(builtin_modules())
TARGET = fleet.Target(name="golden", id=f"{GROUP}/virtualMachines/golden")
OPEN = Decision((), ())
CLOSED = Decision((Reason("failed", "a lock", "remove it", "AZ-LOCK-001"), Reason("veto", "a test", "run")), ())
VANTAGES = Vantages(azure="lab", guest="simulated", disk="constructed")


def rows(before: Observation, after: Observation | None) -> list[Result]:
    judged = [judge(check, before) for check in CATALOGUE.phase("pre")]
    judged += [judge(check, after) for check in CATALOGUE.phase("post")] if after else []
    return [Result.of(item, TARGET.name) for item in judged]


def record(after: Observation | None = None, **changes: Any) -> tuple[Target, CoverageRecord | None]:
    before = observation()
    journey = Journey(
        mode="generalize",
        started=NOON,
        ended=NOON + timedelta(minutes=4),
        before=before,
        after=after,
        decision=OPEN,
        acted=after is not None,
        note="",
        timings={"observe": 1.5},
        digests={"facts": "f" * 64},
    )
    journey = replace(journey, **changes)
    return target_record(TARGET, journey, rows(journey.first, after), CATALOGUE, VANTAGES)


def test_a_target_that_was_sealed_and_witnessed_is_proven() -> None:
    made, seen = record(sealed_observation())

    assert made.outcome == "proven"
    assert made.receipt is not None
    assert made.receipt.outcome == "succeeded"
    assert made.proof
    assert seen is not None
    assert seen.complete
    assert (made.vm_id, made.platform) == (azure_facts().vm_id, "linux")
    assert (made.started, made.ended) == (NOON, NOON + timedelta(minutes=4))
    assert made.timings == {"observe": 1.5}
    assert made.digests == {"facts": "f" * 64}


@pytest.mark.parametrize(
    "flags", [Fact.of((True,)), Fact.of((True, False)), Fact.of(()), Fact.unknown("HTTP 503"), Fact.missing()]
)
def test_a_flag_that_was_not_read_back_twice_is_not_proven(flags: Fact[tuple[bool, ...]]) -> None:
    made, _ = record(sealed_observation(azure=sealed_azure_facts(generalized=flags)))

    assert made.outcome in ("failed", "undetermined")


def test_a_platform_that_could_not_be_asked_afterwards_is_not_proven() -> None:
    made, _ = record(sealed_observation(azure=Unobserved("HTTP 503")))

    assert made.outcome == "undetermined"


def test_a_disk_that_was_not_read_has_no_coverage_and_proves_nothing() -> None:
    made, seen = record(sealed_observation(disk=Unobserved("no route to the blob host")))

    assert (made.outcome, made.proof, seen) == ("undetermined", (), None)


def test_a_disk_that_was_read_in_part_proves_nothing() -> None:
    part: Coverage = coverage(volumes=(DiskVolume("partition 1", "unreadable", "LUKS"),))
    made, seen = record(sealed_observation(disk=linux_disk(coverage=part)))

    assert made.outcome != "proven"
    assert seen is not None
    assert not seen.complete


def test_a_receipt_that_failed_is_a_failed_target_whatever_the_disk_says() -> None:
    made, _ = record(sealed_observation(receipt=receipt(outcome="failed", cause="Skip delete user")))

    assert made.outcome == "failed"
    assert made.receipt is not None
    assert made.receipt.cause == "Skip delete user"


@pytest.mark.parametrize(
    ("mode", "decision", "outcome"),
    [("observe", OPEN, "ready"), ("generalize", OPEN, "not acted"), ("generalize", CLOSED, "failed")],
)
def test_a_target_on_which_nothing_was_launched(mode: str, decision: Decision, outcome: str) -> None:
    made, seen = record(mode=mode, decision=decision, note="the gate is closed")

    assert (made.outcome, made.receipt, made.proof, seen) == (outcome, None, (), None)
    assert made.note == "the gate is closed"


def test_a_target_that_nobody_could_read_has_no_vm_id() -> None:
    before = Observation(platform="unknown", azure=Unobserved("HTTP 404"))
    made, _ = record(before=before, decision=replace(CLOSED, reasons=(Reason("undetermined", "x", "y"),)))

    assert (made.vm_id, made.platform, made.outcome) == ("", "unknown", "undetermined")


def test_a_gate_is_recorded_with_its_reasons_and_remedies() -> None:
    gate = gate_record(CLOSED)

    assert gate.open is False
    assert [(item.code, item.text, item.remedy, item.check) for item in gate.reasons] == [
        ("failed", "a lock", "remove it", "AZ-LOCK-001"),
        ("veto", "a test", "run", None),
    ]
    assert gate_record(OPEN).open is True


@pytest.mark.parametrize(
    ("platform", "word"), [("linux", "linux"), ("windows", "windows"), ("", "unknown"), (None, "unknown")]
)
def test_evidence_knows_three_platforms(platform: str | None, word: str) -> None:
    assert platform_word(platform) == word


def test_the_facts_are_kept_by_time_and_vantage_as_plain_json() -> None:
    document = facts_document([("before", observation()), ("after", None)])

    assert list(document) == ["before"]
    assert set(document["before"]) == {"azure", "guest", "disk", "receipt", "policy"}
    assert document["before"]["disk"] == {"unobserved": "it was not observed at this time"}
    assert document["before"]["azure"]["power_state"] == {"value": "running"}
    assert json.loads(json.dumps(document)) == document


def test_both_times_are_kept_where_there_were_two() -> None:
    document = facts_document([("before", observation()), ("after", sealed_observation())])

    assert document["after"]["azure"]["generalized"] == {"value": [True, True]}
    assert document["after"]["receipt"]["outcome"] == Receipt("succeeded", "", "root").outcome
    assert "before" not in document["after"]
