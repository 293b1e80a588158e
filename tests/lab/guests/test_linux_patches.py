"""The named patches of the Debian guest: each shows in the checks that it is named for."""

from __future__ import annotations

import pytest

from checks.facts import Observation
from checks.healthy import azure_facts
from checks.judgement import judge
from lab.guests.answer_set import load_answers
from runners.guest.script import RawAnswers
from runners.observe.guest import parse
from tests.checks.claims import catalogue

SHOWN = {
    "second-user": ("LNX-LOGIN-001",),
    "second-root": ("LNX-LOGIN-002",),
    "interface-pinned": ("LNX-NIC-001", "LNX-NIC-003"),
    "static-address": ("LNX-NIC-004", "LNX-NIC-005"),
    "platform-blocked": ("LNX-FIREWALL-001",),
    "sshd-broken": ("LNX-SSHD-001",),
    "apt-running": ("LNX-PACKAGES-001",),
    "defender": ("LNX-DEFENDER-001", "LNX-EXTENSION-001"),
    "arc": ("LNX-ARC-001",),
    "domain-joined": ("LNX-DOMAIN-001",),
    "private-network": ("LNX-MESH-001",),
    "cluster-node": ("LNX-MANAGER-001",),
    "extension-at-work": ("LNX-EXTENSION-002", "LNX-EXTENSION-003"),
    "deprovisioned": ("LNX-LOGIN-001", "LNX-OVF-001", "LNX-REPEAT-001"),
}


def told(*patches: str) -> set[str]:
    """Return the checks that have something to say of the Debian guest with these patches."""
    raw = {name: text.encode() for name, text in load_answers("debian-healthy", patches).raw.items()}
    seen = Observation("linux", azure=azure_facts(), guest=parse("linux", RawAnswers(raw, frozenset(), {}, 1)))
    outcomes = {item.id: judge(item, seen).outcome for item in catalogue().phase("pre")}
    return {name for name, outcome in outcomes.items() if outcome in ("failed", "warned")}


@pytest.mark.parametrize("patch", SHOWN)
def test_a_patch_shows_in_its_checks_and_in_no_other(patch: str) -> None:
    assert told(patch) - told() == set(SHOWN[patch])
