from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, PasswordField, UnknownFact, plain


def test_a_value_can_be_read() -> None:
    fact = Fact.of(0)

    assert (fact.value, fact.absent, fact.known, fact.value_or(5)) == (0, False, True, 0)


def test_what_is_absent_has_no_value_but_may_be_replaced() -> None:
    fact: Fact[int] = Fact.missing()

    assert (fact.absent, fact.known, fact.value_or(5)) == (True, True, 5)
    with pytest.raises(UnknownFact, match="absent"):
        _ = fact.value


def test_what_is_unknown_can_be_neither_read_nor_called_absent_nor_replaced() -> None:
    fact: Fact[int] = Fact.unknown("the probe was cut off")

    assert not fact.known
    with pytest.raises(UnknownFact, match="cut off"):
        _ = fact.value
    with pytest.raises(UnknownFact, match="cut off"):
        _ = fact.absent
    with pytest.raises(UnknownFact, match="cut off"):
        fact.value_or(5)


def test_an_unknown_fact_without_a_reason_is_unknown_all_the_same() -> None:
    fact: Fact[int] = Fact.unknown("")

    assert not fact.known
    assert fact.to_json() == {"unknown": "no reason was recorded"}


@pytest.mark.parametrize(
    ("fact", "written"),
    [
        (Fact.of("x"), {"value": "x"}),
        (Fact.of(None), {"value": None}),
        (Fact.of(False), {"value": False}),
        (Fact.missing(), {"absent": True}),
        (Fact.unknown("why"), {"unknown": "why"}),
        (Fact.of((PasswordField("root", "locked"),)), {"value": [{"account": "root", "kind": "locked"}]}),
    ],
)
def test_evidence_tells_the_three_apart(fact: Fact[Any], written: dict[str, Any]) -> None:
    assert fact.to_json() == written


def test_facts_become_plain_json() -> None:
    nested = {"a": (Fact.of({"b", "a"}), [1, None]), 2: frozenset({"z"})}

    assert plain(nested) == {"a": [{"value": ["a", "b"]}, [1, None]], "2": ["z"]}


def test_a_fact_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        Fact.of(1)._value = 2  # type: ignore[misc]
