"""The pipelines of docs/ci: they load, their jobs are gated, and their commands are ones that Sealproof understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.__main__ import main as reports
from runners.options import add_options

FOLDER = Path(__file__).parents[1] / "docs" / "ci"
PIPELINES = sorted(FOLDER.glob("*.yml"))


def loaded(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text())
    assert isinstance(data, dict)
    return data


def scripts(data: Any) -> Iterator[str]:
    """Return every script of a pipeline."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("run", "script", "inlineScript") and isinstance(value, str):
                yield value
            else:
                yield from scripts(value)
    elif isinstance(data, list):
        for item in data:
            yield from scripts(item)


def commands(path: Path, program: str) -> list[list[str]]:
    """Return the words of each command that starts with `program`, with expressions filled in."""
    text = "\n".join(scripts(loaded(path))).replace("\\\n", " ")
    text = re.sub(r"\$\{\{.*?\}\}|\$\([A-Za-z.]+\)", "filled-in", text)
    return [shlex.split(line) for line in text.splitlines() if line.strip().startswith(program)]


def test_there_is_one_for_each_way() -> None:
    assert [path.name for path in PIPELINES] == [
        "azure-pipelines.yml",
        "github-actions.yml",
        "packer-github-actions.yml",
        "shards-github-actions.yml",
    ]


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_its_commands_are_understood(path: Path) -> None:
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    found = commands(path, "sealproof ")
    assert found
    for words in found:
        known, unknown = parser.parse_known_and_unknown_args(words[1:])
        assert unknown == ["-q"], "an option that Sealproof does not have"
        assert known.fleet or known.target
        assert known.generalize != known.confirm


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_it_holds_no_secret_and_signs_in_by_federation(path: Path) -> None:
    text = path.read_text()
    assert "${{ secrets" not in text
    assert not re.search(r"client-secret|creds:|password", text)
    assert "id-token: write" in text or "azureSubscription: image-release" in text


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_it_keeps_its_evidence_whatever_happened(path: Path) -> None:
    steps = list(_steps(loaded(path)))
    uploads = [
        step for step in steps if "upload-artifact" in step.get("uses", "") or "Artifact" in step.get("task", "")
    ]
    assert {step.get("if", step.get("condition")) for step in uploads} == {"always()"}


def _steps(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield from data.get("steps", [])
        for value in data.values():
            yield from _steps(value)
    elif isinstance(data, list):
        for item in data:
            yield from _steps(item)


def test_a_release_needs_the_verdict() -> None:
    github, azure = loaded(FOLDER / "github-actions.yml"), loaded(FOLDER / "azure-pipelines.yml")
    release = github["jobs"]["release"]
    assert (release["needs"], release["if"]) == ("seal", "needs.seal.outputs.verdict == 'proven'")
    assert github["jobs"]["seal"]["outputs"]["verdict"] == "${{ steps.seal.outputs.verdict }}"
    stage = azure["stages"][1]
    assert stage["dependsOn"] == "seal"
    assert stage["condition"].startswith("and(succeeded(), eq(dependencies.seal.outputs[")


def test_what_is_attested_is_printed_by_a_command_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    (words,) = commands(FOLDER / "github-actions.yml", "python -m reports")
    assert words[3:5] == ["predicate", "$EVIDENCE"]
    with pytest.raises(SystemExit):
        reports(["predicate", "--help"])
    assert "--allow-lab" in capsys.readouterr().out


def test_the_shares_of_a_matrix_are_all_there_and_are_joined() -> None:
    path = FOLDER / "shards-github-actions.yml"
    jobs = loaded(path)["jobs"]
    (seal,) = (step["run"] for step in jobs["seal"]["steps"] if step.get("name") == "Seal")
    of = int(re.findall(r"--shard=\S* matrix.shard }}/(\d+)", seal)[0])
    assert jobs["seal"]["strategy"]["matrix"]["shard"] == list(range(1, of + 1))
    assert jobs["seal"]["strategy"]["fail-fast"] is False
    assert (jobs["join"]["needs"], jobs["join"]["if"]) == ("seal", "always()")
    (words,) = commands(path, "python -m reports")
    assert words[3] == "merge"
