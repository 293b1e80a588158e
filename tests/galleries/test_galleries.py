"""The lab's galleries: every machine is found as its scenario says, in one run over all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.gallery import scenario_files
from lab.scenario import Scenario
from lab.scenario_loader import load_scenario
from reports.evidence import Evidence
from runners.generalize.sysprep_errors import CAUSES, CODES, KnownError
from runners.items import EXECUTOR, ROOT
from tests.checks.claims import catalogue
from tests.lab.expectations import contradictions
from tests.runners.runs import Run, sealproof

SCENARIOS = ROOT / "lab" / "scenarios"
WINDOWS, LINUX = load_scenario("windows-gallery"), load_scenario("linux-gallery")
EXPECTED = {machine.name: machine.spec.expect for machine in WINDOWS.machines if machine.spec.expect is not None}
STILL_AT_WORK = {"sysprep-quits-early": 1}
"""Machines whose Sysprep still works when it is looked at first, and how often it may be so."""
NOT_SHOWN = {
    "AZ-DISK-002": "whether its disk is exported is what the lab itself keeps, not its scenario",
    "WIN-SERVICE-003": "`run_as` needs a password outside the fleet file, and a scenario is a single file",
}
"""Checks before the step that no Windows machine of the gallery breaks, and why."""


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run over the gallery. Which items are shown changes nothing but the time that showing takes."""
    return sealproof(tmp_path_factory.mktemp("gallery"), "--lab=windows-gallery", "-q", str(EXECUTOR))


@pytest.fixture(scope="module")
def evidence(windows: Run) -> Evidence:
    """Its evidence, read once: it is large."""
    return windows.evidence


@pytest.mark.parametrize("name", [machine.name for machine in WINDOWS.machines])
def test_each_machine_is_found_as_its_scenario_says(evidence: Evidence, name: str) -> None:
    assert name in EXPECTED, "say in its scenario what a run must find (`expect`)"
    assert contradictions(EXPECTED[name], evidence, name) == []


@pytest.fixture(scope="module")
def linux(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """As `windows`."""
    return sealproof(tmp_path_factory.mktemp("gallery"), "--lab=linux-gallery", "-q", str(EXECUTOR))


@pytest.mark.parametrize("name", [machine.name for machine in LINUX.machines])
def test_each_linux_machine_is_found_as_its_scenario_says(linux: Run, name: str) -> None:
    expected = next(machine.spec.expect for machine in LINUX.machines if machine.name == name)
    assert expected is not None, f"{name}: say in its scenario what a run must find (`expect`)"
    assert contradictions(expected, linux.evidence, name) == []


@pytest.mark.parametrize(
    ("what", "rule"),
    [("user", "LNX-USER-001"), ("machine-id", "LNX-MACHINE-001"), ("host-keys", "LNX-RESIDUE-001")],
)
def test_what_stayed_on_the_disk_stops_the_machine_before_it_is_generalized(linux: Run, what: str, rule: str) -> None:
    name = f"disk-kept-{what}"
    assert linux.rows(name, "post")[rule].outcome == "failed"
    assert "witnessed.begin" in linux.events(name)
    assert "generalize.intent" not in linux.events(name)
    assert not any("generalize" in operation.lower() for operation in linux.writes(name))


def test_every_rule_that_a_windows_vm_can_break_is_broken_by_one() -> None:
    rules = {
        item.id for item in catalogue().values() if item.metadata.phase == "pre" and item.metadata.platform != "linux"
    }
    shown = {rule for item in EXPECTED.values() for rule in (*item.by, *item.warned)}
    assert rules - shown == set(NOT_SHOWN), "play a machine that breaks it in lab/scenarios/windows-gallery"
    assert shown <= set(catalogue())


@pytest.mark.parametrize("known", [*CAUSES, *CODES], ids=lambda known: known.cause)
def test_every_known_error_of_sysprep_is_told_of_a_machine(evidence: Evidence, known: KnownError) -> None:
    told = re.compile(re.escape(known.cause).replace(r"\{package\}", r"\S+"))
    causes = [target.receipt.cause for target in evidence.targets if target.receipt]
    assert [cause for cause in causes if told.search(cause)], "play it in lab/scenarios/windows-gallery"


@pytest.mark.parametrize("name", [name for name, item in EXPECTED.items() if item.receipt == "failed"])
def test_a_sysprep_that_failed_is_told_within_two_looks(windows: Run, name: str) -> None:
    events = windows.events(name)
    assert events.count("watch.seen") <= 2 + STILL_AT_WORK.get(name, 0)


@pytest.mark.parametrize(
    "file",
    [*scenario_files(SCENARIOS / "windows-gallery"), *scenario_files(SCENARIOS / "linux-gallery")],
    ids=lambda file: file.stem,
)
def test_each_scenario_stands_alone_and_says_from_where_its_answers_are(file: Path) -> None:
    scenario: Scenario = load_scenario(file)
    assert [machine.name for machine in scenario.machines] == [file.stem]
    assert "Constructed: " in scenario.description


def test_one_of_its_files_is_a_lab_of_its_own(tmp_path: Path) -> None:
    file = SCENARIOS / "windows-gallery" / "bitlocker-encrypted.yaml"
    run = sealproof(tmp_path, f"--lab={file}", "--observe", "-q")
    assert [reason.check for reason in run.target("bitlocker-encrypted").gate.reasons] == ["WIN-DISK-001"]
