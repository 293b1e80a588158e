"""OSCAL assessment results, what a schema can't see: references lead somewhere, nothing is satisfied lightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reports import oscal
from reports.controls import ASKED_FOR, checks_of, frameworks
from reports.evidence import Evidence
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


@pytest.mark.parametrize("name", SAMPLES)
def test_findings_name_controls_that_were_reviewed(name: str) -> None:
    result = result_of(whole(SAMPLES[name]()))
    (selection,) = result["reviewed-controls"]["control-selections"]
    reviewed = {item["control-id"] for item in selection["include-controls"]}
    found = {item["target"]["target-id"] for item in result.get("findings", [])}
    assert found <= {f"{control}_smt" for control in reviewed}


def test_a_control_that_no_check_of_the_run_supports_was_not_reviewed() -> None:
    assert reviewed(whole(proven())) == ["ia-5", "ia-5.7"]


def test_a_run_that_judged_none_of_the_checks_says_so() -> None:
    (selection,) = result_of(proven().model_copy(update={"results": ()}))["reviewed-controls"]["control-selections"]
    assert selection["description"].endswith("that checks support; this run judged none of these.")


def only(check: str, outcome: str) -> Evidence:
    """Return a run that judged one check on one target."""
    rule = proven().results[0].rule
    found = row("LNX-SHADOW-001", "debian", outcome).model_copy(update={"check": check}).ruled(rule)
    return proven().model_copy(update={"results": (found,)})


def statuses(evidence: Evidence) -> dict[str, tuple[str, str]]:
    found = [item["target"] for item in result_of(evidence).get("findings", [])]
    return {item["target-id"]: (item["status"]["state"], item["status"]["reason"]) for item in found}


@pytest.mark.parametrize("name", SAMPLES)
def test_no_finding_says_satisfied(name: str) -> None:
    states = {state for state, _ in statuses(whole(SAMPLES[name]())).values()}
    assert states <= {"not-satisfied"}


def test_what_passed_is_an_observation_and_no_finding() -> None:
    result = result_of(only("LNX-RESIDUE-001", "passed"))
    assert "findings" not in result
    assert [item["title"] for item in result["observations"]] == ["What passed on debian"]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        *((outcome, "fail") for outcome in ("failed", "warned", "waived")),
        *((outcome, "other") for outcome in ("undetermined", "blocked")),
    ],
)
def test_what_did_not_pass_leaves_open_what_the_control_asks_for(outcome: str, reason: str) -> None:
    # It looks at a part of what SC-12 asks for, and at nothing that IA-3 does.
    assert "LNX-RESIDUE-001" in checks_of(NIST, "SC-12", ASKED_FOR) & checks_of(NIST, "IA-3")
    assert "LNX-RESIDUE-001" not in checks_of(NIST, "IA-3", ASKED_FOR)
    assert statuses(only("LNX-RESIDUE-001", outcome)) == {"sc-12_smt": ("not-satisfied", reason)}


def reviewed(evidence: Evidence) -> list[str]:
    (selection,) = result_of(evidence)["reviewed-controls"]["control-selections"]
    return [item["control-id"] for item in selection["include-controls"]]


@pytest.mark.parametrize("outcome", ["undetermined", "blocked"])
def test_a_control_at_whose_checks_nobody_looked_was_reviewed_only_where_a_finding_says_so(outcome: str) -> None:
    evidence = only("LNX-RESIDUE-001", outcome)
    assert reviewed(evidence) == ["sc-12"]
    assert [item for item in result_of(evidence).get("props", []) if item["name"] == "supports"] == []


@pytest.mark.parametrize("outcome", ["passed", "failed", "warned", "waived"])
def test_every_control_that_a_check_supports_was_reviewed_where_it_looked(outcome: str) -> None:
    assert {"sc-12", "ia-3"} <= set(reviewed(only("LNX-RESIDUE-001", outcome)))


def test_what_the_checks_of_the_run_support_is_told_once_of_every_framework() -> None:
    told = [item for item in result_of(whole(proven()))["props"] if item["name"] == "supports"]
    assert {(item["value"], item["class"], item["remarks"]) for item in told} == {
        ("CIS Critical Security Controls 3.5", "related", "LNX-SHADOW-001"),
        ("CIS Critical Security Controls 5.2", "related", "LNX-SHADOW-001"),
        ("ISO/IEC 27001 A.5.17", "derived", "LNX-SHADOW-001"),
        ("NIST SP 800-53 IA-5", "partial", "LNX-SHADOW-001"),
        ("NIST SP 800-53 IA-5(7)", "partial", "LNX-SHADOW-001"),
        ("PCI DSS 8.3.2", "derived", "LNX-SHADOW-001"),
        ("SOC 2 CC6.7", "derived", "LNX-SHADOW-001"),
    }


def test_a_finding_counts_what_looks_at_a_part_of_the_control() -> None:
    both = (*only("LNX-RESIDUE-001", "failed").results, *only("LNX-SSHD-004", "passed").results)
    (finding,) = result_of(proven().model_copy(update={"results": both}))["findings"]
    assert finding["description"] == "1 of 2 checks that look at a part of what it asks for did not pass."
    assert len(finding["related-observations"]) == 1


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
