"""Store packages of users against what is provisioned, the Store's updates, and whose profiles there are."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, StorePackage
from checks.healthy import observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the service cannot be started")
NONE: Fact[Any] = Fact.missing()
EDGE = StorePackage("Microsoft.MicrosoftEdge.Stable", "120.0.2210.91", "")
CALCULATOR = StorePackage("Microsoft.WindowsCalculator", "2021.2210.0.0", "2021.2012.21.0")


def server(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


def client(**overrides: Any) -> Observation:
    return server(**({"product_type": 1, "installed_roles": NONE} | overrides))


def unprovisioned(*packages: StorePackage, more: int = 0) -> Observation:
    return server(unprovisioned_packages=packages, unprovisioned_packages_total=len(packages) + more)


UNPROVISIONED = (
    clean("WIN-APPX-001", "all are provisioned", server()),
    dirty("WIN-APPX-001", "one is not, on a server", unprovisioned(EDGE), EDGE.name),
    dirty("WIN-APPX-001", "more than are named", unprovisioned(EDGE, more=299), EDGE.name, "299 more"),
    dirty("WIN-APPX-001", "none is named", unprovisioned(more=3), "3 more"),
    absent(
        "WIN-APPX-001",
        "no Store packages in this Windows",
        server(unprovisioned_packages=NONE, unprovisioned_packages_total=NONE),
        "passed",
    ),
    unknown("WIN-APPX-001", "not compared", server(unprovisioned_packages=UNREAD), "cannot be started"),
    unknown("WIN-APPX-001", "not counted", server(unprovisioned_packages_total=UNREAD), "cannot be started"),
)

NEWER = tuple(
    claim
    for check, guest, other in (("WIN-APPX-002", client, server), ("WIN-APPX-003", server, client))
    for claim in (
        clean(check, "the same versions", guest()),
        dirty(
            check, "a newer one", guest(newer_packages=(CALCULATOR,), newer_packages_total=1), CALCULATOR.provisioned
        ),
        dirty(check, "more than are named", guest(newer_packages_total=2), "2 more"),
        absent(check, "no Store packages", guest(newer_packages=NONE, newer_packages_total=NONE), "passed"),
        absent(check, "the other kind of Windows", other(newer_packages=(CALCULATOR,)), "not applicable"),
        unknown(check, "not compared", guest(newer_packages=UNREAD), "cannot be started"),
        unknown(check, "a Windows of unknown kind", guest(product_type=UNREAD), "cannot be started"),
    )
)

UPDATES = (
    clean("WIN-APPX-004", "off", client(store_auto_download=2)),
    dirty("WIN-APPX-004", "on", client(store_auto_download=4), "AutoDownload"),
    absent("WIN-APPX-004", "no policy", client(), "warned", "no policy"),
    absent("WIN-APPX-004", "a server", server(), "not applicable"),
    unknown("WIN-APPX-004", "not read", client(store_auto_download=UNREAD), "cannot be started"),
)

PROFILES = (
    clean("WIN-PROFILE-001", "the administrator's alone", server()),
    dirty("WIN-PROFILE-001", "a person's", server(extra_profiles=(r"C:\Users\ann",), extra_profiles_total=1), "ann"),
    dirty(
        "WIN-PROFILE-001",
        "hundreds",
        server(extra_profiles=(r"C:\Users\ann",), extra_profiles_total=400),
        "ann",
        "399 more",
    ),
    absent("WIN-PROFILE-001", "no profiles", server(extra_profiles=NONE, extra_profiles_total=NONE), "passed"),
    unknown("WIN-PROFILE-001", "not read", server(extra_profiles=UNREAD), "cannot be started"),
)

CLAIMS = UNPROVISIONED + NEWER + UPDATES + PROFILES


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_store_package(claim: Claim) -> None:
    claim.verify()
