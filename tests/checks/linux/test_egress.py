from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean("LNX-PROXY-001", "no proxy", guest()),
    dirty("LNX-PROXY-001", "apt has one", guest(proxies=("/etc/apt/apt.conf.d/95proxy",)), "95proxy"),
    absent("LNX-PROXY-001", "no configuration", guest(proxies=MISSING), "passed"),
    unknown("LNX-PROXY-001", "not read", guest(proxies=UNREAD), "cut off"),
    clean("LNX-FIREWALL-001", "no rule", guest()),
    dirty("LNX-FIREWALL-001", "a rule", guest(blocked_addresses=("168.63.129.16",)), "168.63.129.16"),
    absent("LNX-FIREWALL-001", "no firewall", guest(blocked_addresses=MISSING), "passed"),
    unknown("LNX-FIREWALL-001", "rules not listed", guest(blocked_addresses=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_egress(claim: Claim) -> None:
    claim.verify()
