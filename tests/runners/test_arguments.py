"""What was typed is kept in evidence only as far as it can hold no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.arguments import recorded
from tests.runners.runs import scenario, sealproof

SECRET = "hunter2"


def test_our_options_and_what_selects_are_kept_with_their_values(tmp_path: Path) -> None:
    lab = scenario(tmp_path, "win01")
    run = sealproof(tmp_path, f"--lab={lab}", "--observe", "-k", "lock or power", "-m", "pre", "-x", "--lf")
    kept = run.evidence.run.arguments
    assert {f"--lab={lab}", "--observe", "-k=lock or power", "-m=pre", "--maxfail=1", "--lf"} <= {*kept}
    assert "-x" not in kept


@pytest.mark.parametrize(
    "words",
    [
        [f"--hosts=winrm://Administrator:{SECRET}@10.0.0.5"],
        ["--hosts", f"winrm://Administrator:{SECRET}@10.0.0.5"],
        ["-o", f"junit_suite_name={SECRET}"],
        [f"-ojunit_suite_name={SECRET}"],
    ],
)
def test_of_all_other_options_only_the_name_is_kept(tmp_path: Path, words: list[str]) -> None:
    run = sealproof(tmp_path, f"--lab={scenario(tmp_path, 'win01')}", "--observe", *words)
    assert words[0][:2] in {name[:2] for name in run.evidence.run.arguments}
    files = [file for file in run.evidence_root.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]


def test_paths_and_repeated_options_are_kept_one_by_one() -> None:
    options = {"target": ["/a", "/b"], "file_or_dir": ["checks/azure"], "deselect": ["x::y"], "generalize": False}
    typed = ["--target", "/a", "--target=/b", "checks/azure", "--deselect", "x::y", "-v", "-v", "--tb=short"]
    assert recorded(typed, options) == ("--target=/a", "--target=/b", "--deselect=x::y", "checks/azure", "-v", "--tb")


def test_a_value_that_stands_alone_is_no_path_to_us() -> None:
    assert recorded(["--password", SECRET, "-s"], {"file_or_dir": []}) == ("--password", "-s")
