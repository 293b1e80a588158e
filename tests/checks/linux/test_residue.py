from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import linux_disk, sealed_observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the file system is damaged")
CLOUD_FILE = "/etc/sudoers.d/90-cloud-init-users"


def disk(**facts: Any) -> Observation:
    return sealed_observation(disk=linux_disk(**facts))


CLAIMS = (
    clean("LNX-RESIDUE-001", "no key", disk(host_keys=())),
    dirty("LNX-RESIDUE-001", "kept by Ubuntu's configuration", disk(host_keys=("ssh_host_rsa_key",)), "rsa_key"),
    absent("LNX-RESIDUE-001", "no folder of sshd", disk(host_keys=Fact.missing()), "passed"),
    unknown("LNX-RESIDUE-001", "folder not read", disk(host_keys=UNREAD), "damaged"),
    clean("LNX-RESIDUE-002", "rights of an account that is there", disk(sudo_accounts={"root": ("/etc/sudoers.d/a",)})),
    dirty("LNX-RESIDUE-002", "cloud-init's file", disk(sudo_accounts={"azureuser": (CLOUD_FILE,)}), CLOUD_FILE),
    dirty(
        "LNX-RESIDUE-002",
        "an account that is a group's member only",
        disk(sudo_accounts={"old": (CLOUD_FILE,)}, accounts={"old": ("/etc/group",)}),
        "NOPASSWD for old",
    ),
    absent("LNX-RESIDUE-002", "no folder of sudo", disk(sudo_accounts=Fact.missing()), "passed"),
    absent("LNX-RESIDUE-002", "no rule, accounts not read", disk(sudo_accounts={}, accounts=UNREAD), "passed"),
    unknown("LNX-RESIDUE-002", "rules not read", disk(sudo_accounts=UNREAD), "damaged"),
    unknown("LNX-RESIDUE-002", "accounts not read", disk(sudo_accounts={"a": ("/b",)}, accounts=UNREAD), "damaged"),
    clean("LNX-RESIDUE-003", "none", disk(shell_histories=())),
    dirty("LNX-RESIDUE-003", "one", disk(shell_histories=("/root/.zsh_history",)), "/root/.zsh_history"),
    absent("LNX-RESIDUE-003", "no /etc/passwd", disk(shell_histories=Fact.missing()), "passed"),
    unknown("LNX-RESIDUE-003", "a home not read", disk(shell_histories=UNREAD), "damaged"),
    clean("LNX-RESIDUE-004", "none", disk(cloud_instances=())),
    dirty("LNX-RESIDUE-004", "one", disk(cloud_instances=("one",)), "1 instance"),
    absent("LNX-RESIDUE-004", "no cloud-init", disk(cloud_instances=Fact.missing()), "passed"),
    unknown("LNX-RESIDUE-004", "not read", disk(cloud_instances=UNREAD), "damaged"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_residue(claim: Claim) -> None:
    claim.verify()
