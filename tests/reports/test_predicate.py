"""What another signer is given: what our own would have signed, and nothing that our own would have refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports import attestation
from reports.__main__ import main
from reports.errors import EvidenceError
from reports.predicate import predicate
from reports.verify import parse, read_folder
from tests.reports.folders import left_by
from tests.reports.samples import failed_gate, proven, run, undetermined


def test_it_is_what_our_own_signature_is_of(tmp_path: Path) -> None:
    folder = left_by(tmp_path, proven())
    files = read_folder(folder)
    del files[attestation.FILE_NAME]
    statement = attestation.statement(parse(files["evidence.json"]), files)
    assert json.loads(predicate(folder, allow_lab=True)) == statement["predicate"]


def test_what_did_not_pass_is_not_attested_as_passed(tmp_path: Path) -> None:
    assert json.loads(predicate(left_by(tmp_path / "a", failed_gate()), allow_lab=True))["result"] == "FAILED"
    assert json.loads(predicate(left_by(tmp_path / "b", undetermined()), allow_lab=True))["result"] == "FAILED"


def test_a_lab_s_run_needs_leave(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = left_by(tmp_path, proven())
    assert main(["predicate", str(folder)]) == 3
    assert "--allow-lab" in capsys.readouterr().err
    assert main(["predicate", str(folder), "--allow-lab"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] in ("PASSED", "WARNED")


def test_a_folder_that_does_not_fit_together_is_refused(tmp_path: Path) -> None:
    folder = left_by(tmp_path / "a", proven())
    (folder / "facts" / "debian.json").write_text("{}")
    with pytest.raises(EvidenceError, match="debian"):
        predicate(folder, allow_lab=True)
    unfinished = left_by(tmp_path / "b", proven().model_copy(update={"run": run(ended=None)}))
    with pytest.raises(EvidenceError, match="never ended"):
        predicate(unfinished, allow_lab=True)
