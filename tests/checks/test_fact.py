"""A fact never lets "could not look" pass for "not there"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import Fact, OutOfReach, UnknownFact, plain


@dataclass(frozen=True)
class Disk:
    name: str
    size: Fact[int]


@given(st.none() | st.integers() | st.text() | st.booleans() | st.lists(st.integers()))
def test_an_observed_value_comes_back_even_where_it_is_empty(value: object) -> None:
    fact = Fact.of(value)

    assert fact.value == value
    assert fact.value_or("another") == value
    assert (fact.absent, fact.known) == (False, True)
    assert fact.to_json() == {"value": value}


def test_an_absent_fact_has_no_value_and_can_be_asked_for() -> None:
    fact: Fact[int] = Fact.missing()

    assert (fact.absent, fact.known) == (True, True)
    assert fact.value_or(7) == 7
    assert fact.to_json() == {"absent": True}
    with pytest.raises(UnknownFact, match="absent"):
        _ = fact.value


def test_an_unknown_fact_answers_nothing_and_says_why() -> None:
    fact: Fact[int] = Fact.unknown("the probe was cut")

    assert not fact.known
    assert fact.to_json() == {"unknown": "the probe was cut"}
    asks: tuple[Callable[[], object], ...] = (lambda: fact.value, lambda: fact.absent, lambda: fact.value_or(7))
    for ask in asks:
        with pytest.raises(UnknownFact, match="the probe was cut"):
            ask()


def test_an_unknown_fact_without_a_reason_is_still_unknown() -> None:
    fact: Fact[int] = Fact.unknown("")

    assert not fact.known
    with pytest.raises(UnknownFact, match="no reason was recorded"):
        _ = fact.value


def test_a_fact_can_not_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Fact.of(1)._value = 2  # type: ignore[misc]


def test_evidence_holds_facts_and_records_as_plain_json() -> None:
    disk = Disk("os", Fact.of(7))

    assert plain({"disks": (disk, Disk("data", Fact.missing())), "roles": {"b", "a"}, 1: None}) == {
        "disks": [{"name": "os", "size": {"value": 7}}, {"name": "data", "size": {"absent": True}}],
        "roles": ["a", "b"],
        "1": None,
    }


def test_a_fact_that_holds_records_is_written_as_plain_json() -> None:
    fact = Fact.of((Disk("os", Fact.unknown("no answer")),))

    assert fact.to_json() == {"value": [{"name": "os", "size": {"unknown": "no answer"}}]}


def test_a_fact_out_of_reach_is_unknown_for_a_reason_of_its_own() -> None:
    fact: Fact[str] = Fact.out_of_reach("only the stopped disk shows this")

    for read in (lambda: fact.value, lambda: fact.absent, lambda: fact.value_or("x")):
        with pytest.raises(OutOfReach, match="only the stopped disk"):
            read()
    assert not fact.known
    assert fact.to_json() == {"unknown": "only the stopped disk shows this"}
    assert Fact.out_of_reach("").to_json() == {"unknown": "no reason was recorded"}
