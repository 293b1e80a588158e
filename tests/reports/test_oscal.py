"""OSCAL assessment results, what a schema can't see: references lead somewhere, nothing is satisfied lightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reports import oscal
from reports.controls import checks_of, frameworks
from tests.reports.folders import whole
from tests.reports.samples import SAMPLES, failed_gate, proven, row, run

NIST = next(item for item in frameworks() if item.framework == "NIST SP 800-53")


def result_of(evidence: Any) -> Any:
    return oscal.document(evidence)["assessment-results"]["results"][0]


def walk(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, item in node.items():
            yield key, item
            yield from walk(item)
    elif isinstance(node, list):
        for item in node:
            yield from walk(item)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_reference_leads_to_what_is_there_once(name: str) -> None:
    document = oscal.document(whole(SAMPLES[name]()))
    pairs = list(walk(document))
    uuids = [value for key, value in pairs if key == "uuid"]
    assert len(uuids) == len(set(uuids))
    referred = {value for key, value in pairs if key in {"observation-uuid", "subject-uuid", "risk-uuid"}}
    referred |= {value[1:] for key, value in pairs if key == "href" and value.startswith("#")}
    assert referred
    assert referred - set(uuids) == set()


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_empty_and_every_time_has_a_zone(name: str) -> None:
    pairs = list(walk(oscal.document(whole(SAMPLES[name]()))))
    assert [key for key, value in pairs if value in ("", [], {})] == []
    times = [value for key, value in pairs if key in {"start", "end", "collected", "last-modified"}]
    assert times
    assert all(value.endswith("+00:00") for value in times)


def test_findings_name_controls_that_were_reviewed_and_targets_that_are_there() -> None:
    result = result_of(whole(proven()))
    (selection,) = result["reviewed-controls"]["control-selections"]
    reviewed = {item["control-id"] for item in selection["include-controls"]}
    found = {item["target"]["target-id"] for item in result["findings"]}
    assert found <= {f"{control}_smt" for control in reviewed}


def state(evidence: Any, control: str, target: str) -> str:
    title = f"{control} {NIST.controls[control]}, on {target}"
    (found,) = (item for item in result_of(evidence)["findings"] if item["title"] == title)
    return str(found["target"]["status"]["state"])


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("passed", "satisfied"),
        *((word, "not-satisfied") for word in ("failed", "warned", "undetermined", "blocked", "waived")),
    ],
)
def test_only_what_passed_counts_for_a_control(outcome: str, said: str) -> None:
    rule = proven().results[0].rule
    found = row("LNX-SHADOW-001", "debian", outcome).model_copy(update={"check": "LNX-RESIDUE-001"}).ruled(rule)
    evidence = proven().model_copy(update={"results": (found,)})
    assert "LNX-RESIDUE-001" in checks_of(NIST, "SC-12")
    assert state(evidence, "SC-12", "debian") == said


def test_a_waived_failure_is_a_risk_that_somebody_approved() -> None:
    (risk,) = result_of(whole(failed_gate()))["risks"]
    assert risk["status"] == "deviation-approved"
    assert "Waived by dana@example.com until 2026-12-31" in risk["statement"]


def test_a_lab_s_run_and_an_unfinished_one_say_so() -> None:
    assert "proves nothing about a VM in Azure" in result_of(whole(proven()))["description"]
    unfinished = proven().model_copy(update={"run": run(ended=None, lab=False)})
    result = result_of(unfinished)
    assert "end" not in result
    assert "proves nothing" not in result["description"]


def test_the_same_record_gives_the_same_bytes() -> None:
    assert oscal.render(whole(proven())) == oscal.render(whole(proven()))
    assert json.loads(oscal.render(whole(proven())))["assessment-results"]["metadata"]["oscal-version"] == oscal.VERSION


def test_ids_are_those_of_nist_s_catalogue() -> None:
    assert [oscal.control_id(text) for text in ("IA-5", "IA-5(7)")] == ["ia-5", "ia-5.7"]
