"""A user's mistake is told with file, line and remedy: exit 4, no traceback, and nothing is started."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from runners.cli import ROOT
from runners.disk import reader
from tests.runners.runs import MIXED, Run, scenario, sealproof

CHECK = (
    "from checks.catalogue import check\n\n\n"
    "@check({id!r}, 'a title', phase='pre', severity='info', why='w', fix='f', source='s', grade='X')\n"
    "def check_thing_right(azure):\n    return []\n"
)
SCENARIO = (
    "version: 1\nmachines:\n  - {name: golden, resource_group: rg, platform: linux, "
    "vm_id: 00000000-0000-4000-8000-000000000001, guest: {simulated: {}}}\n"
)
FILES = {
    "bare/mine.py": "VALUE = 1\n\n\ndef check_nothing(azure):\n    return []\n",
    "twice/again.py": CHECK.format(id="AZ-POWER-001"),
    "plain/plain_tests.py": "def test_something():\n    assert True\n",
    "broken/broken_module.py": "import no_such_module_anywhere\n",
    "shadow/json.py": CHECK.format(id="TEAM-SHADOW-001"),
    "not-yaml.yaml": "version: 1\ntargets: [\n",
    "bad-target.yaml": "version: 1\ntargets:\n  - name: golden\n    id: /subscriptions/x\n",
    "bad-scenario.yaml": "version: 1\nmachines:\n  - name: golden\n    colour: red\n",
    "gallery/first.yaml": SCENARIO,
    "gallery/second.yaml": SCENARIO,
    "a-file": "",
}
VM = yaml.safe_load(MIXED.read_text(encoding="utf-8"))["fleet"]["targets"][0]["id"]
DISK = VM.replace("virtualMachines", "disks")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return tmp_path


def refused(run: Run) -> bool:
    return run.code == 4 and "Traceback" not in run.text and "INTERNALERROR" not in run.text and run.started_nothing


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--checks bare", ["bare/mine.py:4", "check_nothing", "@check"]),
        ("--checks twice", ["AZ-POWER-001", "checks/azure/power.py:", "twice/again.py:"]),
        ("--checks plain", ["plain/plain_tests.py:1", "test_something"]),
        ("--checks broken", ["broken/broken_module.py", "no_such_module_anywhere"]),
        ("--checks shadow", ["shadow/json.py", "Give the file another name"]),
        ("--checks bear", ["no such folder", "Did you mean", "bare"]),
        ("--fleet nowhere.yaml", ["nowhere.yaml", "No such file"]),
        ("--fleet not-yaml.yaml", ["not-yaml.yaml:3"]),
        ("--fleet bad-target.yaml", ["bad-target.yaml:4", "ARM id"]),
        ("--fleet not-yaml.yaml --target x", ["--fleet and --target"]),
        ("--fleet not-yaml.yaml --file x --confirm", ["--fleet and --file"]),
        ("--fleet not-yaml.yaml --select tag:x", ["--fleet and --select"]),
        ("--select release=2026-11", ["--select: 'release=2026-11' is no condition", "tag:NAME=VALUE"]),
        ("--file a-file", ["--file is for --confirm"]),
        ("--confirm --file a-file --file a-file", ["--file:", "given twice"]),
        (f"--target {DISK}", ["target debian01 is a disk", "--confirm"]),
        (f"--target {DISK} --generalize", ["target debian01 is a disk", "--confirm"]),
        ("--lab --account azureuser", ["--account is for --confirm", "deprovision_user"]),
        ("--lab --confirm --account=two:words", ["--account 'two:words' is no account name"]),
        ("--lab --digest", ["--digest is for --confirm"]),
        ("--lab --confirm --platform linux", ["--platform is for what --target, --select and --file name"]),
        ("--target golden", ["'golden'", "virtualMachines/NAME"]),
        ("--lab=nothing", ["'nothing'", "demo, linux-gallery, mixed, real"]),
        ("--lab=bad-scenario.yaml", ["bad-scenario.yaml:4", "colour"]),
        ("--lab=./gallery", ["gallery/second.yaml", "'golden' is taken by", "gallery/first.yaml"]),
        ("--lab=./bare", ["./bare: that is no scenario"]),
        ("--lab=bare", ["the folder holds no scenario files"]),
        ("--lab checks/azure/lock.py", ["--lab=demo"]),
        ("--lab bare/mine.py", ["--lab=demo"]),
        ("--generalize --observe", ["--generalize and --observe"]),
        ("--generalize --confirm", ["--generalize and --confirm"]),
        ("--observe --confirm", ["--observe and --confirm"]),
        ("--lab --arm-endpoint https://localhost:1", ["--lab and --arm-endpoint"]),
        ("--lab --ca ca.pem", ["--lab and --ca"]),
        (f"--target {VM} --ca nowhere.pem", ["nowhere.pem", "--ca"]),
        (f"--target {VM} --ca a-file", ["a-file", "--ca"]),
        (f"--target {VM} --arm-endpoint http://localhost:1", ["--arm-endpoint: 'http://localhost:1'", "https"]),
        (f"--target {VM} --authority login.example.org", ["--authority: 'login.example.org'", "https"]),
        (f"--target {VM} --authority https://login.example.org", ["takes tokens of https://login.microsoftonline.com"]),
        (f"--target {VM} --arm-endpoint https://localhost:1", ["could not ask https://localhost:1", "no answer"]),
        ("--concurrency 0", ["--concurrency 0"]),
        ("--lab -n 2 --dist each", ["--dist each", "--dist load"]),
        ("--lab --dist load --tx ssh=build7", ["--tx ssh=build7", "-n NUMBER"]),
        ("--lab -n 2 -p no:sealproof-workers", ["-p no:sealproof-workers", "leave it away"]),
        ("--lab -f", ["--looponfail", "again and again"]),
        ("--lab --setup-plan", ["--setup-plan", "--collect-only"]),
        ("--lab -p no:runners.showing", ["-p no:runners.showing", "leave it away"]),
        ("--lab -p no:sealproof-ending", ["-p no:sealproof-ending", "leave it away"]),
    ],
)
def test_a_mistake_is_told_before_anything_starts(folder: Path, arguments: str, told: list[str]) -> None:
    lab = () if arguments.startswith(("--lab", "--fleet", "--target", "--file", "--confirm")) else ("--lab",)
    run = sealproof(folder, *lab, *arguments.split())
    assert refused(run), run.text
    assert not [words for words in told if words not in run.text], run.text


@pytest.mark.parametrize("place", ["a-file", "a-file/below"])
def test_without_a_place_for_evidence_nothing_is_done(folder: Path, place: str) -> None:
    run = sealproof(folder, "--lab", "--evidence", place)
    assert refused(run), run.text
    assert "--evidence" in run.text
    assert "PROVEN" not in run.text


def test_without_a_target_the_ways_to_start_are_told(tmp_path: Path) -> None:
    run = sealproof(tmp_path)
    assert refused(run), run.text
    assert all(way in run.text for way in ("--lab", "--fleet FILE", "--target ARM_ID"))


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--collect-only", "-q"], "lock.py::check_lock_absent\n"),
        (["--collect-only", "-q", "--lab"], "lock.py::check_lock_absent[debian01]\n"),
        (["--collect-only", "-q", f"--target={VM}", "--generalize"], "executor.py::executor[debian01]\n"),
        ([f"{ROOT}/tests/runners/test_gate.py", "-q"], " passed in "),
        ([f"{ROOT}/tests/runners/test_gate.py", "-q", "--lab"], " passed in "),
    ],
    ids=["collect", "collect the lab", "collect in Azure", "tests", "tests and a lab"],
)
def test_what_needs_no_target_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], shown: str
) -> None:
    def reached(*_: object, **__: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr("lab.server.serve", reached)
    monkeypatch.setattr("runners.surroundings.azure", reached)
    run = sealproof(tmp_path, *arguments)
    assert run.code == 0, run.text
    assert shown in run.text
    assert run.started_nothing


def test_a_file_that_cannot_be_collected_keeps_the_engine_from_starting(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import no_such_module_anywhere\n")
    run = sealproof(tmp_path, "--lab=demo", str(tmp_path / "test_broken.py"), str(ROOT / "checks" / "executor.py"))
    assert run.code == 2, run.text
    assert run.started_nothing


def test_without_a_reader_of_disks_nothing_is_generalized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runners.disk.reader._START", f"import sys; sys.modules['dissect'] = None; {reader._START}")
    lab = f"--lab={scenario(tmp_path, 'win01')}"
    run = sealproof(tmp_path, lab)
    assert refused(run), run.text
    assert "pip install -e '.[disk]'" in run.text
    assert "--observe" in run.text
    assert sealproof(tmp_path, lab, "--observe").code == 0
