"""How much of Run Command's pages a Windows guest's answer takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lab.guests.answer_frame import AnswerFrames, SentScript
from lab.guests.answer_set import AnswerSet, load_answers
from runners.guest.frame import OVERHEAD, PAGE_LIMIT, read_page
from runners.guest.run_command import ANSWER_LIMIT
from runners.guest.script import load_probes, question

NONCE = "ab" * 8
PAGE_BYTES = ANSWER_LIMIT - OVERHEAD


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
