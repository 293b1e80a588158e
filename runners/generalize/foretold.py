"""How one residue is foretold: whether it survives, and what would remove it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from checks.facts import Fact, Foretold, LinuxGuest, Policy, UnknownFact

Survives = Callable[[LinuxGuest, Policy], bool]
Rule = Callable[[LinuxGuest, Policy], Foretold]


def by_key(
    check: str, key: str, what: str, survives: Survives, *, beyond: Survives | None = None, otherwise: str = ""
) -> Rule:
    """Return the forecast of what a `clean` key removes.

    `beyond`: whether some of it stays whatever the key does; `otherwise` says what removes that.
    """
    remedy = f"Add `{key}` to the target's `clean` list in the fleet file: Sealproof then removes it after waagent."
    if beyond is None:
        return by_hand(
            check, what, remedy, lambda guest, policy: key not in policy.clean and survives(guest, policy), key
        )
    without = by_hand(check, what, f"{remedy} {otherwise}", lambda *seen: survives(*seen) or beyond(*seen), key)
    with_it = by_hand(check, what, otherwise, beyond)
    return lambda guest, policy: (with_it if key in policy.clean else without)(guest, policy)


def by_cloud_init(check: str, what: str, survives: Survives) -> Rule:
    """Return the forecast of what cloud-init removes itself, where it is told to."""
    remedy = "Set `cloud_init: [logs, seed]` for the target in the fleet file: cloud-init then removes it itself."
    return by_hand(check, what, remedy, survives)


def by_hand(check: str, what: str, remedy: str, survives: Survives, key: str = "") -> Rule:
    """Return the forecast of what the remedy says how to remove. `key`: the `clean` key that helps; empty for none."""

    def rule(guest: LinuxGuest, policy: Policy) -> Foretold:
        try:
            told = Fact.of(survives(guest, policy))
        except UnknownFact as error:
            told = Fact.unknown(str(error))
        return Foretold(check=check, clean=key, what=what, remedy=remedy, survives=told)

    return rule


def goes(guest: LinuxGuest, policy: Policy) -> str:
    """Return the account that waagent removes; empty where it removes none."""
    if not policy.removes_user or guest.ovf_account.absent:
        return ""
    return guest.ovf_account.value.name
