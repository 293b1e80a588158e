"""The steps come in their order, whatever is seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runners.generalize.steps import STEPS, Progress, next_step

SEEN = st.builds(
    Progress,
    power=st.sampled_from(["", "starting", "running", "stopping", "stopped", "deallocating", "deallocated"]),
    generalized=st.booleans(),
    claimed=st.booleans(),
    prepared=st.booleans(),
    launched=st.booleans(),
    judged=st.booleans(),
)


@given(SEEN)
def test_no_step_comes_while_an_earlier_one_is_undone(seen: Progress) -> None:
    step = next_step(seen)

    undone = [item for item in STEPS if not item.done(seen)]
    assert step == (undone[0] if undone else None)
    assert all(item.done(seen) for item in STEPS[: STEPS.index(step) if step else len(STEPS)])


@given(SEEN)
def test_a_vm_is_flagged_only_after_everything_else(seen: Progress) -> None:
    step = next_step(seen)

    if step is not None and step.name == "generalized":
        assert seen.claimed
        assert seen.prepared
        assert seen.launched
        assert seen.judged
        assert seen.power == "deallocated"


@given(SEEN)
def test_nothing_is_left_only_when_the_flag_was_seen_and_the_disk_was_judged(seen: Progress) -> None:
    if next_step(seen) is None:
        assert seen.generalized
        assert seen.judged
        assert seen.launched


def test_a_missing_power_state_is_never_taken_for_stopped() -> None:
    seen = Progress(power="", generalized=False, claimed=True, prepared=True, launched=True)

    step = next_step(seen)

    assert step is not None
    assert step.name == "stopped"


def test_the_names_of_the_steps_are_those_of_the_evidence() -> None:
    names = ["claim", "prepare", "launch", "stopped", "deallocated", "witnessed", "generalized"]

    assert [step.name for step in STEPS] == names
    assert all(step.does for step in STEPS)
