"""Answer files and the folder Panther, in a running Windows guest."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
CACHED = r"C:\Windows\Panther\unattend.xml"
LEFT = r"C:\Windows\Temp\packer-unattend.xml"
OWN = r"D:\setup\own.xml"


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


CLAIMS = (
    clean("WIN-ANSWER-001", "none", guest(answer_files=())),
    dirty("WIN-ANSWER-001", "the cached one", guest(answer_files=(CACHED,)), CACHED),
    dirty("WIN-ANSWER-001", "two", guest(answer_files=(CACHED, OWN)), CACHED, OWN),
    dirty(
        "WIN-ANSWER-001",
        "one with a password",
        guest(answer_files=(CACHED,), answer_files_with_password=(CACHED,)),
        "a password in it",
    ),
    dirty(
        "WIN-ANSWER-001",
        "one whose content was not read",
        guest(answer_files=(CACHED,), answer_files_with_password=UNREAD),
        CACHED,
    ),
    absent("WIN-ANSWER-001", "none anywhere", guest(answer_files=Fact.missing()), "passed"),
    unknown("WIN-ANSWER-001", "not looked for", guest(answer_files=UNREAD), "denied"),
    clean("WIN-ANSWER-004", "none", guest(answer_files_with_password=())),
    clean(
        "WIN-ANSWER-004",
        "one that Sysprep looks for, which is judged as such",
        guest(answer_files=(CACHED,), answer_files_with_password=(CACHED.upper(),)),
    ),
    dirty(
        "WIN-ANSWER-004",
        "one that Packer left",
        guest(answer_files=(CACHED,), answer_files_with_password=(CACHED, LEFT)),
        LEFT,
    ),
    absent("WIN-ANSWER-004", "none anywhere", guest(answer_files_with_password=Fact.missing()), "passed"),
    unknown("WIN-ANSWER-004", "not read", guest(answer_files_with_password=UNREAD), "denied"),
    unknown("WIN-ANSWER-004", "not known which Sysprep looks for", guest(answer_files=UNREAD), "denied"),
    clean("WIN-PANTHER-001", "no folder", guest(panther_folder=False)),
    dirty("WIN-PANTHER-001", "the folder", guest(panther_folder=True), r"C:\Windows\Panther"),
    absent("WIN-PANTHER-001", "no folder", guest(panther_folder=Fact.missing()), "passed"),
    unknown("WIN-PANTHER-001", "not looked for", guest(panther_folder=UNREAD), "denied"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_answer_file(claim: Claim) -> None:
    claim.verify()
