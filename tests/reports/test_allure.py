"""What allure shows, from a real run of pytest that writes allure's results."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reports import allure
from tests.reports.refresh import REPOSITORY
from tests.reports.samples import proven, run

ITEMS = """
import pytest
from checks.catalogue import Metadata
from reports import allure
from tests.reports.samples import row, target

METADATA = Metadata(
    id="LNX-SHADOW-001", title="the backup of shadow holds no password hash", phase="post", platform="linux",
    severity="blocker", waivable=False, applies=None, remedied_by=None, proves=None, grade="T",
    why="a <b>hash</b> can be cracked", fix="clean: [passwd-backups]",
    source="https://example.com/one and /recorded/two",
)

@pytest.mark.parametrize("outcome", ["passed", "failed", "undetermined", "blocked", "waived", "not applicable"])
def test_shadow(outcome):
    allure.annotate(METADATA, "web01", "linux", row("LNX-SHADOW-001", "web01", outcome, reason="<i>seen</i>"))
    if outcome in ("waived", "not applicable"):
        pytest.skip(f"{outcome}: seen")
    if outcome != "passed":
        pytest.fail(f"{outcome}: seen", pytrace=False)
    assert allure.active() is EXPECTED

def test_executor():
    allure.annotate_step(target("web01", note="<b>it went well</b>"))

def test_not_yet_judged():
    allure.annotate(METADATA, "web01", "linux")
"""


def run_pytest(folder: Path, *arguments: str, active: bool) -> str:
    (folder / "test_items.py").write_text(ITEMS.replace("EXPECTED", str(active)))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}"]
    answer = subprocess.run(
        [*command, *arguments, str(folder / "test_items.py")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("allure")
    said = run_pytest(folder, "--alluredir=results", active=True)
    assert "3 failed, 3 passed, 2 skipped" in said, said
    return folder / "results"


def items(results: Path) -> dict[str, dict[str, Any]]:
    """Return allure's results by the outcome that the item was given."""
    found = [json.loads(path.read_text()) for path in results.glob("*-result.json")]
    return {
        "step"
        if data["name"].startswith("the irreversible step")
        else next((item["value"].strip("'") for item in data["parameters"] if item["name"] == "outcome"), "none"): data
        for data in found
    }


def test_an_item_tells_what_the_check_is_about(results: Path) -> None:
    item = items(results)["failed"]
    labels = {(label["name"], label["value"]) for label in item["labels"]}
    assert item["name"] == "LNX-SHADOW-001 the backup of shadow holds no password hash [web01]"
    assert {("severity", "blocker"), ("epic", "linux image"), ("feature", "post"), ("story", "LNX-SHADOW")} <= labels
    assert [link["url"] for link in item["links"]] == ["https://example.com/one"]
    assert {"name": "target", "value": "'web01'"} in item["parameters"]


def test_the_description_holds_outcome_why_and_fix_without_their_markup(results: Path) -> None:
    description = items(results)["failed"]["description"]
    assert description.startswith("**Outcome**: failed &#60;i&#62;seen")
    assert "**Why**: a &#60;b&#62;hash" in description
    assert "**Fix**: clean: &#91;passwd-backups&#93;" in description


def test_the_row_is_attached(results: Path) -> None:
    source = items(results)["undetermined"]["attachments"][0]["source"]
    assert json.loads((results / source).read_text())["outcome"] == "undetermined"


def test_an_item_that_waits_for_no_row_is_described_all_the_same(results: Path) -> None:
    item = items(results)["none"]
    assert item["description"].startswith("**Why**")
    assert "attachments" not in item


def test_each_outcome_falls_into_its_category(results: Path) -> None:
    allure.write_categories(results)
    categories = json.loads((results / "categories.json").read_text())
    fallen = {
        outcome: [
            category["name"]
            for category in categories
            if item["status"] in category["matchedStatuses"]
            and re.fullmatch(category["messageRegex"], item["statusDetails"]["message"])
        ]
        for outcome, item in items(results).items()
        if item["status"] != "passed"
    }
    assert fallen == {
        "failed": ["Blockers that failed"],
        "undetermined": ["Could not be determined"],
        "blocked": ["Blocked by a gate or an earlier step"],
        "waived": ["Waived"],
        "not applicable": ["Not applicable"],
    }


def test_without_allure_nothing_is_written(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, active=False)
    assert "3 failed, 3 passed, 2 skipped" in said, said
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["test_items.py"]


def test_the_environment_is_in_the_form_of_java_properties(tmp_path: Path) -> None:
    evidence = proven().model_copy(update={"run": run(versions={"a b=c": "C:\\x"})})
    text = allure.write_environment(tmp_path, evidence).read_text()
    assert "endpoint=https://127.0.0.1:8443\n" in text
    assert "lab=yes: proves nothing about Azure\n" in text
    assert "a\\ b\\=c=C:\\\\x\n" in text
    assert "verdict=proven\n" in text


def test_the_step_has_its_way_and_its_receipt(results: Path) -> None:
    item = items(results)["step"]
    assert item["name"] == "the irreversible step [web01]"
    assert item["description"] == "**Outcome**: proven &#60;b&#62;it went well&#60;/b&#62;"
    attached = {part["name"]: (results / part["source"]).read_text() for part in item["attachments"]}
    assert "2026-11-22 20:15:04 UTC  gate  open\n" in attached["what was done, from the journal"]
    assert json.loads(attached["receipt"])["outcome"] == "succeeded"


def test_a_ci_job_is_told_as_the_executor(tmp_path: Path) -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "contoso/images",
        "GITHUB_RUN_ID": "7",
        "GITHUB_WORKFLOW": "seal",
        "GITHUB_RUN_NUMBER": "3",
    }
    path = allure.write_executor(tmp_path, github)
    assert path is not None
    assert json.loads(path.read_text()) == {
        "name": "GitHub Actions",
        "type": "github",
        "buildName": "seal #3",
        "buildUrl": "https://github.com/contoso/images/actions/runs/7",
    }
    azure = {
        "TF_BUILD": "True",
        "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
        "SYSTEM_TEAMPROJECT": "images",
    }
    path = allure.write_executor(tmp_path, azure | {"BUILD_BUILDID": "9"})
    assert path is not None
    assert "https://dev.azure.com/contoso/images/_build/results?buildId=9" in path.read_text()
    assert allure.write_executor(tmp_path, {}) is None


def test_no_check_knows_allure() -> None:
    files = [path for folder in ("checks", "runners") for path in (REPOSITORY / folder).rglob("*.py")]
    assert [path.name for path in files if re.search(r"^\s*(import|from) allure", path.read_text(), re.MULTILINE)] == []
