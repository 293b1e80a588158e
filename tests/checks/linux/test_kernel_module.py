from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, UnloadableModule
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


def lacking(*modules: tuple[str, str]) -> Observation:
    return guest(unloadable_modules=tuple(UnloadableModule(*module) for module in modules))


CLAIMS = (
    clean("LNX-MODULE-001", "all", guest()),
    clean("LNX-MODULE-001", "only the drive's", lacking(("sr_mod", "missing"))),
    dirty(
        "LNX-MODULE-001",
        "hardened",
        lacking(("udf", "blocked"), ("vfat", "blocked")),
        "udf is blocked",
        "vfat is blocked",
    ),
    absent("LNX-MODULE-001", "nothing told", guest(unloadable_modules=NONE), "undetermined"),
    unknown("LNX-MODULE-001", "not looked for", guest(unloadable_modules=UNREAD), "cut off"),
    clean("LNX-MODULE-002", "all", guest()),
    dirty("LNX-MODULE-002", "a slim kernel", lacking(("udf", "missing"), ("sr_mod", "missing")), "sr_mod is missing"),
    absent("LNX-MODULE-002", "nothing told", guest(unloadable_modules=NONE), "undetermined"),
    unknown("LNX-MODULE-002", "not looked for", guest(unloadable_modules=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_kernel_module(claim: Claim) -> None:
    claim.verify()
