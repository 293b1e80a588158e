"""JUnit is never greener than the record."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from checks.judgement import Outcome
from reports import junit
from reports.evidence import Evidence, Gate, Reason
from reports.verdict import exit_code
from tests.reports import samples
from tests.reports.fleets import many
from tests.reports.samples import SAMPLES, linux_rows, proven, run, target


def parsed(evidence: Evidence) -> ET.Element:
    return ET.fromstring(junit.render(evidence))


def single(outcome: Outcome, *, severity: str = "blocker", target_outcome: str = "undetermined") -> ET.Element:
    """Return the case of one row with `outcome`, rendered."""
    row = samples.row("AZ-LOCK-001", "web01", outcome, severity=severity, reason="seen")
    subject = target("web01", outcome=target_outcome)
    evidence = Evidence(run=run(), verdict=subject.outcome, targets=(subject,), results=(row,))
    case = parsed(evidence).find(".//testcase[@classname='sealproof.pre']")
    assert case is not None
    return case


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_red_exactly_when_the_exit_code_is_not_0(sample: str) -> None:
    evidence = SAMPLES[sample]()
    root = parsed(evidence)
    red = int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert bool(red) == bool(exit_code(evidence))


@pytest.mark.parametrize("sample", SAMPLES)
def test_counts_are_those_of_the_cases(sample: str) -> None:
    root = parsed(SAMPLES[sample]())
    for element in (root, *root.iter("testsuite")):
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[attribute]) == len(element.findall(f".//{tag}"))
        assert int(element.attrib["tests"]) == len(element.findall(".//testcase"))


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_two_cases_share_a_name(sample: str) -> None:
    names = [case.attrib["name"] for case in parsed(SAMPLES[sample]()).iter("testcase")]
    assert len(names) == len(set(names))
    assert all("[" in name for name in names)


@pytest.mark.parametrize(
    ("outcome", "children"),
    [
        ("passed", []),
        ("failed", ["failure"]),
        ("undetermined", ["error"]),
        ("blocked", ["error"]),
        ("waived", ["skipped"]),
        ("not applicable", ["skipped"]),
        ("warned", ["system-out"]),
    ],
)
def test_each_outcome_has_its_form(outcome: Outcome, children: list[str]) -> None:
    assert [child.tag for child in single(outcome)] == children


@pytest.mark.parametrize("outcome", ["undetermined", "blocked"])
def test_what_is_no_blocker_is_never_red(outcome: Outcome) -> None:
    assert [child.tag for child in single(outcome, severity="warning")] == ["skipped"]


def test_a_closed_gate_without_a_row_is_red() -> None:
    gate = Gate(open=False, reasons=(Reason(code="forecast", text="/etc/shadow- will survive", remedy="clean it"),))
    subject = target("debian", gate=gate, outcome="failed")
    evidence = Evidence(run=run(), verdict="failed", targets=(subject,), results=linux_rows("debian"))
    failure = parsed(evidence).find(".//testcase[@classname='sealproof.outcome']/failure")
    assert failure is not None
    assert "/etc/shadow- will survive" in (failure.text or "")
    assert "clean it" in (failure.text or "")


def test_a_target_that_was_not_acted_on_is_red() -> None:
    subject = target("debian", outcome="not acted", note="not selected")
    evidence = Evidence(run=run(), verdict="not acted", targets=(subject,), results=linux_rows("debian"))
    error = parsed(evidence).find(".//testcase[@classname='sealproof.outcome']/error")
    assert error is not None
    assert error.attrib["message"] == "not acted: not selected"


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(run=run(), verdict="undetermined"),
        proven().model_copy(update={"run": run(ended=None)}),
        proven().model_copy(update={"coverage": {}}),
    ],
    ids=["no targets", "unfinished", "contradictory"],
)
def test_an_unsound_record_is_red_though_no_row_is(evidence: Evidence) -> None:
    error = parsed(evidence).find(".//testcase[@classname='sealproof.record']/error")
    assert error is not None


def test_verdict_and_lab_are_properties_of_each_suite() -> None:
    for suite in parsed(proven()).iter("testsuite"):
        properties = {item.attrib["name"]: item.attrib["value"] for item in suite.iter("property")}
        assert properties["verdict"] == "proven"
        assert properties["lab"] == "true"


def test_a_sealed_target_is_called_not_proven() -> None:
    subject = target("debian", outcome="sealed", witness="guest")
    evidence = Evidence(run=run(), verdict="sealed", targets=(subject,), results=linux_rows("debian"))
    assert parsed(evidence).find(".//property[@name='proven'][@value='not proven']") is not None


def test_a_guest_can_add_no_case_and_no_ci_command() -> None:
    data = junit.render(SAMPLES["hostile"]())
    assert len(list(ET.fromstring(data).iter("testcase"))) == len(SAMPLES["hostile"]().results) + 1
    assert b"##vso[" not in data
    assert not any(line.lstrip().startswith(b"::") for line in data.splitlines())


def test_a_file_that_gitlab_would_refuse_is_told_without_what_passed() -> None:
    evidence = many(20)
    whole, lean = junit.render(evidence), junit.render(evidence, limit=100_000)
    assert len(whole) > 100_000 > len(lean)
    full, root = ET.fromstring(whole), ET.fromstring(lean)
    assert len(root.findall("testsuite")) == 20
    assert (root.get("failures"), root.get("errors")) == (full.get("failures"), full.get("errors")), "no fault is lost"
    left = root.find(".//property[@name='left out']")
    assert left is not None
    assert left.get("value") == "60 passed or not applicable"


def test_of_a_file_that_fits_nothing_is_left_out() -> None:
    evidence = many(20)
    whole = junit.render(evidence)
    assert junit.render(evidence, limit=len(whole)) == whole
    assert b"left out" in junit.render(evidence, limit=len(whole) - 1)


def test_it_is_the_size_that_gitlab_refuses_and_not_the_number_of_rows() -> None:
    # 60,150 rows, of which a run of 401 targets makes 8.5 MB.
    data = junit.render(many(401, rules=150))
    assert len(data) < junit.LIMIT
    assert data.count(b"<testcase ") == 401 * 151
