"""Rules about what must be gone from the stopped disk."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import AuthorizedKey, DiskVolume, Fact, Observation, Policy
from checks.healthy import coverage, linux_disk, sealed_observation
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the file system is damaged")
MISSING: Fact[Any] = Fact.missing()
PRINT = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"

PATHS = {
    "LNX-KEY-002": ("private_keys", "/root/.ssh/id_ed25519"),
    "LNX-KEY-004": ("host_keys_elsewhere", "/srv/host_key"),
    "LNX-KEY-003": ("ssh_peers", "/root/.ssh/known_hosts"),
    "LNX-BACKUP-002": ("hashed_copies", "/etc/gshadow-"),
    "LNX-BACKUP-003": ("named_copies", "/etc/passwd-"),
    "LNX-RESIDUE-005": ("tool_histories", "/root/.python_history"),
    "LNX-RESIDUE-006": ("sudo_rules", "/etc/sudoers.d/old"),
    "LNX-CREDENTIAL-001": ("credentials", "/root/.azure"),
    "LNX-USERDATA-001": ("user_data", "/var/lib/cloud/instances/one/user-data.txt"),
    "LNX-DUMP-001": ("memory_dumps", "/var/crash/vmcore"),
    "LNX-INSTALLER-001": ("installer_hashes", "/root/anaconda-ks.cfg"),
    "LNX-SWAP-002": ("swap", "/swapfile"),
    "LNX-DOMAIN-002": ("domain_accounts", "/etc/krb5.keytab"),
    "LNX-REGISTER-001": ("registrations", "/etc/pki/consumer/cert.pem"),
    "LNX-DEFENDER-002": ("onboardings", "/etc/opt/microsoft/mdatp/mdatp_onboard.json"),
    "LNX-MONITOR-002": ("monitoring", "/var/opt/microsoft/azuremonitoragent/state"),
    "LNX-MESH-002": ("peer_keys", "/etc/wireguard/wg0.conf"),
    "LNX-MANAGER-002": ("cluster_keys", "/etc/salt/minion_id"),
    "LNX-STORAGE-001": ("storage_names", "/etc/nvme/hostid"),
    "LNX-NIC-007": ("pinned_secrets", "/etc/udev/rules.d/70-persistent-net.rules"),
    "LNX-NIC-008": ("pinned_cards", "/etc/netplan/50-cloud-init.yaml"),
    "LNX-INSTALL-001": ("installation_ids", "/var/lib/yum/uuid"),
    "LNX-HOSTNAME-002": ("kept_hostname", "/var/lib/cloud/data/set-hostname"),
    "LNX-LEASE-001": ("leases", "/var/lib/NetworkManager/secret_key"),
    "LNX-LOG-001": ("logs", "/var/log/journal"),
    "LNX-CRON-001": ("orphaned_crontabs", "/var/spool/cron/crontabs/old"),
    "LNX-CRON-002": ("crontabs", "/var/spool/cron/crontabs/root"),
    "LNX-MAIL-001": ("mail", "/var/mail/root"),
    "LNX-TMP-001": ("temporary", "/tmp/setup.sh"),
    "LNX-UNIT-001": ("stale_units", "/etc/systemd/system/old.service"),
    "LNX-FSTAB-004": ("foreign_mounts", "/data"),
    "LNX-LUKS-002": ("encrypted_mounts", "data"),
    "LNX-TRACE-001": ("own_traces", "/var/lib/waagent/run-command"),
    "LNX-EDITOR-001": ("editor_copies", "/etc/fstab~"),
}
"""Check -> the one fact that it judges, and what is found there."""
NOT_EXCUSED = {"LNX-KEY-004", "LNX-BACKUP-002", "LNX-INSTALLER-001", "LNX-FSTAB-004", "LNX-LUKS-002", "LNX-TRACE-001"}
"""Checks that `allow_files` does not excuse: hashes and traces, and what is no file."""


def disk(policy: Policy | None = None, **facts: Any) -> Observation:
    return sealed_observation(disk=linux_disk(**facts), policy=policy or Policy())


def key(account: str = "root", fingerprint: str = PRINT, *, refers: bool = False) -> tuple[AuthorizedKey, ...]:
    return (AuthorizedKey(f"/{account}/.ssh/authorized_keys", account, fingerprint, refers),)


def lvm(**facts: Any) -> Observation:
    volumes = (DiskVolume("partition 2", "lvm", ""), DiskVolume("rootvg/rootlv", "xfs", ""))
    return disk(coverage=coverage(volumes=volumes), **facts)


def of(fact: str, value: Any) -> Observation:
    facts: dict[str, Any] = {fact: value}
    return disk(None, **facts)


def rows(check: str, fact: str, found: str) -> tuple[Claim, ...]:
    return (
        clean(check, "nothing there", of(fact, ())),
        dirty(check, "something there", of(fact, (found,)), found),
        absent(check, "no such place", of(fact, MISSING), "passed"),
        unknown(check, "not read", of(fact, UNREAD), "damaged"),
    )


KEPT = Policy(deprovision_user=False)
CLAIMS = (
    *(row for check, (fact, found) in PATHS.items() for row in rows(check, fact, found)),
    clean("LNX-KEY-001", "no key", disk(authorized_keys=())),
    clean("LNX-KEY-001", "one by its fingerprint", disk(Policy(allow_authorized_keys=(PRINT,)), authorized_keys=key())),
    clean("LNX-KEY-001", "an allowed account", disk(Policy(allow_accounts=("ops",)), authorized_keys=key("ops"))),
    clean("LNX-KEY-001", "the account is kept", disk(KEPT, authorized_keys=key("azureuser"))),
    clean("LNX-KEY-001", "cloud-init's line for root", disk(authorized_keys=key(refers=True))),
    dirty("LNX-KEY-001", "root's", disk(authorized_keys=key()), PRINT),
    dirty("LNX-KEY-001", "root's, though an account is kept", disk(KEPT, authorized_keys=key()), PRINT),
    dirty("LNX-KEY-001", "nobody's, though an account is kept", disk(KEPT, authorized_keys=key("")), PRINT),
    dirty("LNX-KEY-001", "no key", disk(Policy(allow_authorized_keys=(PRINT,)), authorized_keys=key(fingerprint=""))),
    absent("LNX-KEY-001", "no accounts", disk(authorized_keys=MISSING), "passed"),
    unknown("LNX-KEY-001", "not read", disk(authorized_keys=UNREAD), "damaged"),
    clean("LNX-LVM-003", "no list", lvm(lvm_devices=())),
    dirty("LNX-LVM-003", "a list", lvm(lvm_devices=("/etc/lvm/devices/system.devices",)), "system.devices"),
    absent("LNX-LVM-003", "a list, and no logical volume", disk(lvm_devices=("/etc/lvm/x",)), "not applicable"),
    unknown("LNX-LVM-003", "not read", lvm(lvm_devices=UNREAD), "damaged"),
    clean("LNX-HOSTNAME-001", "waagent's", disk(hostname="localhost.localdomain")),
    dirty("LNX-HOSTNAME-001", "the source's", disk(hostname="goldenvm"), "goldenvm"),
    absent("LNX-HOSTNAME-001", "no name", disk(hostname=MISSING), "passed"),
    unknown("LNX-HOSTNAME-001", "not read", disk(hostname=UNREAD), "damaged"),
    clean("LNX-HOSTNAME-003", "localhost alone", disk(own_host_names=())),
    dirty("LNX-HOSTNAME-003", "the source's", disk(own_host_names=("goldenvm",)), "goldenvm"),
    absent("LNX-HOSTNAME-003", "no /etc/hosts", disk(own_host_names=MISSING), "passed"),
    unknown("LNX-HOSTNAME-003", "not read", disk(own_host_names=UNREAD), "damaged"),
    clean(
        "LNX-RESIDUE-002",
        "an allowed account of a directory",
        disk(Policy(allow_accounts=("ops",)), sudo_accounts={"ops": ("/etc/sudoers.d/ops",)}),
    ),
    clean(
        "LNX-RESIDUE-003",
        "an allowed file",
        disk(Policy(allow_files=("/root/.zsh_history",)), shell_histories=("/root/.zsh_history",)),
    ),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_remains(claim: Claim) -> None:
    claim.verify()


@pytest.mark.parametrize("check", PATHS)
def test_the_fleet_file_may_excuse_files_and_neither_hashes_nor_traces(check: str) -> None:
    fact, found = PATHS[check]
    allowed = Policy(allow_files=(found,))

    facts: dict[str, Any] = {fact: (found,)}

    judgement = judge(catalogue()[check], disk(allowed, **facts))

    assert (judgement.outcome != "passed") == (check in NOT_EXCUSED)


def test_a_file_is_excused_by_its_own_path_or_by_a_folder_above_it() -> None:
    policy = Policy(allow_files=("/opt/agent/", "/etc/one.key"))

    assert policy.may_stay("/opt/agent/state/key")
    assert policy.may_stay("/etc/one.key")
    assert not policy.may_stay("/opt/agent")
    assert not policy.may_stay("/opt/agents/key")
    assert not policy.may_stay("/etc/one.key.bak")


def test_many_files_are_told_of_in_few_lines() -> None:
    seen = disk(temporary=tuple(f"/tmp/{number}" for number in range(100)))

    problems = judge(catalogue()["LNX-TMP-001"], seen).problems

    assert len(problems) == 21
    assert "80 more" in problems[-1].observed
