from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
CHECK = "LNX-DISTRO-001"


def release(name: Any, version: Any) -> Observation:
    return observation(guest=linux_guest(distribution=name, distribution_version=version))


CLAIMS = (
    clean(CHECK, "Debian 12", release("debian", "12")),
    clean(CHECK, "a release that only begins alike", release("ubuntu", "24.04")),
    clean(CHECK, "one that nobody knows", release("nixos", "6")),
    dirty(CHECK, "RHEL 7.9", release("rhel", "7.9"), "rhel 7.9"),
    dirty(CHECK, "Ubuntu 18.04", release("ubuntu", "18.04"), "ubuntu 18.04"),
    absent(CHECK, "no os-release", release(Fact.missing(), Fact.missing()), "passed"),
    absent(CHECK, "a rolling one", release("arch", Fact.missing()), "passed"),
    unknown(CHECK, "os-release not read", release(UNREAD, UNREAD), "cut off"),
    unknown(CHECK, "version not read", release("debian", UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_distribution(claim: Claim) -> None:
    claim.verify()
