"""Damaged answers of a Linux guest: never an exception, never a wrong value, unknown where it matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import Fact, LinuxGuest, UnknownFact
from lab.guests.answer_set import load_answers
from runners.guest.script import RawAnswers
from runners.observe.guest import parse
from runners.observe.record import fact_types, topics

HEALTHY = {name: text.encode() for name, text in load_answers("debian-healthy").raw.items()}
FACTS_OF = {
    "system": {"distribution", "distribution_like", "distribution_version", "uid_min"},
    "mounts": {"system_mounts"},
    "agent": {
        "agent",
        "agent_configuration",
        "agent_unit_enabled",
        "agent_unit_active",
        "agent_disabled_file",
    },
    "ovf_account": {"ovf_account"},
    "encryption": {"encrypted_volumes", "crypttab_entries"},
    "identity": {"machine_id", "dbus_machine_id", "system_uuid"},
    "accounts": {"password_fields", "password_backups"},
}
FACTS_OF |= {name: set(fact_types(record)) for name, record in topics(LinuxGuest).items()}


def parsed(answers: Mapping[str, bytes | None] | None = None, *, cut: frozenset[str] = frozenset()) -> LinuxGuest:
    raw = {name: text for name, text in {**HEALTHY, **(answers or {})}.items() if text is not None}
    guest = parse("linux", RawAnswers(raw, cut, {}, 1))
    assert isinstance(guest, LinuxGuest)
    return guest


def facts() -> set[str]:
    """Return the facts that our own probes find."""
    return set(parsed().facts())


def unknown(guest: LinuxGuest) -> set[str]:
    return {name for name, fact in guest.facts().items() if not fact.known}


def reason(fact: Fact[Any]) -> str:
    return str(fact.to_json()["unknown"])


def test_every_fact_belongs_to_one_probe() -> None:
    assert set().union(*FACTS_OF.values()) == facts()


def test_a_healthy_guest_is_known_completely() -> None:
    assert unknown(parsed()) == set()


@pytest.mark.parametrize("probe", FACTS_OF)
@pytest.mark.parametrize("damage", [b"", b"\xff\x00\xfe garbage", b"=\n!\n?\n+\n#\n" * 100])
def test_damage_in_one_probe_makes_only_its_facts_unknown(probe: str, damage: bytes) -> None:
    assert unknown(parsed({probe: damage})) == FACTS_OF[probe]


@pytest.mark.parametrize("probe", FACTS_OF)
def test_a_probe_that_was_not_answered_makes_its_facts_unknown(probe: str) -> None:
    assert unknown(parsed({probe: None})) == FACTS_OF[probe]
    assert unknown(parsed(cut=frozenset({probe}))) == FACTS_OF[probe]


@pytest.mark.parametrize("probe", FACTS_OF)
@given(data=st.data())
def test_an_answer_that_is_cut_anywhere_is_never_wrong(probe: str, data: st.DataObject) -> None:
    healthy = parsed()
    lines = HEALTHY[probe].splitlines(keepends=True)
    kept = data.draw(st.integers(0, len(lines)))
    guest = parsed({probe: b"".join(lines[:kept])})
    for name in FACTS_OF[probe]:
        fact = guest.facts()[name]
        if name != "ovf_account":
            assert not fact.known or fact == healthy.facts()[name]
        elif fact.known:
            assert fact.value.uid == healthy.ovf_account.value.uid or not fact.value.uid.known


@given(answer=st.binary(max_size=500))
def test_garbage_never_raises(answer: bytes) -> None:
    parsed(dict.fromkeys(FACTS_OF, answer))


@given(lines=st.lists(st.tuples(st.sampled_from("=!?+#"), st.text(max_size=40)), max_size=20))
def test_lines_that_nobody_asked_for_are_dropped(lines: list[tuple[str, str]]) -> None:
    foreign = "".join(f"machine_identity{sigil}{text!a}\n" for sigil, text in lines).encode()
    assert parsed({"identity": foreign + HEALTHY["identity"]}) == parsed()


def test_a_list_with_fewer_items_than_its_total_is_unknown() -> None:
    answer = HEALTHY["accounts"].replace(b"password_fields+azureuser hash\n", b"")
    guest = parsed({"accounts": answer})
    assert reason(guest.password_fields) == "the list password_fields was cut: 21 items came, its total says 22"
    assert guest.password_backups.known


def test_a_value_given_twice_is_unknown() -> None:
    guest = parsed({"identity": HEALTHY["identity"] + b"machine_id=empty\n"})
    assert "printed 2 values for machine_id" in reason(guest.machine_id)


def test_unknown_wins_over_anything_else_that_was_said() -> None:
    guest = parsed({"identity": b"machine_id=set\nmachine_id!absent\nmachine_id?/etc/machine-id cannot be read\n"})
    assert reason(guest.machine_id) == "/etc/machine-id cannot be read"


def test_a_reason_is_bounded_and_printable() -> None:
    guest = parsed({"identity": b"machine_id?\x1b[31m" + b"x" * 5000 + b"\n"})
    assert reason(guest.machine_id).startswith("?[31mxxx")
    assert len(reason(guest.machine_id)) == 300


@pytest.mark.parametrize(
    ("probe", "line", "fact"),
    [
        ("identity", b"machine_id=0123456789abcdef0123456789abcdef", "machine_id"),
        ("identity", b"system_uuid=Not Settable", "system_uuid"),
        ("system", b"uid_min=many", "uid_min"),
        ("system", b"uid_min=-1", "uid_min"),
        ("agent", b"agent_unit_enabled=enabled; rm", "agent_unit_enabled"),
        ("agent", b"agent_path=waagent", "agent"),
        ("encryption", b"crypttab_entries=", "crypttab_entries"),
        ("accounts", b"password_backups+etc/shadow-\npassword_backups#1", "password_backups"),
        ("accounts", b"password_fields+root $6$hash\npassword_fields#1", "password_fields"),
        ("system", b"distribution=" + b"x" * 300, "distribution"),
    ],
)
def test_a_value_of_another_form_is_unknown(probe: str, line: bytes, fact: str) -> None:
    guest = parsed({probe: line + b"\n"})
    assert "unexpected form" in reason(guest.facts()[fact])


def test_escapes_are_read_from_left_to_right() -> None:
    answer = b"ovf_name=a\ndistribution!absent\nagent_traceback=x\n"
    guest = parsed({"ovf_account": answer + rb"ovf_home=/home/a\\n\nb" + b"\n"})
    assert guest.ovf_account.value.home.value == "/home/a\\n\nb"


def test_no_traceback_is_no_reason_to_doubt_the_agent() -> None:
    assert parsed().agent.value.traceback == ""


def test_an_absent_agent_is_absent() -> None:
    assert parsed({"agent": b"agent_path!absent\n"}).agent.absent


def test_an_agent_whose_version_is_unknown_is_unknown() -> None:
    guest = parsed({"agent": b"agent_path=/usr/sbin/waagent\nagent_version?it hung\n"})
    with pytest.raises(UnknownFact, match="it hung"):
        _ = guest.agent.value
