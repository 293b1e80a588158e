"""Which residue is foretold to survive, and which key removes it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import Fact, Foretold, HeldFile, PasswordField, Policy, ShellHistory, SudoRule, Unobserved
from checks.healthy import linux_guest, observation
from checks.linux.forecast import FINDS
from runners.generalize.forecast import forecast

KEYS = ("machine-id", "passwd-backups", "sudoers")
"""The keys that an ordinary Debian VM needs."""
MACHINE, BACKUP, SHADOW = "LNX-MACHINE-001", "LNX-BACKUP-001", "LNX-SHADOW-001"
HOST_KEYS, SUDOERS, HISTORIES, INSTANCES = (f"LNX-RESIDUE-{number:03}" for number in range(1, 5))
WARNINGS = (INSTANCES, "LNX-RESIDUE-005", "LNX-KEY-003", "LNX-LEASE-001", "LNX-LOG-001", "LNX-TMP-001")
UNREAD: Fact[Any] = Fact.unknown("the probe was cut")
MISSING: Fact[Any] = Fact.missing()
KEPT: dict[str, Any] = {"agent_configuration": {}}


def told(policy: Policy | None = None, **guest: Any) -> dict[str, Foretold]:
    """Return what is foretold, by check."""
    return {item.check: item for item in forecast(observation(guest=linux_guest(**guest), policy=policy or Policy()))}


def survives(check: str, policy: Policy | None = None, **guest: Any) -> bool:
    return told(policy, **guest)[check].survives.value


def rules(cleaned: bool, account: str, file: str = "/etc/sudoers") -> tuple[SudoRule, ...]:
    return (SudoRule(cleaned, account, file),)


@pytest.mark.parametrize("clean", [keys for size in range(4) for keys in itertools.combinations(KEYS, size)])
def test_exactly_the_residue_whose_key_is_off_will_survive(clean: tuple[str, ...]) -> None:
    found = [item.clean for item in told(Policy(clean=clean)).values() if item.survives.value and item.clean]

    assert found == [*(key for key in KEYS if key not in clean), "logs"]


def test_each_residue_has_a_check_of_the_disk_and_names_what_removes_it() -> None:
    catalogue = Catalogue.from_modules(builtin_modules())

    for item in told().values():
        metadata = catalogue[item.check].metadata
        assert (metadata.phase, metadata.severity) == ("post", "warning" if item.check in WARNINGS else "blocker")
        assert f"`{item.clean}`" in item.remedy or not item.clean
        assert item.remedy


def test_every_check_that_a_forecast_names_is_compared_with_what_is_found() -> None:
    assert {item.check for item in told().values()} == set(FINDS)


@pytest.mark.parametrize("state", ["empty", "uninitialized"])
@pytest.mark.parametrize("dbus", [Fact.of("link"), MISSING])
def test_a_machine_id_that_is_blank_already_goes(state: str, dbus: Fact[str]) -> None:
    assert not survives(MACHINE, machine_id=state, dbus_machine_id=dbus)


def test_no_machine_id_at_all_needs_no_key() -> None:
    assert not survives(MACHINE, machine_id=MISSING)


@pytest.mark.parametrize("dbus", ["set", "empty"])
def test_a_second_machine_id_of_dbus_counts_whoever_blanks_the_first(dbus: str) -> None:
    assert survives(MACHINE, machine_id="empty", dbus_machine_id=dbus)
    assert survives(MACHINE, Policy(cloud_init=("machine-id",)), dbus_machine_id=dbus)


@pytest.mark.parametrize("distribution", ["arch", "flatcar", "coreos"])
def test_a_distribution_whose_agent_removes_the_machine_id_needs_no_key(distribution: str) -> None:
    assert not survives(MACHINE, distribution=distribution)


@pytest.mark.parametrize(("options", "stays"), [(("machine-id",), False), (("logs",), True), ((), True), (None, True)])
def test_cloud_init_may_blank_the_machine_id(options: tuple[str, ...] | None, *, stays: bool) -> None:
    assert survives(MACHINE, Policy(cloud_init=options)) is stays


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (MACHINE, "distribution"),
        (MACHINE, "machine_id"),
        (MACHINE, "dbus_machine_id"),
        (BACKUP, "password_fields"),
        (BACKUP, "agent_configuration"),
        (HOST_KEYS, "host_keys"),
        (HOST_KEYS, "agent_configuration"),
        (SUDOERS, "sudo_rules"),
        (SUDOERS, "ovf_account"),
        (SUDOERS, "password_fields"),
        (HISTORIES, "shell_histories"),
        (HISTORIES, "ovf_account"),
        (SHADOW, "ovf_account"),
        (SHADOW, "agent_configuration"),
        (SHADOW, "password_fields"),
        (INSTANCES, "cloud_instances"),
    ],
)
def test_what_could_not_be_observed_is_unknown(check: str, field: str) -> None:
    unread: dict[str, Any] = {field: UNREAD}
    assert told(**unread)[check].survives.to_json() == {"unknown": "the probe was cut"}


def test_what_a_key_removes_goes_whatever_could_not_be_observed() -> None:
    assert not survives(HOST_KEYS, Policy(clean=("host-keys",)), host_keys=UNREAD)


def test_a_distribution_without_a_name_is_no_exception() -> None:
    assert survives(MACHINE, distribution=MISSING)


@pytest.mark.parametrize(
    ("fields", "guest", "stays"),
    [
        ((PasswordField("root", "locked"), PasswordField("azureuser", "locked")), {}, False),
        ((PasswordField("root", "hash"), PasswordField("azureuser", "locked")), {}, False),
        ((PasswordField("root", "hash"), PasswordField("azureuser", "locked")), KEPT, True),
        ((PasswordField("azureuser", "hash"),), {}, True),
        ((PasswordField("azureuser", "empty"),), {}, False),
    ],
)
def test_userdel_s_copy_holds_the_hashes_that_are_there_when_it_runs(
    fields: tuple[PasswordField, ...], guest: dict[str, Any], *, stays: bool
) -> None:
    assert survives(BACKUP, password_fields=fields, **guest) is stays


@pytest.mark.parametrize(("hashes", "stays"), [(1, True), (0, False), (MISSING, False)])
def test_a_copy_from_before_stays_where_no_account_goes(hashes: Any, *, stays: bool) -> None:
    assert survives(BACKUP, Policy(deprovision_user=False), backup_hashes=hashes) is stays


@pytest.mark.parametrize(("guest", "stays"), [({}, False), (KEPT, True), ({**KEPT, "host_keys": 0}, False)])
def test_host_keys_stay_unless_the_agent_s_configuration_removes_them(guest: dict[str, Any], *, stays: bool) -> None:
    assert survives(HOST_KEYS, **guest) is stays


@pytest.mark.parametrize(
    ("rules", "policy", "stays"),
    [
        (rules(True, "azureuser"), Policy(), True),
        (rules(True, "azureuser"), Policy(clean=("sudoers",)), False),
        (rules(True, "azureuser"), Policy(deprovision_user=False), False),
        (rules(True, "azureuser", file="/etc/sudoers.d/waagent"), Policy(), False),
        (rules(True, "root"), Policy(), False),
        (rules(True, "gone-long-ago"), Policy(deprovision_user=False), True),
        (rules(True, "ops"), Policy(allow_accounts=("ops",)), False),
        ((), Policy(), False),
        (MISSING, Policy(), False),
    ],
)
def test_sudo_rights_of_who_is_gone_or_goes_stay(rules: Any, policy: Policy, *, stays: bool) -> None:
    assert survives(SUDOERS, policy, sudo_rules=rules) is stays


@pytest.mark.parametrize(("named", "stays"), [(("azureuser",), False), (("gone",), True), ((), False)])
def test_of_waagents_own_file_the_lines_of_others_who_are_gone_stay(named: tuple[str, ...], *, stays: bool) -> None:
    assert survives(SUDOERS, Policy(), sudo_rules=(), sudoers_accounts=named) is stays


SET = Policy(clean=("sudoers", "histories"))


@pytest.mark.parametrize(
    ("account", "policy", "stays"),
    [
        ("gone-long-ago", SET, True),
        ("azureuser", SET, True),
        ("azureuser", Policy(clean=("sudoers",), deprovision_user=False), False),
        ("root", SET, False),
        ("#1001", SET, True),
        ("ops@example.com", Policy(clean=("sudoers",), allow_accounts=("ops@example.com",)), False),
        ("gone-long-ago", Policy(), True),
    ],
)
def test_rules_that_the_key_leaves_stay_whatever_it_does(account: str, policy: Policy, *, stays: bool) -> None:
    assert survives(SUDOERS, policy, sudo_rules=rules(False, account)) is stays


def test_what_the_key_can_t_remove_is_not_told_to_be_removed_by_it() -> None:
    without = told(sudo_rules=rules(False, "gone"))[SUDOERS]
    assert without.clean == "sudoers"
    assert "Add `sudoers`" in without.remedy
    assert "visudo" in without.remedy
    with_it = told(SET, sudo_rules=rules(False, "gone"))[SUDOERS]
    assert (with_it.clean, "Add `sudoers`" in with_it.remedy, "visudo" in with_it.remedy) == ("", False, True)
    assert not told(SET, sudo_rules=UNREAD)[SUDOERS].survives.known
    assert not told(SET, shell_histories=UNREAD)[HISTORIES].survives.known


def test_histories_in_homes_that_the_key_does_not_visit_stay() -> None:
    far: dict[str, Any] = {
        "shell_histories": (ShellHistory("+", ".bash_history"),),
        "tool_histories": (HeldFile("+", "/n/x/.viminfo"),),
    }
    for check, policy in itertools.product((HISTORIES, "LNX-RESIDUE-005"), (SET, Policy())):
        assert survives(check, policy, **far)
    near: dict[str, Any] = {
        "shell_histories": (ShellHistory("-", ".bash_history"),),
        "tool_histories": (HeldFile("-", "/home/a/.viminfo"),),
    }
    for check in (HISTORIES, "LNX-RESIDUE-005"):
        assert (survives(check, SET, **near), survives(check, **near)) == (False, True)
    assert not survives("LNX-RESIDUE-005", Policy(allow_files=("/n/x/.viminfo",)), **far)


@pytest.mark.parametrize(
    ("history", "policy", "stays"),
    [
        (ShellHistory("root", ".bash_history"), Policy(), False),
        (ShellHistory("root", ".zsh_history"), Policy(), True),
        (ShellHistory("azureuser", ".bash_history"), Policy(), False),
        (ShellHistory("azureuser", ".bash_history"), Policy(deprovision_user=False), True),
        (ShellHistory("other", ".bash_history"), Policy(), True),
        (ShellHistory("other", ".bash_history"), Policy(clean=("histories",)), False),
    ],
)
def test_histories_of_who_stays_stay(history: ShellHistory, policy: Policy, *, stays: bool) -> None:
    assert survives(HISTORIES, policy, shell_histories=(history,)) is stays
    assert not survives(HISTORIES, policy, shell_histories=())


@pytest.mark.parametrize(
    ("options", "instances", "stays"), [(None, 1, True), (None, 0, False), (None, MISSING, False), ((), 1, False)]
)
def test_cloud_init_s_state_stays_unless_it_cleans_up(options: Any, instances: Any, *, stays: bool) -> None:
    assert survives(INSTANCES, Policy(cloud_init=options), cloud_instances=instances) is stays


# Passwords


def staying(policy: Policy | None = None, **guest: Any) -> list[str]:
    found = forecast(observation(guest=linux_guest(**guest), policy=policy or Policy()))
    return [item.what for item in found if item.check == SHADOW and item.survives.value]


def test_the_password_of_the_account_that_goes_is_no_residue() -> None:
    assert staying() == []


def test_the_password_of_an_account_that_is_kept_stays() -> None:
    assert staying(Policy(deprovision_user=False)) == ["the password of account azureuser (hash)"]


@pytest.mark.parametrize("kind", ["hash", "empty"])
def test_the_password_of_another_account_stays(kind: str) -> None:
    fields = (PasswordField("azureuser", "hash"), PasswordField("otheradmin", kind), PasswordField("daemon", "locked"))

    assert staying(password_fields=fields) == [f"the password of account otheradmin ({kind})"]


@pytest.mark.parametrize(("switch", "stays"), [("True", False), ("False", True), ("yes", True)])
def test_root_s_password_stays_unless_the_agent_removes_it(switch: str, *, stays: bool) -> None:
    found = staying(
        password_fields=(PasswordField("root", "hash"),),
        agent_configuration={"Provisioning.DeleteRootPassword": switch},
    )

    assert bool(found) == stays


def test_every_password_stays_where_no_account_goes() -> None:
    assert staying(ovf_account=MISSING) == ["the password of account azureuser (hash)"]


def test_nothing_is_foretold_of_windows_or_of_a_guest_that_was_not_seen() -> None:
    assert forecast(observation("windows")) == ()
    assert forecast(observation(guest=Unobserved("no answer"))) == ()
