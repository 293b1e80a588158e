"""Which residue is foretold."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import Fact, PasswordField, Policy, Unobserved
from checks.healthy import linux_guest, observation
from runners.generalize.forecast import forecast

KEYS = ("machine-id", "passwd-backups")


@pytest.mark.parametrize("clean", [keys for size in range(3) for keys in itertools.combinations(KEYS, size)])
def test_exactly_the_residue_whose_key_is_off_will_survive(clean: tuple[str, ...]) -> None:
    found = forecast(observation(policy=Policy(clean=clean)))

    assert [item.clean for item in found] == [key for key in KEYS if key not in clean]


def test_each_residue_names_a_real_blocker_and_the_key_that_removes_it() -> None:
    catalogue = Catalogue.from_modules(builtin_modules())

    for item in forecast(observation()):
        assert catalogue[item.check].metadata.severity == "blocker"
        assert catalogue[item.check].metadata.phase == "post"
        assert f"`{item.clean}`" in item.remedy


@pytest.mark.parametrize("state", ["empty", "uninitialized"])
@pytest.mark.parametrize("dbus", [Fact.of("link"), Fact.missing()])
def test_a_machine_id_that_is_blank_already_needs_no_key(state: str, dbus: Fact[str]) -> None:
    guest = linux_guest(machine_id=state, dbus_machine_id=dbus)

    assert [item.clean for item in forecast(observation(guest=guest))] == ["passwd-backups"]


def test_no_machine_id_at_all_needs_no_key() -> None:
    guest = linux_guest(machine_id=Fact.missing())

    assert [item.clean for item in forecast(observation(guest=guest))] == ["passwd-backups"]


@pytest.mark.parametrize("dbus", ["set", "empty"])
def test_a_second_machine_id_of_dbus_counts(dbus: str) -> None:
    guest = linux_guest(machine_id="empty", dbus_machine_id=dbus)

    assert "machine-id" in {item.clean for item in forecast(observation(guest=guest))}


@pytest.mark.parametrize("distribution", ["arch", "flatcar", "coreos"])
def test_a_distribution_whose_agent_removes_the_machine_id_needs_no_key(distribution: str) -> None:
    guest = linux_guest(distribution=distribution)

    assert [item.clean for item in forecast(observation(guest=guest))] == ["passwd-backups"]


@pytest.mark.parametrize("field", ["distribution", "machine_id", "dbus_machine_id"])
def test_what_could_not_be_observed_counts_as_there(field: str) -> None:
    blank: dict[str, Any] = {"machine_id": "empty", "dbus_machine_id": "link"}
    guest = linux_guest(**(blank | {field: Fact.unknown("the probe was cut")}))

    assert "machine-id" in {item.clean for item in forecast(observation(guest=guest))}


def test_a_distribution_without_a_name_is_no_exception() -> None:
    guest = linux_guest(distribution=Fact.missing())

    assert "machine-id" in {item.clean for item in forecast(observation(guest=guest))}


def staying(**guest: Any) -> list[str]:
    clean = Policy(clean=KEYS)
    found = forecast(observation(guest=linux_guest(**guest), policy=clean))
    assert {item.check for item in found} <= {"LNX-SHADOW-001"}
    return [item.what for item in found]


def test_the_password_of_the_account_that_goes_is_no_residue() -> None:
    assert staying() == []


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
    assert staying(ovf_account=Fact.missing()) == ["the password of account azureuser (hash)"]


@pytest.mark.parametrize("field", ["ovf_account", "agent_configuration", "password_fields"])
def test_passwords_that_could_not_be_observed_count_as_staying(field: str) -> None:
    (found,) = staying(**{field: Fact.unknown("the probe was cut")})

    assert "not known (the probe was cut)" in found


def test_nothing_is_foretold_of_windows_or_of_a_guest_that_was_not_seen() -> None:
    assert forecast(observation("windows")) == ()
    assert forecast(observation(guest=Unobserved("no answer"))) == ()
