"""Families of Linux distributions, for rules that hold for some of them: data, and the predicates made of it.

A distribution belongs to the family of the `ID` in its os-release, else to the first one that its `ID_LIKE` names:

    ID="almalinux"  ID_LIKE="rhel centos fedora"    -> rhel
    ID=linuxmint    ID_LIKE="ubuntu debian"         -> ubuntu
    ID="sles"       ID_LIKE="suse"                  -> suse
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from checks.facts import LinuxGuest, UnknownFact

Family = Literal["arch", "azurelinux", "clearlinux", "debian", "fedora", "flatcar", "rhel", "suse", "ubuntu", "other"]

FAMILIES: Mapping[str, Family] = {
    "almalinux": "rhel",
    "arch": "arch",
    "azurelinux": "azurelinux",
    "centos": "rhel",
    "clear-linux-os": "clearlinux",
    "coreos": "flatcar",
    "debian": "debian",
    "fedora": "fedora",
    "flatcar": "flatcar",
    "mariner": "azurelinux",
    "ol": "rhel",
    "opensuse": "suse",
    "opensuse-leap": "suse",
    "opensuse-tumbleweed": "suse",
    "rhel": "rhel",
    "rocky": "rhel",
    "sle-micro": "suse",
    "sles": "suse",
    "sles_sap": "suse",
    "suse": "suse",
    "ubuntu": "ubuntu",
}
"""Family by `ID`, and by the words of `ID_LIKE`."""


def family(guest: LinuxGuest) -> Family:
    """Return the guest's family; `other` for one that is not known here.

    Raises `UnknownFact` where os-release could not be read or is not there: no rule is dropped on a guess.
    """
    if guest.distribution.absent:
        raise UnknownFact("no os-release says which distribution this is")
    own = FAMILIES.get(guest.distribution.value)
    if own:
        return own
    return next((FAMILIES[name] for name in guest.distribution_like.value_or("").split() if name in FAMILIES), "other")


def of_family(*names: Family) -> Callable[[LinuxGuest], bool]:
    """Return a predicate for `applies=`: the guest is of one of the families `names`."""

    def is_of_family(guest: LinuxGuest) -> bool:
        return family(guest) in names

    return is_of_family


def not_of_family(*names: Family) -> Callable[[LinuxGuest], bool]:
    """Return a predicate for `applies=`: the guest is of none of the families `names`."""

    def is_of_another_family(guest: LinuxGuest) -> bool:
        return family(guest) not in names

    return is_of_another_family
