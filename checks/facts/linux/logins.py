"""Who can log in to a Linux guest."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class LoginAccount:
    """One ordinary account with a login shell and a way in."""

    account: str
    ways: str
    """`password`, `key` or `password,key`. A hash that is locked counts: it is in the image."""


@dataclass(frozen=True, slots=True)
class LinuxLogins:
    """Accounts that let somebody in, and who is in now."""

    login_accounts: Fact[tuple[LoginAccount, ...]]
    root_twins: Fact[tuple[str, ...]]
    """Accounts other than root with uid 0."""
    sudo_targetpw: Fact[bool]
    """Whether sudo asks for the password of the account that a command runs as; absent without sudoers."""
    open_sessions: Fact[tuple[str, ...]]
    """The accounts of other sessions than our own, one entry a session."""
