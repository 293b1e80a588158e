"""Which files are foretold to survive: keys, credentials, user data, jobs, leases, logs."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, HeldFile, LoginKey, Policy
from tests.runners.generalize.test_forecast import survives, told

ONE = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"
LOGIN, PRIVATE, CREDENTIAL = "LNX-KEY-001", "LNX-KEY-002", "LNX-CREDENTIAL-001"
KEPT = Policy(deprovision_user=False)


@pytest.mark.parametrize(
    ("account", "policy", "stays"),
    [
        ("azureuser", Policy(), False),
        ("azureuser", KEPT, False),
        ("root", Policy(), True),
        ("root", KEPT, True),
        ("root", Policy(clean=("root-ssh",)), False),
        ("root", Policy(allow_authorized_keys=(ONE,)), False),
        ("ops", Policy(clean=("root-ssh",)), True),
        ("ops", Policy(allow_accounts=("ops",)), False),
        ("-", KEPT, True),
        ("=azureuser", Policy(), True),
        ("=azureuser", Policy(allow_accounts=("azureuser",)), True),
        ("=azureuser", KEPT, False),
        ("=azureuser", Policy(allow_authorized_keys=(ONE,)), False),
        ("=root", Policy(clean=("root-ssh",)), True),
        ("=ops", Policy(), True),
        ("=ops", Policy(allow_accounts=("ops",)), False),
    ],
)
def test_keys_of_who_stays_let_in(account: str, policy: Policy, *, stays: bool) -> None:
    assert survives(LOGIN, policy, authorized_keys=(LoginKey(account, ONE),)) is stays
    assert not survives(LOGIN, policy, authorized_keys=())


@pytest.mark.parametrize(
    ("file", "policy", "stays"),
    [
        (HeldFile("azureuser", ".ssh/id_rsa"), Policy(), False),
        (HeldFile("azureuser", ".ssh/id_rsa"), KEPT, True),
        (HeldFile("root", ".ssh/id_rsa"), Policy(), True),
        (HeldFile("root", ".ssh/id_rsa"), Policy(clean=("root-ssh",)), False),
        (HeldFile("root", "server.key"), Policy(clean=("root-ssh",)), True),
        (HeldFile("root", "server.key"), Policy(allow_files=("/root/server.key",)), False),
        (HeldFile("ops", ".ssh/id_rsa"), Policy(allow_files=("/home/ops/",)), False),
        (HeldFile("-", "/etc/ssl/private/a.key"), Policy(), True),
        (HeldFile("-", "/etc/ssl/private/a.key"), Policy(allow_files=("/etc/ssl/private/",)), False),
    ],
)
def test_private_keys_of_who_stays_stay(file: HeldFile, policy: Policy, *, stays: bool) -> None:
    assert survives(PRIVATE, policy, private_keys=(file,)) is stays


@pytest.mark.parametrize(
    ("account", "policy", "stays"),
    [
        ("azureuser", Policy(), False),
        ("azureuser", KEPT, True),
        ("root", Policy(), True),
        ("root", Policy(clean=("root-ssh", "histories")), False),
        ("ops", Policy(clean=("root-ssh",), allow_files=("/home/ops/",)), False),
        ("-", Policy(), True),
    ],
)
def test_histories_of_tools_and_names_of_machines_stay_with_their_home(
    account: str, policy: Policy, *, stays: bool
) -> None:
    assert survives("LNX-KEY-003", policy, ssh_peers=(HeldFile(account, ".ssh/known_hosts"),)) is stays
    assert survives("LNX-RESIDUE-005", policy, tool_histories=(HeldFile(account, ".viminfo"),)) is stays
    assert not survives("LNX-KEY-003", policy, ssh_peers=())
    assert not survives("LNX-RESIDUE-005", policy, tool_histories=())


def test_credentials_of_who_stays_stay() -> None:
    assert survives(CREDENTIAL, credentials=(HeldFile("root", ".azure"),))
    assert not survives(CREDENTIAL, credentials=(HeldFile("azureuser", ".azure"),))


@pytest.mark.parametrize(
    ("named", "policy", "stays"),
    [
        (("azureuser",), Policy(), True),
        (("azureuser",), Policy(clean=("crontabs",)), False),
        (("azureuser",), KEPT, False),
        (("root",), Policy(), False),
        (("gone",), KEPT, True),
        ((), Policy(), False),
    ],
)
def test_the_crontab_of_who_is_gone_or_goes_stays(named: tuple[str, ...], policy: Policy, *, stays: bool) -> None:
    assert survives("LNX-CRON-001", policy, crontabs=named) is stays


@pytest.mark.parametrize(
    ("instances", "seed", "options", "stays"),
    [
        (0, 0, None, False),
        (1, 0, None, True),
        (0, 1, None, True),
        (1, 0, (), False),
        (1, 1, ("logs",), True),
        (1, 1, ("seed",), False),
    ],
)
def test_user_data_stays_unless_cloud_init_removes_it(instances: int, seed: int, options: Any, *, stays: bool) -> None:
    assert survives("LNX-USERDATA-001", Policy(cloud_init=options), cloud_user_data=instances, cloud_seed=seed) is stays


def test_cloud_init_remembers_the_host_name_unless_it_cleans_up() -> None:
    assert survives("LNX-HOSTNAME-002", cloud_hostname=True)
    assert not survives("LNX-HOSTNAME-002", Policy(cloud_init=()), cloud_hostname=True)
    assert not survives("LNX-HOSTNAME-002", cloud_hostname=False)


@pytest.mark.parametrize(
    ("check", "key", "fact"),
    [
        ("LNX-BACKUP-002", "passwd-backups", "copied_hashes"),
        ("LNX-LEASE-001", "leases", "lease_files"),
        ("LNX-TMP-001", "tmp", "temporary_files"),
    ],
)
def test_what_is_counted_stays_unless_its_key_removes_it(check: str, key: str, fact: str) -> None:
    one: dict[str, Any] = {fact: 1}
    none: dict[str, Any] = {fact: 0}
    unread: dict[str, Any] = {fact: Fact.unknown("the probe was cut")}
    assert survives(check, **one)
    assert not survives(check, **none)
    assert not survives(check, Policy(clean=(key,)), **one)
    assert not told(**unread)[check].survives.known


def test_what_the_system_logs_while_it_stops_is_not_foretold() -> None:
    assert survives("LNX-LOG-001", log_files=3)
    assert not survives("LNX-LOG-001", log_files=0)
    assert not told(Policy(clean=("logs",)), log_files=3)["LNX-LOG-001"].survives.known
