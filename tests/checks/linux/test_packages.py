from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, RepositoryFault
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()
FAULTS = (
    RepositoryFault("credentials", "/etc/apt/auth.conf"),
    RepositoryFault("private", "/etc/apt/sources.list"),
)


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean("LNX-PACKAGES-001", "nothing runs", guest()),
    dirty("LNX-PACKAGES-001", "two run", guest(package_work=("apt-daily.service", "dpkg")), "apt-daily", "dpkg"),
    absent("LNX-PACKAGES-001", "no package manager", guest(package_work=MISSING), "passed"),
    unknown("LNX-PACKAGES-001", "not looked", guest(package_work=UNREAD), "cut off"),
    clean("LNX-PACKAGES-002", "all complete", guest()),
    dirty("LNX-PACKAGES-002", "two are not", guest(broken_packages=2), "2 package(s)"),
    absent("LNX-PACKAGES-002", "no dpkg", guest(broken_packages=MISSING), "passed"),
    unknown("LNX-PACKAGES-002", "dpkg failed", guest(broken_packages=UNREAD), "cut off"),
    clean("LNX-REPO-001", "public sources", guest()),
    dirty("LNX-REPO-001", "both faults", guest(repository_faults=FAULTS), "with a password", "private network"),
    absent("LNX-REPO-001", "no sources", guest(repository_faults=MISSING), "passed"),
    unknown("LNX-REPO-001", "not read", guest(repository_faults=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_packages(claim: Claim) -> None:
    claim.verify()
