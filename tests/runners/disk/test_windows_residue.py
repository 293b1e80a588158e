"""What is left on real NTFS disks with real hives: found with its place, and not a letter of what it holds."""

from __future__ import annotations

import functools
import json

import pytest

from checks.facts import Policy, WindowsDisk, plain
from checks.healthy import sealed_observation
from checks.judgement import judge
from lab.images.windows_residue import PASSWORD
from runners.disk.reader import examine
from runners.observe.disk import parse
from tests.checks.claims import catalogue
from tests.runners.disk.disks import ImageSource, whole

NEVER_SEALED = {
    "WIN-IMAGE-001",
    "WIN-LOG-001",
    "WIN-SETUP-001",
    "WIN-SETUP-003",
    "WIN-SETUP-004",
    "WIN-TAG-001",
}
FOUND = {
    "windows-sealed": set(),
    "windows-unflushed": set(),
    "windows-configured": NEVER_SEALED,
    "windows-unsealed": NEVER_SEALED - {"WIN-LOG-001"} | {"WIN-LOG-002"},
    "windows-audit": {"WIN-IMAGE-001", "WIN-LOG-001", "WIN-SETUP-001"},
    "windows-not-generalized": {"WIN-IMAGE-001", "WIN-LOG-001", "WIN-SETUP-004"},
}
"""Disk -> the rules that it breaks, beside those of residue."""
NOT_ON_AN_IMAGE = {
    "WIN-TAG-002": "a tag that Sysprep left standing is no state that a disk of the lab is in",
    "WIN-AGENT-004": "every VM that Azure provisioned has the agent's services",
}
POST = {item.id for item in catalogue().phase("post") if item.metadata.platform == "windows"}


@functools.cache
def seen(image: str) -> WindowsDisk:
    disk = parse(examine(ImageSource(image), "windows"))
    assert isinstance(disk, WindowsDisk)
    return disk


def broken(image: str, policy: Policy | None = None) -> dict[str, list[str]]:
    """Return the rules that a disk breaks, with the places of what was found."""
    observation = sealed_observation("windows", disk=seen(image), policy=policy or Policy())
    judged = [judge(catalogue()[rule], observation) for rule in sorted(POST)]
    assert {item.outcome for item in judged} <= {"passed", "failed", "warned"}, "everything could be read"
    return {item.check.id: [problem.where for problem in item.problems] for item in judged if item.problems}


@pytest.mark.parametrize("image", FOUND)
def test_each_disk_breaks_the_rules_of_its_state_and_no_other(image: str) -> None:
    assert set(broken(image)) == FOUND[image]


def test_one_careless_build_breaks_every_rule_of_residue() -> None:
    states = set().union(*FOUND.values())
    assert POST - states - set(broken("windows-residue")) == set(NOT_ON_AN_IMAGE)


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("WIN-ANSWER-002", r"C:\Windows\Temp\packer-unattend.xml"),
        ("WIN-ANSWER-003", r"C:\Windows\Panther\unattend.xml"),
        ("WIN-ACCOUNT-001", "SAM hive, RID 1001"),
        ("WIN-PROFILE-002", r"C:\Users\builder"),
        ("WIN-LOGON-003", "SECURITY hive, Cache"),
        ("WIN-TASK-001", r"\Contoso\Report"),
        ("WIN-WINRM-003", "firewall rule {5EA1F001-0000-4000-8000-000000000003}"),
        ("WIN-LEFTOVER-001", r"C:\System Volume Information"),
    ],
)
def test_it_is_told_where_it_was_found(rule: str, place: str) -> None:
    assert place in broken("windows-residue")[rule]


def test_what_may_stay_is_named_in_the_fleet_file() -> None:
    allowed = Policy(
        allow_accounts=("builder",),
        allow_profiles=("builder",),
        allow_certificates=("5EA1F001" * 5,),
        allow_tasks=(r"\Contoso\Report", r"\packer-elevated"),
    )
    excused = set(broken("windows-residue")) - set(broken("windows-residue", allowed))
    assert excused == {"WIN-ACCOUNT-001", "WIN-PROFILE-002", "WIN-CERTIFICATE-001", "WIN-TASK-001"}


def test_no_secret_of_the_disk_is_in_its_facts() -> None:
    assert PASSWORD.encode() in whole("windows-residue")
    assert PASSWORD.encode("utf-16-le") in whole("windows-residue")
    facts = json.dumps(plain(seen("windows-residue")))
    assert PASSWORD not in facts
    assert "TUlJQg" not in facts, "protected settings"
    assert "5ea1f001-0000-4000-8000-000000000004" not in facts, "MachineGuid"


def test_an_answer_file_whose_password_setup_deleted_is_none_with_a_password() -> None:
    secrets = seen("windows-residue").secrets
    assert r"C:\Windows\Panther\unattend.xml" in secrets.answer_files.value
    assert secrets.answer_files_with_password.value == (r"C:\Windows\Temp\packer-unattend.xml",)


def test_the_machines_identity_is_recorded_and_not_judged() -> None:
    accounts = seen("windows-sealed").accounts
    assert accounts.machine_sid.value == "S-1-5-21-1-2-3"
    assert accounts.computer_name.value == "GOLDENVM"
    assert len(accounts.machine_guid.value) == 16


def test_the_whole_search_reads_little_of_the_disk() -> None:
    assert seen("windows-residue").coverage.bytes_read < 2 * 1024 * 1024
