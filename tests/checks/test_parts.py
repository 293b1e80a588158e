from __future__ import annotations

import pytest

from checks.catalogue import Problem, problem
from checks.facts import OutOfReach, UnknownFact
from checks.parts import problems_of

BROKEN = problem(observed="on", expected="off", where="here")


def nothing() -> list[Problem]:
    return []


def broken() -> list[Problem]:
    return [BROKEN]


def unseen() -> list[Problem]:
    raise UnknownFact("nobody looked")


def test_the_problems_of_all_parts_come_in_order() -> None:
    other = problem(observed="1", expected="2", where="there")

    assert problems_of(broken, nothing, lambda: [other]) == [BROKEN, other]


@pytest.mark.parametrize("parts", [(unseen, broken), (broken, unseen)])
def test_a_problem_that_was_seen_is_not_hidden_by_a_part_that_was_not(parts: tuple[object, object]) -> None:
    assert problems_of(*parts) == [BROKEN]  # type: ignore[arg-type]


def test_without_a_problem_what_was_not_seen_stays_unknown() -> None:
    with pytest.raises(UnknownFact, match="nobody looked"):
        problems_of(nothing, unseen)


def beyond() -> list[Problem]:
    raise OutOfReach("only the disk shows it")


@pytest.mark.parametrize("parts", [(unseen, beyond), (beyond, unseen)])
def test_what_nobody_could_look_at_is_not_hidden_by_what_is_out_of_reach(parts: tuple[object, object]) -> None:
    with pytest.raises(UnknownFact, match="nobody looked") as raised:
        problems_of(*parts)  # type: ignore[arg-type]
    assert not isinstance(raised.value, OutOfReach)


def test_where_all_else_is_well_the_rest_stays_out_of_reach() -> None:
    with pytest.raises(OutOfReach, match="only the disk shows it"):
        problems_of(nothing, beyond)
