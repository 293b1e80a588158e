"""What the rules of the profile `vhd-upload` have in common: whom they are for, and settings against a table.

They are Microsoft's list for a Windows image that is uploaded to Azure. A VM that runs there already has shown that it
boots and can be reached, so they are judged only where the fleet file asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.catalogue import Problem, problem
from checks.facts import Policy, Setting

CHECKLIST = "https://learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image"
NOT_SET = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One setting and the values that it may have, the first of them as it should be; `NOT_SET` where it may be so."""

    name: str
    values: tuple[str, ...]


def for_upload(policy: Policy) -> bool:
    """Return whether the fleet file wants the target judged as an image that is uploaded."""
    return policy.profile == "vhd-upload"


def differences(settings: Iterable[Setting], table: Iterable[Wanted], where: str) -> list[Problem]:
    """Return a problem for each setting of `table` that has another value. Names and values have no case in Windows."""
    seen = {setting.name.lower(): setting.value for setting in settings}
    return [
        problem(
            observed=seen.get(wanted.name.lower(), "not set"),
            expected=wanted.values[0] or "not set",
            where=f"{where}, {wanted.name}",
        )
        for wanted in table
        if seen.get(wanted.name.lower(), NOT_SET).lower() not in {value.lower() for value in wanted.values}
    ]
