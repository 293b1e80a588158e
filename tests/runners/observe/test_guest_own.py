"""Own probes' answers become facts: text as printed, absent for nothing, unknown with the reason for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact
from runners.guest.script import RawAnswers
from runners.observe.guest import parse


def own(platform: str, answer: bytes | None, *, failed: int = 0) -> Fact[str]:
    raw = RawAnswers(
        answers={} if answer is None else {"mine": answer},
        cut=frozenset({"mine"}) if answer is None else frozenset(),
        digests={"mine": "ab" * 32},
        invocations=1,
        own=frozenset({"mine"}),
        failed={"mine": failed} if failed else {},
    )
    guest = parse(platform, raw)
    assert guest.probes == {"mine": "ab" * 32}
    return guest.own("mine")


@pytest.mark.parametrize(
    ("answer", "text"),
    [(b"a=1\nb", "a=1\nb"), (b"caf\xc3\xa9\xff", "caf\u00e9\ufffd"), (b"one\r\ntwo\r\n", "one\ntwo"), (b" ", " ")],
)
def test_the_text_is_what_was_printed(answer: bytes, text: str) -> None:
    assert own("linux", answer) == own("windows", answer) == Fact.of(text)


def test_a_probe_that_printed_nothing_found_nothing() -> None:
    assert own("linux", b"").absent
    assert own("windows", b"\r\n").absent


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (own("linux", None), "the own probe mine printed more than can be sent (64 KiB)"),
        (own("linux", b"half of it", failed=2), "the own probe mine failed with exit status 2"),
        (own("windows", b"Access is\x1b denied", failed=1), "the own probe mine failed: Access is? denied"),
    ],
)
def test_a_probe_that_did_not_look_well_is_unknown(fact: Fact[str], reason: str) -> None:
    assert fact.to_json() == {"unknown": reason}


@pytest.mark.parametrize(("answer", "value"), [(b'{"a": [1]}', {"a": [1]}), (b"false", False), (b"null", None)])
def test_json_is_read_where_it_is_asked_for(answer: bytes, value: Any) -> None:
    raw = RawAnswers({"mine": answer}, frozenset(), {}, 1, own=frozenset({"mine"}))
    assert parse("linux", raw).own_json("mine") == Fact.of(value)


def test_what_is_no_json_is_unknown_and_what_is_not_there_stays_absent() -> None:
    raw = RawAnswers({"bad": b"{", "none": b""}, frozenset(), {}, 1, own=frozenset({"bad", "none"}))
    guest = parse("linux", raw)
    assert "the own probe bad printed is no JSON" in guest.own_json("bad").to_json()["unknown"]
    assert guest.own_json("none").absent
    assert not guest.own_json("other").known


def test_our_own_probes_are_no_answers_of_a_team() -> None:
    raw = RawAnswers({"system": b"distribution=debian\n"}, frozenset(), {}, 1)
    reason = parse("linux", raw).own("system").to_json()["unknown"]
    assert "no own probe system was sent to this guest; sent were none?" in reason
