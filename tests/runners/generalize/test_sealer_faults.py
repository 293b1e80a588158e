"""What holds whatever goes wrong, in whatever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runners.errors import AzureError, ChannelError, DiskError
from runners.generalize.steps import STEPS
from tests.runners.generalize.fakes import Bench
from tests.runners.generalize.transcripts import recording

CALLS = ("read_tags", "instance_view", "merge_tags", "delete_tags", "begin_deallocate", "serial_log", "generalize")
FAULTS = st.sampled_from(
    [
        None,
        None,
        None,
        AzureError("no answer from Azure"),
        AzureError("HTTP 409 OperationNotAllowed", status=409, code="OperationNotAllowed"),
        AzureError("HTTP 429", status=429),
    ]
)


@st.composite
def benches(draw: st.DrawFn) -> Bench:
    bench = Bench(draw(st.sampled_from(["linux", "windows"])))
    bench.arm.faults = {name: draw(st.lists(FAULTS, max_size=4)) for name in draw(st.sets(st.sampled_from(CALLS)))}
    bench.arm.lost = draw(st.sets(st.sampled_from(["generalize", "merge_tags", "delete_tags"]), max_size=1))
    bench.arm.view_lag = draw(st.sampled_from([0.0, 0.0, 20.0, 1e6]))
    bench.guest.off_after = draw(st.sampled_from([3.0, 30.0, 5000.0, None]))
    bench.guest.serial_after = draw(st.sampled_from([0.0, 40.0, 1e6]))
    bench.guest.agent = recording(draw(st.sampled_from("ANC")))
    bench.guest.answer = draw(st.sampled_from([None, None, None, "sh: not found"]))
    bench.guest.fault = draw(st.sampled_from([None, None, ChannelError("cut"), AzureError("no answer")]))
    bench.guest.prepares = draw(st.sampled_from([True, True, False]))
    bench.refusal = draw(st.sampled_from(["", "", "the gate closed right before the launch"]))
    bench.verdict = draw(st.sampled_from(["", "", "the account is still there"]))
    bench.claim = draw(st.booleans())
    if draw(st.sampled_from([False, False, True])):
        bench.disk = DiskError("the disk could not be read")
        bench.verdict = "undetermined"

    def start() -> None:
        bench.arm.power = "running"

    if draw(st.sampled_from([False, False, True])):
        bench.after_disk = start
    return bench


@given(benches())
@settings(max_examples=100, deadline=None)
def test_the_irreversible_is_done_once_at_most_and_only_on_a_good_verdict(bench: Bench) -> None:
    ending = bench.seal()

    launches = bench.guest.steps.count("launch")
    assert launches <= 1
    assert bench.arm.flags <= 1
    assert not bench.arm.flagged or (launches == 1 and bench.judged and not bench.verdict)
    assert not bench.arm.flagged or bench.arm.power == "deallocated"
    assert not bench.refusal or launches == 0
    # An intent that came to nothing, since its claim could not be written or Azure refused, is taken back.
    intents, refusals = (bench.journal.events.count(f"launch.{event}") for event in ("intent", "refused"))
    assert ending.launched == (intents > refusals)
    # Claimed only when it was seen.
    assert not ending.generalized or bench.arm.flagged


@given(benches())
@settings(max_examples=50, deadline=None)
def test_steps_come_in_their_order_and_a_target_ends_with_a_reason_or_at_the_end(bench: Bench) -> None:
    ending = bench.seal()

    order = [step.name for step in STEPS]
    places = [order.index(name) for name in bench.acts]
    assert places == sorted(places)
    # Begun again is only what Azure had no time for, and then nothing of it was done.
    assert len(places) - len(set(places)) == bench.journal.events.count("busy")
    assert bool(ending.stopped) == (bench.journal.events.count("generalized.end") == 0 or not ending.generalized)


@given(benches())
@settings(max_examples=50, deadline=None)
def test_no_claim_of_ours_stays_on_a_vm_where_nothing_was_launched(bench: Bench) -> None:
    ending = bench.seal()

    kept = bench.name in bench.arm.tags
    if ending.launched:
        assert kept == bench.claim
    elif kept:
        assert "claim.kept" in bench.journal.events
