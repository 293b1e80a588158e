from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import azure_facts, linux_guest, observation, os_disk
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()
CONFIDENTIAL = azure_facts(os_disk=os_disk(security_type="ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey"))


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    *(
        clean("LNX-OPENSSL-001", version, guest(openssl_version=version))
        for version in ("3.5.1", "1.1.1k", "1.0.2k-fips")
    ),
    dirty("LNX-OPENSSL-001", "an old one", guest(openssl_version="1.0.1e-fips"), "1.0.1e"),
    dirty("LNX-OPENSSL-001", "no longer maintained", guest(openssl_version="1.1.0l"), "1.1.0l"),
    absent("LNX-OPENSSL-001", "not installed", guest(openssl_version=MISSING), "passed"),
    unknown("LNX-OPENSSL-001", "not read", guest(openssl_version=UNREAD), "cut off"),
    unknown("LNX-OPENSSL-001", "no version", guest(openssl_version="SSL"), "no version number"),
    clean("LNX-OMI-001", "patched", guest(omi_version="1.6.8-1")),
    clean("LNX-OMI-001", "later", guest(omi_version="1.9.0")),
    dirty("LNX-OMI-001", "before the patch", guest(omi_version="1.6.8-0"), "1.6.8-0"),
    absent("LNX-OMI-001", "not installed", guest(omi_version=MISSING), "passed"),
    unknown("LNX-OMI-001", "not read", guest(omi_version=UNREAD), "cut off"),
    clean("LNX-ARCH-001", "Arm", guest(machine_type="aarch64")),
    dirty("LNX-ARCH-001", "32-bit", guest(machine_type="i686"), "i686"),
    absent("LNX-ARCH-001", "uname prints nothing", guest(machine_type=MISSING), "undetermined"),
    unknown("LNX-ARCH-001", "not read", guest(machine_type=UNREAD), "cut off"),
    clean("LNX-CLOCK-001", "synchronised", guest()),
    dirty("LNX-CLOCK-001", "drifting", guest(clock_synchronised=False), "not synchronised"),
    absent("LNX-CLOCK-001", "no answer", guest(clock_synchronised=MISSING), "undetermined"),
    unknown("LNX-CLOCK-001", "nothing to ask", guest(clock_synchronised=UNREAD), "cut off"),
    clean("LNX-KVP-001", "it runs", guest()),
    dirty("LNX-KVP-001", "it does not", guest(kvp_daemon=False), "hv_kvp_daemon"),
    absent("LNX-KVP-001", "no Hyper-V", guest(kvp_daemon=MISSING), "passed"),
    absent(
        "LNX-KVP-001",
        "a confidential VM",
        observation(guest=linux_guest(kvp_daemon=False), azure=CONFIDENTIAL),
        "not applicable",
    ),
    unknown("LNX-KVP-001", "not read", guest(kvp_daemon=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_programs(claim: Claim) -> None:
    claim.verify()
