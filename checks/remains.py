"""How a rule about files that must be gone from a disk is put."""

from __future__ import annotations

from checks.catalogue import Problem, problem
from checks.facts import Fact, Policy

_MOST_SHOWN = 20


def left(paths: Fact[tuple[str, ...]], policy: Policy, observed: str, expected: str = "no such file") -> list[Problem]:
    """Return a problem for each file that is there and that the fleet file does not say may stay.

    Absent means that the place itself is not there, so nothing is in it. Raises `UnknownFact` where nobody could look.
    """
    found = [path for path in paths.value_or(()) if not policy.may_stay(path)]
    problems = [problem(observed=observed, expected=expected, where=path) for path in found[:_MOST_SHOWN]]
    if len(found) > _MOST_SHOWN:
        more = f"{len(found) - _MOST_SHOWN} more of the same"
        problems.append(problem(observed=more, expected=expected, where=f"beside {found[0]}"))
    return problems
