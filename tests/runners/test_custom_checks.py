"""A team's own checks decide as ours do, and what a guest says through them stays text."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from runners.custom_checks import custom_modules, folder_digests, plain_test_files
from tests.runners.runs import Run, scenario, sealproof

NAMES = """
from checks.catalogue import check, problem
from team_words import check_word_said


@check("TEAM-NAME-001", "the VM has the team's name", phase="pre", severity="blocker", why="w", fix="rename it",
       source="s", grade="X")
def check_name_agreed(guest):
    return [problem(where="::set-output name=a::b", observed="##vso[task.setvariable variable=x]y", expected="golden")]
"""
WORDS = """
from checks.catalogue import check


@check("TEAM-WORD-001", "the word was said", phase="post", severity="warning", why="w", fix="f", source="s", grade="X")
def check_word_said(disk):
    return []
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    (folder / "rules").mkdir()
    (folder / "rules" / "team_names.py").write_text(NAMES)
    (folder / "rules" / "team_words.py").write_text(WORDS)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return sealproof(
        folder, f"--lab={scenario(folder, 'win01')}", "--checks", "rules", "-v", "-m", "blocker or warning"
    )


def test_a_failing_check_of_a_team_closes_the_gate(run: Run) -> None:
    target = run.target("win01")
    assert (run.code, target.outcome, target.gate.open) == (1, "failed", False)
    assert [(reason.check, reason.remedy) for reason in target.gate.reasons] == [("TEAM-NAME-001", "rename it")]
    assert run.writes("win01") == {"virtualMachines/runCommand": 1}


def test_its_rows_and_its_digest_are_in_the_record(run: Run, folder: Path) -> None:
    assert run.rows("win01", "pre")["TEAM-NAME-001"].outcome == "failed"
    assert run.rows("win01", "post")["TEAM-WORD-001"].outcome == "blocked"
    assert run.evidence.run.digests["checks rules"] == folder_digests([folder / "rules"])["checks rules"]


def test_it_has_one_item_for_each_target_and_an_imported_check_no_second_one(run: Run) -> None:
    assert len(re.findall(r"team_names\.py::check_name_agreed\[win01\] FAILED", run.text)) == 1
    assert len(re.findall(r"::check_word_said\[win01\] ", run.text)) == 1
    assert "team_words.py::check_word_said[win01] BLOCKED" in run.text


def test_its_markers_select_it(folder: Path) -> None:
    run = sealproof(
        folder, f"--lab={scenario(folder, 'win01')}", "--checks=rules", "--collect-only", "-q", "-m", "info"
    )
    assert "team_" not in run.text
    run = sealproof(
        folder, f"--lab={scenario(folder, 'win01')}", "--checks=rules", "--collect-only", "-q", "-m", "post"
    )
    assert "check_word_said[win01]" in run.text
    assert "check_name_agreed" not in run.text


def test_what_a_guest_says_is_no_command_to_a_ci_system(run: Run) -> None:
    assert "task.setvariable" in run.text
    assert not re.search(r"^\s*::", run.text, re.MULTILINE)
    assert "##vso[" not in run.text


# Folders below the folder


def nested(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


ONE = """
from checks.catalogue import check, problem


@check("{id}", "the rule holds", phase="pre", severity="blocker", why="w", fix="f", source="s", grade="X")
def check_rule_kept(azure):
    return [problem(observed="broken", expected="kept", where="{id}")]
"""
SPY = """
import sys


def pytest_itemcollected(item):
    if "check_rule_kept" in item.name:
        assert item.module is sys.modules[item.module.__name__]
        print("item of", item.module.__name__, "is judged:", item.function in JUDGED(item))


def JUDGED(item):
    from runners.stash import session_of
    return {check.function for check in session_of(item.config).catalogue.values()}
"""


def test_a_rule_in_a_folder_below_decides_and_has_its_item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "rules/top.py": ONE.format(id="TEAM-TOP-001"),
        "rules/plain/nested_rule.py": ONE.format(id="TEAM-PLAIN-001"),
        "rules/linux/__init__.py": "",
        "rules/linux/deep/__init__.py": "",
        "rules/linux/deep/same_name.py": ONE.format(id="TEAM-DEEP-001"),
        "rules/other/__init__.py": "",
        "rules/other/same_name.py": ONE.format(id="TEAM-OTHER-001"),
        "rules/.venv/ignored.py": "def check_of_a_tool(azure):\n    pass\n",
        "sealproof_spy.py": SPY,
    }
    nested(tmp_path, files)
    monkeypatch.syspath_prepend(str(tmp_path))
    lab = f"--lab={scenario(tmp_path, 'win01')}"
    run = sealproof(tmp_path, lab, "--checks=rules", "--checks=rules/linux", "-v", "-s", "-p", "sealproof_spy")
    ids = {"TEAM-TOP-001", "TEAM-PLAIN-001", "TEAM-DEEP-001", "TEAM-OTHER-001"}
    assert run.code == 1, run.text
    rows = run.rows("win01", "pre").items()
    assert {key for key, row in rows if row.outcome == "failed" and not row.rule.remedied_by} == ids
    assert {reason.check for reason in run.target("win01").gate.reasons} == ids
    judged = re.findall(r"item of (\S+) is judged: True", run.text)
    assert sorted(judged) == ["linux.deep.same_name", "nested_rule", "other.same_name", "top"]
    assert "is judged: False" not in run.text
    for file in ("top", "plain/nested_rule", "linux/deep/same_name", "other/same_name"):
        assert len(re.findall(rf"{file}\.py::check_rule_kept\[win01\] FAILED", run.text)) == 1


