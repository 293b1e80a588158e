"""Records of facts by their types: what fits is taken, what does not is unknown, and nothing raises."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from checks.facts import Fact, LinuxGuest, WindowsGuest
from checks.healthy import linux_guest, windows_guest
from runners.guest.script import RawAnswers
from runners.observe.guest_lines import lines_of
from runners.observe.guest_objects import Object
from runners.observe.record import fact_types, observed, topics


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    users: int


@dataclass(frozen=True, slots=True)
class Topic:
    pending: Fact[bool]
    count: Fact[int]
    state: Fact[Literal["on", "off"]]
    names: Fact[tuple[str, ...]]
    packages: Fact[tuple[Package, ...]]


HEALTHY: dict[str, Any] = {
    "pending": {"value": False},
    "count": {"value": 3},
    "state": {"absent": True},
    "names": {"value": ["a", "b"]},
    "packages": {"value": [{"name": "Edge", "users": 2, "publisher": "dropped"}]},
}
LINES = "pending=false\ncount=3\nstate!absent\nnames+a\nnames+b\nnames#2\npackages+Edge 2\npackages#1\n"


def answers(text: str) -> RawAnswers:
    return RawAnswers({"topic": text.encode()}, frozenset(), {}, 1)


def of_object(**changes: Any) -> Topic:
    return observed(Topic, Object(answers(json.dumps(HEALTHY | changes)), "topic"))


def of_lines(text: str) -> Topic:
    return observed(Topic, lines_of(answers(text), "topic"))


@pytest.mark.parametrize("topic", [of_object(), of_lines(LINES)], ids=["json", "lines"])
def test_an_answer_becomes_a_record(topic: Topic) -> None:
    assert topic == Topic(
        pending=Fact.of(False),
        count=Fact.of(3),
        state=Fact.missing(),
        names=Fact.of(("a", "b")),
        packages=Fact.of((Package("Edge", 2),)),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pending", "false"),
        ("pending", 0),
        ("count", "3"),
        ("count", 2**70),
        ("count", True),
        ("state", "perhaps"),
        ("names", "a"),
        ("names", ["x" * 2000]),
        ("names", ["x"] * 501),
        ("packages", [{"name": "Edge"}]),
        ("packages", [{"name": "Edge", "users": "two"}]),
        ("packages", 7),
    ],
)
def test_what_does_not_have_the_type_is_unknown_and_harms_no_other(name: str, value: object) -> None:
    topic = of_object(**{name: {"value": value}})
    assert not getattr(topic, name).known
    assert {key for key in HEALTHY if not getattr(topic, key).known} == {name}


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("count=3", "count=many", "count"),
        ("packages+Edge 2", "packages+Edge", "packages"),
        ("names#2", "names#3", "names"),
        ("pending=false", "pending?could not look", "pending"),
    ],
)
def test_lines_that_do_not_fit_are_unknown(old: str, new: str, name: str) -> None:
    topic = of_lines(LINES.replace(old, new))
    assert {key for key in HEALTHY if not getattr(topic, key).known} == {name}


def test_a_list_that_powershell_wrapped_is_read() -> None:
    assert of_object(names={"value": {"value": ["a"], "Count": 1}}).names == Fact.of(("a",))


def test_the_last_field_of_an_item_has_the_rest_of_its_line() -> None:
    @dataclass(frozen=True, slots=True)
    class Entry:
        device: str
        options: str

    globals()["Entry"] = Entry

    @dataclass(frozen=True, slots=True)
    class Table:
        entries: Fact[tuple[Entry, ...]]

    table = observed(Table, lines_of(answers("entries+UUID=1 rw,nofail and more\nentries#1\n"), "topic"))
    assert table.entries == Fact.of((Entry("UUID=1", "rw,nofail and more"),))


def test_a_record_holds_facts_only() -> None:
    with pytest.raises(TypeError, match=r"Package\.name is no Fact"):
        fact_types(Package)


def test_a_type_that_no_guest_can_send_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd:
        when: Fact[complex]

    with pytest.raises(TypeError, match="complex"):
        observed(Odd, Object(answers("{}"), "topic"))


@pytest.mark.parametrize("kind", [LinuxGuest, WindowsGuest])
def test_names_of_facts_are_unique_over_all_topics(kind: type[Any]) -> None:
    guest = linux_guest() if kind is LinuxGuest else windows_guest()
    own = [name for name in guest.__dataclass_fields__ if isinstance(getattr(guest, name), Fact)]
    nested = [name for record in topics(kind).values() for name in fact_types(record)]
    assert sorted([*own, *nested]) == sorted(guest.facts())
