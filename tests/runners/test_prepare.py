"""What the preparation removes does not close the gate; what it leaves does, right before the launch."""

from __future__ import annotations

from pathlib import Path

from tests.runners.runs import scenario, sealproof

REMEDIED = ("WIN-ANSWER-001", "WIN-PANTHER-001")


def test_what_the_preparation_removes_is_judged_again_and_the_vm_is_proven(tmp_path: Path) -> None:
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'win01')}")

    rows = run.rows("win01", "pre")
    assert (run.code, run.target("win01").outcome) == (0, "proven")
    assert [rows[check].outcome for check in REMEDIED] == ["passed", "passed"]
    assert " failed" not in run.text, "an item that was shown too early"


def test_in_a_run_that_prepares_nothing_it_hinders_nobody(tmp_path: Path) -> None:
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'win01')}", "--observe")

    rows = run.rows("win01", "pre")
    assert (run.code, run.target("win01").outcome) == (0, "ready")
    assert [rows[check].outcome for check in REMEDIED] == ["failed", "failed"]
    assert " failed" not in run.text.partition("verdict:")[2]


def test_an_answer_file_that_survives_closes_the_gate_right_before_the_launch(tmp_path: Path) -> None:
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'answers01')}")

    target, rows = run.target("answers01"), run.rows("answers01", "pre")
    assert run.code == 1
    assert not target.gate.open
    assert [reason.check for reason in target.gate.reasons] == ["WIN-ANSWER-001"]
    assert [rows[check].outcome for check in REMEDIED] == ["failed", "passed"]
    writes = run.writes("answers01")
    assert "launch.intent" not in run.events("answers01")
    assert "prepare.end" in run.events("answers01")
    # Looked, prepared, looked again; and one PATCH writes the claim, another one takes it away again.
    assert writes == {"virtualMachines/runCommand": 3, "tags/updateAtMachine": 2}
