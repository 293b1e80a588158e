from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, LoginAccount, Observation, PasswordField, Policy
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()
ALLOWED = Policy(allow_accounts=("support", "break-glass"))
TWO = (LoginAccount("azureuser", "key"), LoginAccount("support", "password,key"))
EMPTY = (PasswordField("root", "locked"), PasswordField("open", "empty"))


def guest(policy: Policy | None = None, **overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides), policy=policy or Policy())


CLAIMS = (
    clean("LNX-LOGIN-001", "the provisioned account", guest()),
    clean("LNX-LOGIN-001", "another one that is allowed", guest(ALLOWED, login_accounts=TWO)),
    dirty("LNX-LOGIN-001", "another one", guest(login_accounts=TWO), "support has a password and a key"),
    dirty("LNX-LOGIN-001", "no ovf-env.xml", guest(ovf_account=MISSING), "azureuser"),
    absent("LNX-LOGIN-001", "no accounts", guest(login_accounts=MISSING), "passed"),
    unknown("LNX-LOGIN-001", "accounts not read", guest(login_accounts=UNREAD), "cut off"),
    unknown("LNX-LOGIN-001", "ovf-env.xml not read", guest(ovf_account=UNREAD), "cut off"),
    clean("LNX-LOGIN-002", "root alone", guest()),
    dirty("LNX-LOGIN-002", "a second root", guest(root_twins=("toor",), password_fields=UNREAD), "toor"),
    dirty("LNX-LOGIN-002", "an empty password", guest(password_fields=EMPTY), "open: an empty password"),
    absent("LNX-LOGIN-002", "no shadow", guest(password_fields=MISSING, root_twins=MISSING), "passed"),
    unknown("LNX-LOGIN-002", "accounts not read", guest(root_twins=UNREAD), "cut off"),
    unknown("LNX-LOGIN-002", "shadow not read", guest(password_fields=UNREAD), "cut off"),
    clean("LNX-SUDO-001", "the caller's password", guest()),
    dirty("LNX-SUDO-001", "root's password", guest(sudo_targetpw=True), "targetpw"),
    absent("LNX-SUDO-001", "no sudo", guest(sudo_targetpw=MISSING), "passed"),
    unknown("LNX-SUDO-001", "not read", guest(sudo_targetpw=UNREAD), "cut off"),
    clean("LNX-SESSION-001", "nobody", guest()),
    dirty("LNX-SESSION-001", "somebody", guest(open_sessions=("azureuser",)), "azureuser"),
    absent("LNX-SESSION-001", "no sessions", guest(open_sessions=MISSING), "passed"),
    unknown("LNX-SESSION-001", "not read", guest(open_sessions=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_login(claim: Claim) -> None:
    claim.verify()
