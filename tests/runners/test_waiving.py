"""A run that takes waivers: what they excuse, and what is told of them. Through the option, from file to record."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from runners.git import commit_of
from tests.runners.runs import Run, scenario, sealproof

TODAY = datetime.now(UTC).date()


def waiver(check: str, target: str, days: int = 10, age: int = 1, **more: str) -> dict[str, object]:
    said = {"reason": "it holds test data alone", "approver": "dana", **more}
    return {"check": check, "target": target, **said} | {
        "approved_on": TODAY - timedelta(days=age),
        "expires": TODAY + timedelta(days=days),
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("waiving")
    lab = scenario(folder, "luks01")
    luks = yaml.safe_load(lab.read_text(encoding="utf-8"))["fleet"]["targets"][0]["id"]
    waivers = [
        waiver("LNX-LUKS-001", luks.upper()),
        waiver("LNX-AGENT-002", luks, days=0),
        waiver("LNX-FSTAB-002", luks),
        waiver("LNX-GONE-001", luks),
        waiver("AZ-POWER-001", luks),
        waiver("LNX-LUKS-001", "luks01", vm_id="00000000-0000-4000-8000-000000000000"),
    ]
    (folder / "waivers.yaml").write_text(yaml.safe_dump({"version": 1, "waivers": waivers}), encoding="utf-8")
    return sealproof(folder, f"--lab={lab}", "--observe", "--waivers=waivers.yaml", "-q", "-k", "LUKS or luks")


def test_a_waived_failure_opens_the_gate_and_stays_visible(run: Run) -> None:
    row = run.rows("luks01", "pre")["LNX-LUKS-001"]

    assert (row.outcome, row.waiver and row.waiver.approver) == ("waived", "dana")
    assert row.problems, "what was found stays in the record"
    assert run.target("luks01").gate.open
    assert (run.target("luks01").outcome, run.code) == ("ready", 0)


def test_what_became_of_every_waiver_is_told(run: Run) -> None:
    states = ["used", "expired", "unused", "unknown check", "refused", "unknown target"]

    assert [item.state for item in run.evidence.waivers] == states
    summary = (run.folder / "summary.md").read_text(encoding="utf-8")
    assert [state for state in states if f"**{state}**" not in summary] == []
    assert "waivers: 1 used; LNX-AGENT-002 on " in " ".join(run.text.split())


def test_the_file_is_pinned(run: Run) -> None:
    path = run.evidence_root.parent / "waivers.yaml"

    assert run.evidence.run.digests["waivers"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert run.evidence.run.commits["waivers"].startswith("in no commit")
    assert "--waivers=waivers.yaml" in run.evidence.run.arguments


def test_a_mistake_in_the_file_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text("version: 1\nwaivers:\n  - check: '*'\n", encoding="utf-8")

    refused = sealproof(tmp_path, "--lab", "--waivers=waivers.yaml")

    assert (refused.code, refused.started_nothing) == (4, True)
    assert "waivers.yaml:3: waivers[0].check: '*' is no single thing" in refused.text


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_is_that_which_holds_the_very_file(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        done = subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    path = tmp_path / "waivers.yaml"
    path.write_text("version: 1\n", encoding="utf-8")
    assert commit_of(path).startswith("in no commit")

    git("init", "-q")
    assert commit_of(path).startswith("in no commit")
    git("add", ".")
    git("commit", "-qm", "one")
    commit = git("rev-parse", "HEAD")
    assert commit_of(path) == commit

    path.write_text("version: 2\n", encoding="utf-8")
    assert commit_of(path) == f"not committed: it differs from the file in commit {commit}"
    assert commit_of(tmp_path / "other.yaml").startswith("in no commit")


def test_without_git_the_commit_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(tmp_path / "waivers.yaml") == "not known: git is not installed"