# What would not be judged is refused


RULE = ONE.format(id="TEAM-RULE-001")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"_mine.py": RULE}, ["_mine.py:6", "check_rule_kept would never be judged"]),
        ({"conftest.py": RULE}, ["conftest.py:6", "check_rule_kept would never be judged"]),
        ({"below/__init__.py": RULE}, ["below/__init__.py:6", "check_rule_kept would never be judged"]),
        (
            {"some_rule.py": "class Rules:\n    def check_it(self):\n        pass\n"},
            ["some_rule.py:2", "check_it would never be"],
        ),
        (
            {"some_rule.py": "if 0:\n    def check_it(azure):\n        pass\n"},
            ["some_rule.py:2", "check_it would never be"],
        ),
        ({"some_rule.py": f"{RULE}\ncheck_rule_kept = print\n"}, ["some_rule.py:6", "check_rule_kept would never be"]),
        (
            {"team_tests.py": "class TestRules:\n    def test_it(self): ...\n"},
            ["team_tests.py:1", "TestRules is a plain test", "test_*.py"],
        ),
        (
            {"team_unit.py": "import unittest\nclass Rules(unittest.TestCase):\n    def test_it(self): ...\n"},
            ["team_unit.py:2", "Rules is a plain test"],
        ),
        ({"test_mine.py": RULE}, ["test_mine.py:6", "check_rule_kept would never be judged", "plain tests"]),
        ({"test_mine.py": "def test_it(:\n", "rule.py": RULE}, ["test_mine.py", "SyntaxError"]),
        ({"notes.txt": "no checks", "below/helper.py": "VALUE = 1\n"}, ["--checks", "no check and no plain test"]),
        (
            {"one/twin_rule.py": RULE, "two/twin_rule.py": RULE},
            ["two/twin_rule.py", "'twin_rule' is taken", "__init__.py"],
        ),
        ({"checks/__init__.py": "", "checks/own.py": RULE}, ["checks/__init__.py", "'checks' is taken"]),
        ({"_helper.py": "VALUE = (\n", "rule.py": RULE}, ["_helper.py", "SyntaxError"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_what_would_not_be_judged_is_refused(tmp_path: Path, files: dict[str, str], told: list[str]) -> None:
    nested(tmp_path / "rules", files)
    run = sealproof(tmp_path, "--lab=demo", "--checks=rules")
    assert run.code == 4, run.text
    assert run.started_nothing
    assert not [words for words in told if words not in run.text], run.text
    assert "Traceback" not in run.text


def test_a_helper_beside_the_rules_may_be_imported_by_them(tmp_path: Path) -> None:
    files = {"rules/_words.py": "WORD = 1\n", "rules/below/worded.py": f"from _words import WORD\n{RULE}"}
    nested(tmp_path, files)
    run = sealproof(tmp_path, "--lab=demo", "--checks=rules", "--collect-only", "-q")
    assert run.code == 0, run.text
    assert "check_rule_kept[win01]" in run.text


def test_files_of_plain_tests_are_left_to_pytest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    files = {"test_host.py": "raise SystemExit('imported')\n", "below/test_more.py": "", "below/rule.py": RULE}
    folder = nested(tmp_path / "rules", files)
    modules = custom_modules(folder)
    for module in modules:
        sys.modules.pop(module.__name__)
    assert [module.__name__ for module in modules] == ["rule"]
    assert plain_test_files(folder) == (folder / "below/test_more.py", folder / "test_host.py")


def test_a_folder_may_hold_plain_tests_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert custom_modules(nested(tmp_path / "rules", {"test_host.py": "def test_it(host): ...\n"})) == ()


# Digests


def test_a_digest_is_of_the_whole_tree_by_path(tmp_path: Path) -> None:
    nested(tmp_path, {"one/a.py": "A", "one/below/b.txt": "B", "one/__pycache__/a.pyc": "1"})
    nested(tmp_path, {"two/a.py": "A", "two/below/b.txt": "B"})
    first, second = (folder_digests([tmp_path / name]) for name in ("one", "two"))
    assert [*first.values()] == [*second.values()]
    (tmp_path / "two/below/b.txt").rename(tmp_path / "two/b.txt")
    assert [*first.values()] != [*folder_digests([tmp_path / "two"]).values()]
    (tmp_path / "one/below/b.txt").write_text("C")
    assert first != folder_digests([tmp_path / "one"])


def test_two_folders_of_one_name_have_a_digest_each(tmp_path: Path) -> None:
    nested(tmp_path, {"one/rules/a.py": "A", "two/rules/a.py": "B"})
    digests = folder_digests([tmp_path / "one/rules", tmp_path / "two/rules"])
    assert [*digests] == ["checks rules", "checks rules 2"]
    assert len({*digests.values()}) == 2


def test_links_that_go_round_end(tmp_path: Path) -> None:
    nested(tmp_path, {"rules/a.py": "A"})
    before = folder_digests([tmp_path / "rules"])
    (tmp_path / "rules" / "round").symlink_to(tmp_path / "rules")
    assert folder_digests([tmp_path / "rules"]) == before
