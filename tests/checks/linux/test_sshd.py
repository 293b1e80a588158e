from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()
MOVED = {"OS.SshDir": "/srv/keys"}


def guest(**overrides: Any) -> Observation:
    return observation(guest=linux_guest(**overrides))


CLAIMS = (
    clean("LNX-SSHD-001", "sound and enabled", guest()),
    dirty("LNX-SSHD-001", "a bad line", guest(sshd_configuration="line 5: Bad option"), "line 5"),
    dirty("LNX-SSHD-001", "not enabled, not tried", guest(sshd_configuration=UNREAD, sshd_at_boot=False), "enabled"),
    absent("LNX-SSHD-001", "no server", guest(sshd_configuration=MISSING, sshd_at_boot=MISSING), "failed", "no SSH"),
    unknown("LNX-SSHD-001", "not tried", guest(sshd_configuration=UNREAD), "cut off"),
    unknown("LNX-SSHD-001", "units not read", guest(sshd_at_boot=UNREAD), "cut off"),
    clean("LNX-SSHD-002", "180", guest(sshd_alive_interval=180)),
    clean("LNX-SSHD-002", "the longest", guest(sshd_alive_interval=235)),
    dirty("LNX-SSHD-002", "never", guest(sshd_alive_interval=0), "30 to 235"),
    dirty("LNX-SSHD-002", "too late", guest(sshd_alive_interval=236), "236"),
    absent("LNX-SSHD-002", "no server", guest(sshd_alive_interval=MISSING), "passed"),
    unknown("LNX-SSHD-002", "not read", guest(sshd_alive_interval=UNREAD), "cut off"),
    clean("LNX-SSHD-003", "keys alone", guest(sshd_root_login="prohibit-password")),
    dirty("LNX-SSHD-003", "root's password", guest(sshd_root_login="yes"), "permitrootlogin"),
    dirty("LNX-SSHD-003", "empty passwords", guest(sshd_root_login=UNREAD, sshd_empty_passwords="yes"), "permitempty"),
    absent("LNX-SSHD-003", "no server", guest(sshd_root_login=MISSING, sshd_empty_passwords=MISSING), "passed"),
    unknown("LNX-SSHD-003", "not read", guest(sshd_root_login=UNREAD), "cut off"),
    unknown("LNX-SSHD-003", "the other not read", guest(sshd_empty_passwords=UNREAD), "cut off"),
    clean("LNX-SSHD-004", "the usual folder", guest()),
    clean("LNX-SSHD-004", "the agent's folder", guest(sshd_key_folders=("/srv/keys",), agent_configuration=MOVED)),
    dirty("LNX-SSHD-004", "another folder", guest(sshd_key_folders=("/etc/ssh", "/srv/keys")), "/srv/keys"),
    dirty("LNX-SSHD-004", "the agent looks elsewhere", guest(agent_configuration=MOVED), "/srv/keys"),
    absent("LNX-SSHD-004", "no server", guest(sshd_key_folders=MISSING), "passed"),
    absent("LNX-SSHD-004", "no agent", guest(agent_configuration=MISSING), "passed"),
    unknown("LNX-SSHD-004", "not read", guest(sshd_key_folders=UNREAD), "cut off"),
    unknown("LNX-SSHD-004", "the agent's settings not read", guest(agent_configuration=UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_sshd(claim: Claim) -> None:
    claim.verify()
