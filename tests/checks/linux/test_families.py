"""Which family a distribution belongs to, by what its os-release says."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, UnknownFact
from checks.healthy import linux_guest
from checks.linux.families import family, not_of_family, of_family

NONE: Fact[Any] = Fact.missing()


@pytest.mark.parametrize(
    ("distribution", "like", "expected"),
    [
        ("debian", NONE, "debian"),
        ("ubuntu", "debian", "ubuntu"),
        ("linuxmint", "ubuntu debian", "ubuntu"),
        ("kali", "debian", "debian"),
        ("rhel", "fedora", "rhel"),
        ("almalinux", "rhel centos fedora", "rhel"),
        ("ol", "fedora", "rhel"),
        ("rhcos", "rhel fedora", "rhel"),
        ("fedora", NONE, "fedora"),
        ("sles", "suse", "suse"),
        ("opensuse-leap", "suse opensuse", "suse"),
        ("azurelinux", NONE, "azurelinux"),
        ("mariner", NONE, "azurelinux"),
        ("flatcar", "coreos", "flatcar"),
        ("clear-linux-os", "clear-linux-os", "clearlinux"),
        ("alpine", NONE, "other"),
        ("void", "something else", "other"),
    ],
)
def test_the_family_is_known(distribution: str, like: Any, expected: str) -> None:
    assert family(linux_guest(distribution=distribution, distribution_like=like)) == expected


def test_a_guest_without_os_release_belongs_to_no_family_that_we_guess() -> None:
    with pytest.raises(UnknownFact, match="no os-release"):
        family(linux_guest(distribution=Fact.missing()))


def test_what_could_not_be_read_is_not_guessed() -> None:
    with pytest.raises(UnknownFact, match="cut off"):
        family(linux_guest(distribution="void", distribution_like=Fact.unknown("cut off")))


def test_predicates_ask_for_the_family() -> None:
    guest = linux_guest(distribution="rocky")
    assert of_family("rhel", "suse")(guest)
    assert not of_family("debian")(guest)
    assert not_of_family("debian")(guest)
    assert not not_of_family("rhel")(guest)
