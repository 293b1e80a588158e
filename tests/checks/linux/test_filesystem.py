from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, FreeSpace, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


def free(*spaces: tuple[str, int, int, int]) -> Observation:
    return guest(free_space=tuple(FreeSpace(*space) for space in spaces))


BROKEN = {"root_read_only": True, "filesystem_errors": 3, "check_forced": True}

CLAIMS = (
    clean("LNX-FILESYSTEM-001", "room", guest()),
    clean("LNX-FILESYSTEM-001", "a full but roomy /boot", free(("/", 9000, 50, 90), ("/boot", 60, 6, 90))),
    dirty("LNX-FILESYSTEM-001", "full in all ways", free(("/", 100, 5, 3)), "100 MiB", "5 %", "3 % of the inodes"),
    dirty("LNX-FILESYSTEM-001", "/boot is full", free(("/boot", 10, 2, 90)), "/boot: 10 MiB"),
    absent("LNX-FILESYSTEM-001", "nothing told", guest(free_space=NONE), "undetermined"),
    unknown("LNX-FILESYSTEM-001", "no df", guest(free_space=UNREAD), "cut off"),
    clean("LNX-FILESYSTEM-002", "sound", guest()),
    dirty("LNX-FILESYSTEM-002", "all at once", guest(**BROKEN), "read-only", "3 error(s)", "a check is forced"),
    dirty(
        "LNX-FILESYSTEM-002", "forced, messages not read", guest(check_forced=True, filesystem_errors=UNREAD), "forced"
    ),
    absent("LNX-FILESYSTEM-002", "nothing told", guest(root_read_only=NONE), "undetermined"),
    unknown("LNX-FILESYSTEM-002", "messages not read", guest(filesystem_errors=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_filesystem(claim: Claim) -> None:
    claim.verify()
