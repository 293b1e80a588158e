"""Outcome, verdict and exit code fail closed: whatever is missing is never good news."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.judgement import Outcome
from reports.evidence import CoverageRecord, Evidence, Gate, Reason, Result, VolumeRecord
from reports.verdict import (
    WORST_FIRST,
    contradictions,
    exit_code,
    goal_reached,
    hinders,
    left_to_prepare,
    proof_of,
    target_outcome,
    verdict,
)
from tests.reports import samples
from tests.reports.samples import PROVING, coverage, linux_rows, proven, run, target

OUTCOMES: tuple[Outcome, ...] = (
    "passed",
    "failed",
    "warned",
    "undetermined",
    "blocked",
    "waived",
    "not applicable",
)
CLOSED = Gate(open=False, reasons=(Reason(code="failed", text="a lock"),))
UNSURE = Gate(open=False, reasons=(Reason(code="undetermined", text="no answer"),))


def outcome(**changes: Any) -> str:
    """Return the outcome of a target that is proven, but for `changes`."""
    fields: dict[str, Any] = {
        "mode": "generalize",
        "gate": Gate(open=True),
        "rows": linux_rows("a"),
        "acted": True,
        "coverage": coverage(),
        "proof": PROVING,
        "flag_confirmed": True,
    }
    return target_outcome(**(fields | changes))


def with_row(outcome: Outcome, **fields: Any) -> tuple[Result, ...]:
    """Return sound rows, and one more that has `outcome`."""
    base = samples.row("AZ-LOCK-001", "a", outcome, **fields)
    return (*linux_rows("a"), base.model_copy(update={"check": "X-EXTRA-001"}))


class TestGeneralize:
    def test_all_good_is_proven(self) -> None:
        assert outcome() == "proven"

    @pytest.mark.parametrize("phase", ["pre", "post"])
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ("passed", "proven"),
            ("waived", "proven"),
            ("not applicable", "proven"),
            ("failed", "failed"),
            ("undetermined", "undetermined"),
            ("blocked", "undetermined"),
            ("warned", "undetermined"),  # no blocker warns: such a row is a defect of ours, never a proof
        ],
    )
    def test_one_blocker_decides(self, row: Outcome, expected: str, phase: str) -> None:
        assert outcome(rows=with_row(row, phase=phase)) == expected

    @pytest.mark.parametrize("row", OUTCOMES)
    @pytest.mark.parametrize("severity", ["warning", "info"])
    def test_what_is_no_blocker_never_counts(self, row: Outcome, severity: str) -> None:
        assert outcome(rows=with_row(row, severity=severity)) == "proven"

    @pytest.mark.parametrize(
        "missing",
        [
            {"flag_confirmed": False},
            {"flag_confirmed": None},
            {"proof": ()},
            {"proof": ("X-OTHER-001",)},
            {"coverage": None},
            {"coverage": coverage(volumes=())},
            {"coverage": coverage(files_examined=0)},
            {"coverage": coverage(bytes_read=0)},
            {"coverage": coverage("unreadable")},
            {"coverage": coverage(volumes=(VolumeRecord(name="p1", filesystem="xfs", reason="damaged"),))},
            {"gate": Gate()},
            {"gate": UNSURE},
            {"rows": ()},
            {"rows": tuple(row for row in linux_rows("a") if row.phase == "post")},
            {"rows": tuple(row for row in linux_rows("a") if row.phase == "pre")},
        ],
    )
    def test_what_is_missing_leaves_it_undetermined(self, missing: dict[str, Any]) -> None:
        assert outcome(**missing) == "undetermined"

    def test_a_proving_check_that_was_waived_proves_nothing(self) -> None:
        assert outcome(rows=linux_rows("a", LNX_STATE_001="waived")) == "undetermined"

    def test_a_gate_closed_by_a_failure_is_failed(self) -> None:
        assert outcome(gate=CLOSED, acted=False) == "failed"

    @pytest.mark.parametrize("code", ["forecast", "veto", "something new"])
    def test_a_gate_closed_by_anything_but_doubt_is_failed(self, code: str) -> None:
        gate = Gate(open=False, reasons=(*UNSURE.reasons, Reason(code=code, text="...")))
        assert outcome(gate=gate, acted=False) == "failed"

    def test_a_gate_closed_without_a_reason_is_failed(self) -> None:
        assert outcome(gate=Gate(open=False), acted=False) == "failed"

    def test_a_gate_closed_by_doubt_is_undetermined(self) -> None:
        assert outcome(gate=UNSURE, acted=False) == "undetermined"

    def test_an_open_gate_that_nobody_went_through_is_not_acted(self) -> None:
        rows = linux_rows("a", LNX_SHADOW_001="undetermined", LNX_STATE_001="undetermined")
        assert outcome(rows=rows, acted=False) == "not acted"

    def test_not_acted_hides_no_doubt_about_the_gate(self) -> None:
        assert outcome(rows=linux_rows("a", LNX_AGENT_001="undetermined"), acted=False) == "undetermined"

    def test_without_the_disk_the_best_is_sealed(self) -> None:
        assert outcome(witness="guest", coverage=None) == "sealed"
        assert outcome(witness="guest") == "sealed"

    def test_sealed_needs_all_the_rest(self) -> None:
        assert outcome(witness="guest", proof=()) == "undetermined"
        assert outcome(witness="guest", flag_confirmed=False) == "undetermined"

    def test_what_preparation_removes_counts_only_after_it(self) -> None:
        rows = with_row("failed", phase="pre", remedied_by="prepare")
        assert outcome(rows=rows, acted=False) == "not acted"
        assert outcome(rows=rows, acted=True) == "failed"


class TestObserve:
    def test_an_open_gate_is_ready(self) -> None:
        assert outcome(mode="observe", acted=False) == "ready"

    def test_what_preparation_removes_does_not_matter_yet(self) -> None:
        rows = with_row("failed", phase="pre", remedied_by="prepare")
        assert outcome(mode="observe", acted=False, rows=rows) == "ready"

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"gate": CLOSED}, "failed"),
            ({"gate": UNSURE}, "undetermined"),
            ({"gate": Gate()}, "undetermined"),
            ({"rows": ()}, "undetermined"),
            ({"rows": with_row("failed", phase="pre")}, "failed"),
            ({"rows": with_row("undetermined", phase="pre")}, "undetermined"),
            ({"acted": True}, "undetermined"),  # nobody may act in this mode, so nobody knows what happened
        ],
    )
    def test_everything_else_is_not(self, changes: dict[str, Any], expected: str) -> None:
        assert outcome(**({"mode": "observe", "acted": False} | changes)) == expected


class TestConfirm:
    rows = tuple(row for row in linux_rows("a") if row.phase == "post")

    def test_needs_no_gate_and_no_pre_rows(self) -> None:
        assert outcome(mode="confirm", gate=Gate(), rows=self.rows, acted=False) == "proven"

    def test_a_disk_without_a_vm_has_no_flag(self) -> None:
        assert outcome(mode="confirm", gate=Gate(), rows=self.rows, flag_confirmed=None) == "proven"

    def test_a_vm_without_the_flag_is_not_proven(self) -> None:
        assert outcome(mode="confirm", gate=Gate(), rows=self.rows, flag_confirmed=False) == "undetermined"

    def test_a_failed_blocker_fails(self) -> None:
        assert outcome(mode="confirm", rows=linux_rows("a", LNX_SHADOW_001="failed")) == "failed"

    def test_no_rows_prove_nothing(self) -> None:
        assert outcome(mode="confirm", rows=()) == "undetermined"


GATES = st.sampled_from([Gate(open=True), Gate(), CLOSED, UNSURE])
COVERAGES = st.sampled_from([None, coverage(), coverage("unreadable"), coverage(volumes=())])
ROWS = st.lists(
    st.builds(
        lambda check, outcome, severity, phase, remedied: samples.row(
            check, "a", outcome, severity=severity, phase=phase, remedied_by=remedied
        ),
        st.sampled_from(["LNX-STATE-001", "LNX-AGENT-001", "AZ-LOCK-001"]),
        st.sampled_from(["passed", "passed", "passed", *OUTCOMES]),
        st.sampled_from(["blocker", "blocker", "warning", "info"]),
        st.sampled_from(["pre", "post", "boot"]),
        st.sampled_from([None, None, "prepare"]),
    ),
    max_size=5,
)


@given(
    mode=st.sampled_from(["observe", "generalize", "confirm"]),
    gate=GATES,
    rows=ROWS,
    acted=st.booleans(),
    witness=st.sampled_from(["disk", "guest"]),
    read=COVERAGES,
    flag=st.sampled_from([True, False, None]),
)
def test_good_outcomes_rest_on_good_rows(
    mode: Any,
    gate: Gate,
    rows: list[Result],
    acted: bool,
    witness: str,
    read: CoverageRecord | None,
    flag: bool | None,
) -> None:
    result = target_outcome(
        mode=mode,
        gate=gate,
        rows=rows,
        acted=acted,
        witness=witness,
        coverage=read,
        proof=PROVING,
        flag_confirmed=flag,
    )
    blockers = [row for row in rows if row.severity == "blocker"]
    if result in ("proven", "sealed"):
        assert all(row.outcome in ("passed", "waived", "not applicable") for row in blockers)
        assert proof_of(blockers, PROVING)
        assert mode == "confirm" or (acted and gate.open and flag)
        assert flag is not False
    if result == "proven":
        assert read is not None
        assert read.complete
        assert witness == "disk"
    if result in ("ready", "not acted"):
        assert gate.open
        assert not acted
    if any(row.outcome == "failed" and row.rule.remedied_by is None for row in blockers):
        assert result == "failed"


@given(st.lists(st.sampled_from(WORST_FIRST)))
def test_the_verdict_is_the_worst_outcome(outcomes: list[Any]) -> None:
    got = verdict(outcomes)
    if not outcomes:
        assert got == "undetermined"
    else:
        assert got in outcomes
        assert all(WORST_FIRST.index(got) <= WORST_FIRST.index(other) for other in outcomes)


def altered(evidence: Evidence, **changes: Any) -> Evidence:
    return evidence.model_copy(update=changes)


class TestExitCode:
    @pytest.mark.parametrize(
        ("sample", "code"), [("proven", 0), ("failed-gate", 1), ("undetermined", 8), ("hostile", 1)]
    )
    def test_of_the_samples(self, sample: str, code: int) -> None:
        evidence = samples.SAMPLES[sample]()
        assert exit_code(evidence) == code
        assert contradictions(evidence) == ()

    def test_a_run_that_did_not_end_is_no_success(self) -> None:
        assert exit_code(altered(proven(), run=run(ended=None))) == 8

    def test_a_run_without_targets_ran_nothing(self) -> None:
        assert exit_code(Evidence(run=run(), verdict="undetermined")) == 5

    @pytest.mark.parametrize(
        ("mode", "outcome", "witness", "code"),
        [
            ("generalize", "sealed", "guest", 0),
            ("generalize", "sealed", "disk", 8),
            ("generalize", "ready", "disk", 8),
            ("generalize", "not acted", "disk", 8),
            ("generalize", "failed", "disk", 1),
            ("confirm", "proven", "disk", 0),
            ("observe", "ready", "disk", 0),
            ("observe", "proven", "disk", 8),
        ],
    )
    def test_says_whether_the_goal_of_the_mode_was_reached(
        self, mode: Any, outcome: Any, witness: Any, code: int
    ) -> None:
        subject = target("a", outcome=outcome, witness=witness)
        evidence = Evidence(
            run=run(mode=mode),
            verdict=outcome,
            targets=(subject,),
            results=linux_rows("a"),
            coverage={"a": coverage()},
        )
        assert exit_code(evidence) == code
        assert goal_reached(mode, subject) == (code == 0)

    @pytest.mark.parametrize("row", ["undetermined", "blocked"])
    def test_a_row_outweighs_a_claimed_outcome(self, row: Outcome) -> None:
        evidence = proven()
        results = (*evidence.results, with_row(row)[-1].model_copy(update={"target": "debian"}))
        assert exit_code(altered(evidence, results=results)) == 8

    def test_a_failed_row_outweighs_a_claimed_outcome(self) -> None:
        evidence = proven()
        results = (*evidence.results, with_row("failed")[-1].model_copy(update={"target": "debian"}))
        assert exit_code(altered(evidence, results=results)) == 1


class TestContradictions:
    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"verdict": "ready"}, "the verdict is ready, and the worst outcome of a target is proven"),
            ({"targets": (target("debian"), target("debian"))}, "the target debian is there 2 times"),
            ({"targets": (target("debian"),)}, "server has 7 rows and is no target"),
            ({"coverage": {}}, "debian is proven, but its disk was not read completely"),
            ({"results": linux_rows("debian")}, "server is proven, but it has no pre row"),
            (
                {"targets": (target("debian", gate=Gate()), target("server", "windows"))},
                "debian is proven, but its gate is not open",
            ),
            (
                {"targets": (target("debian", proof=()), target("server", "windows"))},
                "debian is proven, but no check that proves deprovisioning passed",
            ),
            (
                {"results": (*proven().results, samples.row("AZ-LOCK-001", "debian", "undetermined"))},
                "debian is proven, but AZ-LOCK-001 is undetermined",
            ),
        ],
    )
    def test_are_named_and_never_exit_0(self, changes: dict[str, Any], says: str) -> None:
        evidence = altered(proven(), **changes)
        assert any(says in text for text in contradictions(evidence))
        assert exit_code(evidence) == 8


class TestHindrance:
    subject = target("a")

    @pytest.mark.parametrize("row", ["failed", "undetermined", "blocked"])
    def test_is_a_blocker_that_is_not_good(self, row: Outcome) -> None:
        assert hinders(with_row(row)[-1], self.subject)
        assert not hinders(with_row(row, severity="warning")[-1], self.subject)

    def test_is_not_what_preparation_will_remove(self) -> None:
        row = with_row("failed", remedied_by="prepare")[-1]
        untouched = target("a", outcome="undetermined", receipt=None)
        assert not hinders(row, untouched)
        assert left_to_prepare(row, untouched)
        assert not left_to_prepare(row, self.subject)
        assert not left_to_prepare(row.model_copy(update={"outcome": "passed"}), untouched)
        assert hinders(row, self.subject)
        named = Gate(open=False, reasons=(Reason(code="failed", text="it stayed", check=row.check),))
        assert hinders(row, untouched.model_copy(update={"gate": named}))

    def test_does_not_turn_a_doubt_into_a_failure_before_preparation(self) -> None:
        rows = (
            *with_row("failed", remedied_by="prepare", phase="pre"),
            samples.row("LNX-AGENT-001", "a", "undetermined"),
        )
        doubtful = target("a", outcome="undetermined", receipt=None, gate=UNSURE)
        assert exit_code(Evidence(run=run(), verdict="undetermined", targets=(doubtful,), results=rows)) == 8
