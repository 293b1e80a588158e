"""Damaged answers of a Windows guest: never an exception, never a wrong value, unknown where it matters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.facts import Fact, Service, Volume, WindowsGuest
from lab.guests.answer_set import load_answers
from runners.guest.script import RawAnswers
from runners.observe.guest import parse
from runners.observe.record import fact_types, topics

HEALTHY = {name: text.encode() for name, text in load_answers("windows-healthy").raw.items()}
FACTS_OF = {
    "roles": {"installed_roles", "virtual_switches", "deployment_services_initialized", "encrypted_iis_settings"},
    "volumes": {"volumes"},
    "agent": {"agent_services"},
    "state": {
        "product_type",
        "build",
        "image_state",
        "panther_folder",
        "answer_files",
        "answer_files_with_password",
        "launched_as",
        "system_uuid",
    },
}
for _name, _record in topics(WindowsGuest).items():
    FACTS_OF[_name] = FACTS_OF.get(_name, set()) | set(fact_types(_record))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def parsed(answers: Mapping[str, bytes | None] | None = None, *, cut: frozenset[str] = frozenset()) -> WindowsGuest:
    raw = {name: text for name, text in {**HEALTHY, **(answers or {})}.items() if text is not None}
    guest = parse("windows", RawAnswers(raw, cut, {}, 1))
    assert isinstance(guest, WindowsGuest)
    return guest


def facts() -> set[str]:
    """Return the facts that our own probes find."""
    return set(parsed().facts())


def unknown(guest: WindowsGuest) -> set[str]:
    return {name for name, fact in guest.facts().items() if not fact.known}


def reason(fact: Fact[Any]) -> str:
    return str(fact.to_json()["unknown"])


def test_every_fact_belongs_to_one_probe() -> None:
    assert set().union(*FACTS_OF.values()) == facts()


def test_a_healthy_guest_is_known_completely() -> None:
    guest = parsed()
    assert unknown(guest) == set()
    assert guest.agent_services.value == (Service("RdAgent", "Running"), Service("WindowsAzureGuestAgent", "Running"))
    assert guest.volumes.absent


@pytest.mark.parametrize("probe", FACTS_OF)
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"[]", b"null", b'{"a":', b"{}", b"[" * 5000])
def test_damage_in_one_probe_makes_only_its_facts_unknown(probe: str, damage: bytes) -> None:
    assert unknown(parsed({probe: damage})) == FACTS_OF[probe]


@pytest.mark.parametrize("probe", FACTS_OF)
def test_a_probe_that_was_not_answered_makes_its_facts_unknown(probe: str) -> None:
    assert unknown(parsed({probe: None})) == FACTS_OF[probe]
    assert unknown(parsed(cut=frozenset({probe}))) == FACTS_OF[probe]


def test_a_probe_that_failed_as_a_whole_says_why() -> None:
    guest = parsed({"volumes": b'{"probe_failed":{"unknown":"out of memory"}}'})
    assert reason(guest.volumes) == "the guest's probe volumes failed: out of memory"


@given(answer=st.binary(max_size=300))
def test_garbage_never_raises(answer: bytes) -> None:
    parsed(dict.fromkeys(FACTS_OF, answer))


@settings(deadline=None)
@given(value=JSON)
def test_a_fact_of_any_form_never_raises(value: object) -> None:
    for shape in (value, {"value": value}, {"unknown": value}, {"absent": value}):
        parsed({probe: json.dumps(dict.fromkeys(facts, shape)).encode() for probe, facts in FACTS_OF.items()})


@pytest.mark.parametrize(
    ("probe", "fact", "value"),
    [
        ("state", "product_type", "3"),
        ("state", "product_type", True),
        ("state", "panther_folder", 1),
        ("state", "panther_folder", None),
        ("state", "image_state", "<script>"),
        ("state", "system_uuid", "None"),
        ("roles", "installed_roles", "AD-Domain-Services"),
        ("roles", "installed_roles", ["x"] * 501),
        ("roles", "virtual_switches", -1),
        ("volumes", "volumes", [{"mount": "C:"}]),
        ("volumes", "volumes", [{"mount": "C:", "conversion_status": None, "protection_status": 0}]),
        ("volumes", "volumes", [{"mount": "C:", "conversion_status": 900, "protection_status": 0}]),
        ("agent", "agent_services", [{"name": "", "status": "Running"}]),
    ],
)
def test_a_value_of_another_form_is_unknown(probe: str, fact: str, value: object) -> None:
    guest = parsed({probe: json.dumps({fact: {"value": value}}).encode()})
    assert "unexpected form" in reason(guest.facts()[fact])


def test_a_fact_without_value_absent_or_unknown_is_unknown() -> None:
    assert not parsed({"volumes": b'{"volumes":{}}'}).volumes.known
    assert not parsed({"volumes": b'{"volumes":[1]}'}).volumes.known


def test_volumes_are_read() -> None:
    raw = {"value": [{"mount": "C:", "conversion_status": 1, "protection_status": 0, "recovery_key": "secret"}]}
    guest = parsed({"volumes": json.dumps({"volumes": raw}).encode()})
    assert guest.volumes.value == (Volume("C:", 1, 0),)


def test_an_array_that_5_1_wrapped_is_read_as_the_list_it_is() -> None:
    raw = {"value": {"value": ["DHCP", "DNS"], "Count": 2}}
    guest = parsed({"roles": json.dumps({"installed_roles": raw}).encode()})
    assert guest.installed_roles.value == ("DHCP", "DNS")


def test_an_unknown_fact_keeps_the_guests_reason_bounded_and_printable() -> None:
    raw = {"volumes": {"unknown": "Access\u001bdenied " + "x" * 500}}
    text = reason(parsed({"volumes": json.dumps(raw).encode()}).volumes)
    assert text.startswith("Access?denied ")
    assert len(text) == 300
