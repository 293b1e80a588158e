"""Roles that are listed as installed while what their condition is read from is not there.

A restart that waits does that, and so do files that somebody removed. The condition is then not kept, it is not known.
"""

from __future__ import annotations

from checks.catalogue import Problem, problem
from checks.facts import WindowsGuest


def problems_of_announced(guest: WindowsGuest, features: tuple[str, ...], missing: str) -> list[Problem]:
    """Return a problem for each of `features` that the guest lists, whose `missing` part would tell its state.

    Features are compared without regard to case, as Windows does.
    """
    listed = {*guest.installed_roles.value_or(()), *guest.roles.client_features.value_or(())}
    return [
        problem(observed=f"{name} is listed, {missing} is not there", expected="both or neither", where="features")
        for name in sorted(listed)
        if name.lower() in {feature.lower() for feature in features}
    ]
