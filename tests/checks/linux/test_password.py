from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, PasswordField
from checks.healthy import linux_disk, linux_guest, observation, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the file system is damaged")
ROOT = PasswordField("root", "locked")


def shadow(*fields: PasswordField) -> Observation:
    return sealed_observation(disk=linux_disk(password_fields=fields))


def backup(*fields: PasswordField) -> Observation:
    return sealed_observation(disk=linux_disk(password_backup_fields=fields))


def unread(field: str, fact: Fact[Any]) -> Observation:
    return sealed_observation(disk=linux_disk(**{field: fact}))


def before(kind: str, settings: Any, **overrides: Any) -> Observation:
    fields = {"password_fields": (PasswordField("root", kind), PasswordField("azureuser", "hash")), **overrides}
    return observation(guest=linux_guest(agent_configuration=settings, **fields))


LOCKS = {"Provisioning.DeleteRootPassword": "True"}
CLAIMS = (
    clean("LNX-SHADOW-002", "locked, and waagent leaves it", before("locked", {})),
    clean("LNX-SHADOW-002", "a password that waagent locks", before("hash", LOCKS)),
    clean("LNX-SHADOW-002", "locked, settings not read", before("locked", UNREAD)),
    dirty("LNX-SHADOW-002", "a password that stays", before("hash", {}), "root: hash"),
    dirty("LNX-SHADOW-002", "no password is needed", before("empty", {}), "root: empty"),
    absent("LNX-SHADOW-002", "no settings", before("hash", Fact.missing()), "warned", "root: hash"),
    absent("LNX-SHADOW-002", "no shadow file", before("", {}, password_fields=Fact.missing()), "undetermined"),
    unknown("LNX-SHADOW-002", "settings not read", before("hash", UNREAD), "damaged"),
    unknown("LNX-SHADOW-002", "file not read", before("", {}, password_fields=UNREAD), "damaged"),
    clean("LNX-SHADOW-001", "all locked", shadow(ROOT, PasswordField("daemon", "locked"))),
    dirty("LNX-SHADOW-001", "root has a password", shadow(PasswordField("root", "hash")), "root: hash"),
    dirty("LNX-SHADOW-001", "another account has one", shadow(ROOT, PasswordField("other", "hash")), "other: hash"),
    dirty("LNX-SHADOW-001", "no password is needed", shadow(ROOT, PasswordField("demo", "empty")), "demo: empty"),
    dirty("LNX-SHADOW-001", "no line for root", shadow(PasswordField("daemon", "locked")), "no line for root"),
    dirty("LNX-SHADOW-001", "an empty file", shadow(), "no line for root"),
    absent("LNX-SHADOW-001", "no file", unread("password_fields", Fact.missing()), "failed", "no such file"),
    unknown("LNX-SHADOW-001", "file not read", unread("password_fields", UNREAD), "damaged"),
    clean("LNX-BACKUP-001", "a backup without a hash", backup(ROOT, PasswordField("demo", "empty"))),
    dirty("LNX-BACKUP-001", "userdel's backup", backup(ROOT, PasswordField("azureuser", "hash")), "azureuser"),
    absent("LNX-BACKUP-001", "no backup", unread("password_backup_fields", Fact.missing()), "passed"),
    unknown("LNX-BACKUP-001", "backup not read", unread("password_backup_fields", UNREAD), "damaged"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_password(claim: Claim) -> None:
    claim.verify()
