"""What a claim says, and what it keeps others from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.journal import Head
from runners.generalize.claim_tag import (
    LEASE,
    PREFIX,
    SKEW,
    ClaimTag,
    Intent,
    Unreadable,
    at_work,
    claims,
    foreign_claims,
    lost_claim,
    obstacle,
    overtaken,
    own_claim,
)
from tests.runners.generalize.fakes import NOON

RUN, OTHER = "20261122T120000Z-6f1c0d", "20261122T110000Z-000bad"
VM_ID = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0d01"
HEAD = Head("9c" * 32, 7)
HELD = ClaimTag(OTHER, "claim", NOON, NOON + LEASE, HEAD, "ci-7")
LATER = NOON + LEASE + SKEW + timedelta(minutes=5)


def tagged(*found: ClaimTag) -> dict[str, str]:
    return {item.name: item.value for item in found}


@given(
    run=st.from_regex(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}", fullmatch=True),
    step=st.sampled_from(["claim", "launch", "generalize"]),
    minutes=st.integers(0, 10_000),
    over=st.booleans(),
    count=st.integers(0, 99_999),
    by=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=64),
)
def test_a_claim_is_read_as_it_was_written_and_fits_a_tag(
    run: str, step: str, minutes: int, over: bool, count: int, by: str
) -> None:
    until = None if over else NOON + timedelta(minutes=minutes)
    claim = ClaimTag(run, step, NOON, until, Head("f" * 64, count), by)

    assert claims({claim.name: claim.value}) == (claim,)
    assert len(claim.value) <= 256


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (PREFIX, HELD.value),
        (HELD.name, "run-2 generalize 2026-11-22T12:00:00Z"),
        (HELD.name, HELD.value.replace("step=claim", "step=dance")),
        (HELD.name, HELD.value.replace("2026-11-22T12:00:00Z", "yesterday")),
    ],
)
def test_what_is_no_claim_of_this_version_keeps_everybody_off(name: str, value: str) -> None:
    found = claims({name: value})

    assert found == (Unreadable(name, value),)
    told = obstacle(found, LATER, Intent(VM_ID, take_over=True, launches=False))
    assert f"its tag {name} is a claim that this version can't read" in told
    assert "remove the tag" in told
    assert name in overtaken(found)


def test_other_tags_and_our_own_are_no_claims_of_others() -> None:
    mine = replace(HELD, run=RUN)
    tags = {"team": "images", mine.name.upper(): mine.value} | tagged(HELD)

    assert foreign_claims(tags, RUN) == (HELD,)
    found = own_claim(tags, RUN)
    assert found is not None
    assert found.value == mine.value


def test_a_claim_that_holds_names_who_since_when_and_until_when() -> None:
    told = obstacle([HELD], NOON, Intent(VM_ID, take_over=True))

    assert f"run {OTHER} on ci-7 (before its launch, since 2026-11-22 12:00 UTC)" in told
    assert "holds it until 2026-11-22 12:30 UTC" in told
    assert f"run again after that time with --take-over {VM_ID}" in told


@pytest.mark.parametrize(("minutes", "stale"), [(0, False), (31, False), (33, True)])
def test_a_claim_is_stale_once_it_was_not_renewed_whatever_the_clocks_differ(minutes: int, stale: bool) -> None:
    assert HELD.stale(NOON + timedelta(minutes=minutes)) is stale


def test_a_run_that_said_that_it_is_over_is_stale_at_once() -> None:
    over = replace(HELD, until=None)

    assert over.stale(NOON)
    assert "that run is over. It launched nothing" in obstacle([over], NOON, Intent(VM_ID))


def test_a_stale_claim_before_the_launch_is_taken_over_when_asked() -> None:
    told = obstacle([HELD], LATER, Intent(VM_ID))

    assert "its claim ended 7 minutes ago. It launched nothing" in told
    assert f"To go on in its place: --take-over {VM_ID}" in told
    assert obstacle([HELD], LATER, Intent(VM_ID, take_over=True)) == ""


def test_a_guest_is_left_alone_where_another_run_may_have_launched() -> None:
    past = replace(HELD, step="launch")

    assert "so its guest is left alone" in at_work([HELD, past], ())
    assert at_work([HELD, Unreadable("x", "y"), past], {OTHER}) == ""


@pytest.mark.parametrize("step", ["launch", "generalize"])
def test_past_the_launch_a_takeover_launches_nothing(step: str) -> None:
    past = replace(HELD, step=step)

    for intent in (Intent(VM_ID), Intent(VM_ID, take_over=True), Intent(VM_ID, launches=False)):
        told = obstacle([past], LATER, intent)
        assert "It may have launched the step, so nothing is launched again" in told
        assert f"--take-over {VM_ID} --resume DIR, where DIR is the evidence folder of run {OTHER}" in told
    assert obstacle([past], LATER, Intent(VM_ID, take_over=True, launches=False)) == ""


def test_a_run_that_is_shown_to_have_launched_nothing_is_taken_over_like_any_other() -> None:
    past = replace(HELD, step="launch")
    harmless = frozenset({OTHER})

    assert "It launched nothing" in obstacle([past], LATER, Intent(VM_ID, harmless=harmless))
    assert obstacle([past], LATER, Intent(VM_ID, take_over=True, harmless=harmless)) == ""


@pytest.mark.parametrize(
    ("tags", "claimed", "why"),
    [
        (tagged(replace(HELD, run=RUN)), True, ""),
        ({}, False, ""),
        ({}, True, "is gone"),
        (tagged(replace(HELD, run=RUN), HELD), True, ""),
        (
            tagged(replace(HELD, run=RUN), replace(HELD, step="launch")),
            True,
            "another run has claimed the VM meanwhile",
        ),
        (tagged(replace(HELD, step="launch")), False, f"run {OTHER} on ci-7 (at its launch or after it"),
        (tagged(replace(HELD, step="generalize", by="")), False, "an unnamed host (at the flag or after it"),
        (tagged(replace(HELD, step="launch", until=None)), False, ""),
    ],
)
def test_right_before_the_launch_the_vm_must_be_ours(tags: dict[str, str], claimed: bool, why: str) -> None:
    lost = lost_claim(tags, RUN, claimed=claimed)

    assert why in lost
    assert bool(why) == bool(lost)
