"""How a rule that looks at several facts is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checks.catalogue import Problem, problem
from checks.facts import Fact, OutOfReach, UnknownFact


def problems_of(*parts: Callable[[], Iterable[Problem]]) -> list[Problem]:
    """Return the problems of all parts of a rule, in order.

    A part that reads an unknown fact does not hide what the others found: a problem that was seen is a failure,
    whatever else could not be looked at. Without any problem the first `UnknownFact` is raised again.
    """
    found: list[Problem] = []
    unknown: UnknownFact | None = None
    for part in parts:
        try:
            found += part()
        except UnknownFact as error:
            # What nobody could look at says more than what this vantage can't show at all.
            if unknown is None or isinstance(unknown, OutOfReach):
                unknown = error
    if unknown and not found:
        raise unknown
    return found


def each_there(paths: Fact[tuple[str, ...]], observed: str, expected: str = "no such file") -> list[Problem]:
    """Return a problem for each path. Nothing there is no problem; raises `UnknownFact` where nobody could look."""
    return [problem(observed=observed, expected=expected, where=path) for path in paths.value_or(())]
