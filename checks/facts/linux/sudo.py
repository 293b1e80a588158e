"""Whom sudo's files name, in a running Linux guest before the step or in one that was sealed."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class SudoRule:
    """A rule by which an account may do something without a password; what groups and everybody may is nobody's own."""

    cleaned: bool
    """Whether `clean: [sudoers]` takes it out once the account is gone. It leaves rules in lists, aliases, included
    files, by number, in lines that go on, and of accounts of a directory."""
    account: str
    """`#1001` for a number that nobody has."""
    file: str
    """Absolute path."""


@dataclass(frozen=True, slots=True)
class Sudo:
    """What they say."""

    sudo_rules: Fact[tuple[SudoRule, ...]]
    """Absent without sudo."""
