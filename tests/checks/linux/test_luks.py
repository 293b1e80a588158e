from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

CHECK = "LNX-LUKS-001"
UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean(CHECK, "plain volumes", guest()),
    dirty(CHECK, "a LUKS signature", guest(encrypted_volumes=("sda2 (LUKS signature)",)), "sda2 (LUKS signature)"),
    dirty(CHECK, "two volumes", guest(encrypted_volumes=("sda2 (type crypt)", "sdb (type crypt)")), "sda2", "sdb"),
    dirty(CHECK, "a line in crypttab", guest(crypttab_entries=1), "/etc/crypttab"),
    dirty(
        CHECK, "a line in crypttab, devices not read", guest(encrypted_volumes=UNREAD, crypttab_entries=2), "2 active"
    ),
    dirty(CHECK, "a key volume of Azure Disk Encryption", guest(ade_key_volume=True), "BEK VOLUME"),
    absent(CHECK, "no crypttab", guest(encrypted_volumes=Fact.missing(), crypttab_entries=Fact.missing()), "passed"),
    unknown(CHECK, "devices not read", guest(encrypted_volumes=UNREAD), "cut off"),
    unknown(CHECK, "crypttab not read", guest(crypttab_entries=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_luks(claim: Claim) -> None:
    claim.verify()
