"""What is wrong with a Windows guest by a named patch is found by the check that is for it, and its answer arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import Observation, WindowsGuest
from checks.healthy import azure_facts
from checks.judgement import judge
from lab.guests.answer_frame import AnswerFrames, SentScript
from lab.guests.answer_set import AnswerSet, load_answers
from runners.guest.frame import OVERHEAD, PAGE_LIMIT, read_page
from runners.guest.run_command import ANSWER_LIMIT
from runners.guest.script import RawAnswers, load_probes, question
from runners.observe.guest import parse

NONCE = "ab" * 8
PAGE_BYTES = ANSWER_LIMIT - OVERHEAD
FOUND_BY = {
    "domain-controller": {"WIN-ROLE-001", "WIN-ROLE-002"},
    "role-dhcp": {"WIN-ROLE-001"},
    "role-dns": {"WIN-ROLE-002"},
    "role-cluster": {"WIN-ROLE-002"},
    "virtual-switch": {"WIN-SWITCH-001"},
    "deployment-services": {"WIN-WDS-001"},
    "iis-encrypted": {"WIN-IIS-001"},
    "sql-server": {"WIN-SQL-001"},
    "bitlocker": {"WIN-DISK-001", "WIN-DISK-003"},
    "efs": {"WIN-EFS-001"},
    "efs-unfinished": {"WIN-EFS-001"},
    "appx-unprovisioned": {"WIN-APPX-001"},
    "appx-newer": {"WIN-APPX-003"},
    "appx-many": {"WIN-APPX-001"},
    "user-profiles": {"WIN-PROFILE-001"},
    "windows-11": {"WIN-DISK-002", "WIN-APPX-004"},
}


def outcomes(answers: AnswerSet) -> dict[str, str]:
    raw = RawAnswers({name: text.encode() for name, text in answers.raw.items()}, frozenset(), {}, 1)
    guest = parse("windows", raw)
    assert isinstance(guest, WindowsGuest)
    seen = Observation(platform="windows", azure=azure_facts(platform="windows"), guest=guest)
    checks = Catalogue.from_modules(builtin_modules()).phase("pre")
    return {item.id: judge(item, seen).outcome for item in checks if item.id.startswith("WIN-")}


def pages(answers: AnswerSet) -> int:
    """Return how many pages an answer needs over Run Command."""
    script = SentScript.read(question("windows", load_probes("windows"), NONCE, PAGE_BYTES))
    return read_page(AnswerFrames().first_page(script, sorted(answers.raw.items())), NONCE, 1).pages


def names(of: str) -> list[str]:
    """Return 40 names that no compression shortens."""
    return [hashlib.sha256(f"{of}{number}".encode()).hexdigest()[:24] for number in range(40)]


def packages(of: str) -> list[dict[str, str]]:
    return [{"name": f"Contoso.{name}", "installed": "1.2.3.4", "provisioned": "1.2.3.0"} for name in names(of)]


def fact(value: object) -> dict[str, object]:
    return {"value": value}


@pytest.mark.parametrize("patch", FOUND_BY)
def test_a_patch_is_found_by_its_check(patch: str) -> None:
    healthy = outcomes(load_answers("windows-healthy"))
    patched = outcomes(load_answers("windows-healthy", [patch]))

    fine = {"passed", "not applicable"}
    found = {name for name, outcome in patched.items() if outcome not in fine and healthy[name] in fine}
    assert found >= FOUND_BY[patch]


def test_a_client_s_newer_package_blocks() -> None:
    patched = outcomes(load_answers("windows-healthy", ["windows-11", "appx-newer"]))

    assert (patched["WIN-APPX-002"], patched["WIN-APPX-003"]) == ("failed", "not applicable")


def test_what_could_not_be_looked_through_is_undetermined() -> None:
    assert outcomes(load_answers("windows-healthy", ["efs-unfinished"]))["WIN-EFS-001"] == "undetermined"


def test_an_ordinary_answer_takes_one_page() -> None:
    assert pages(load_answers("windows-healthy")) == 1


def test_a_server_with_all_lists_full_arrives_whole() -> None:
    patch: Mapping[str, dict[str, Any]] = {
        "appx": {
            "unprovisioned_packages": fact(packages("first")),
            "unprovisioned_packages_total": fact(300),
            "newer_packages": fact(packages("second")),
            "newer_packages_total": fact(300),
        },
        "profiles": {
            "extra_profiles": fact([f"C:\\Users\\{name}" for name in names("people")]),
            "extra_profiles_total": fact(400),
        },
        "volumes": {
            "volumes": fact(
                [
                    {"mount": f"\\\\?\\Volume{{{name}}}\\", "conversion_status": 0, "protection_status": 0}
                    for name in names("volumes")
                ]
            )
        },
    }
    full = load_answers("windows-healthy").patched(dict(patch))

    assert sum(map(len, full.raw.values())) > 12_000
    assert pages(full) <= PAGE_LIMIT
    assert outcomes(full)["WIN-APPX-001"] == "failed"
