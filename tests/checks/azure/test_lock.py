from __future__ import annotations

import pytest

from checks.facts import Fact, Lock, Observation
from checks.healthy import azure_facts, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown


def locked(*levels: str) -> Observation:
    found = tuple(Lock(f"lock-{level}", level, "/subscriptions/s/resourceGroups/images") for level in levels)
    return observation(azure=azure_facts(locks=found))


CLAIMS = (
    clean("AZ-LOCK-001", "no lock", locked()),
    dirty("AZ-LOCK-001", "CanNotDelete", locked("CanNotDelete"), "refuses deallocate"),
    dirty("AZ-LOCK-001", "ReadOnly", locked("ReadOnly"), "refuses every POST"),
    dirty("AZ-LOCK-001", "two locks", locked("CanNotDelete", "ReadOnly"), "lock-CanNotDelete", "lock-ReadOnly"),
    dirty("AZ-LOCK-001", "a level that nobody knows", locked("Sealed"), "level Sealed"),
    dirty("AZ-LOCK-001", "a lock without a level", locked(""), "level (none)"),
    dirty(
        "AZ-LOCK-001",
        "its scope",
        locked("ReadOnly"),
        "/resourceGroups/images/providers/Microsoft.Authorization/locks/lock-ReadOnly",
    ),
    dirty(
        "AZ-LOCK-001",
        "a scope that was not told",
        observation(azure=azure_facts(locks=(Lock("night", "ReadOnly", ""),))),
        "lock /providers/Microsoft.Authorization/locks/night",
    ),
    absent("AZ-LOCK-001", "no lock anywhere", observation(azure=azure_facts(locks=Fact.missing())), "passed"),
    unknown(
        "AZ-LOCK-001",
        "no right to list locks",
        observation(azure=azure_facts(locks=Fact.unknown("AuthorizationFailed: no right to read locks"))),
        "AuthorizationFailed",
    ),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_lock(claim: Claim) -> None:
    claim.verify()
