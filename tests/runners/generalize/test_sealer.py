"""What the sealer does and never does, on a VM in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checks.facts import Fact, Policy, Receipt, Unobserved
from checks.healthy import linux_guest, observation, windows_disk
from reports.errors import JournalError
from reports.journal import Head
from runners.errors import AzureError, ChannelError, DiskError, RefusedError
from runners.generalize.claim_tag import LEASE, ClaimTag
from runners.generalize.steps import STEPS
from tests.runners.generalize.fakes import NOON, POLL, Bench
from tests.runners.generalize.transcripts import CLEAN, recording

ALL = [step.name for step in STEPS]
LOST = AzureError("no answer from Azure")
OTHER = ClaimTag("run-0", "claim", NOON, NOON + LEASE, Head("9c" * 32, 7), "ci-7")
"""The claim of a run that lives."""


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_a_healthy_vm_takes_every_step_in_order_and_each_once(platform: str) -> None:
    bench = Bench(platform)

    ending = bench.seal()

    assert (ending.launched, ending.generalized, ending.stopped) == (True, True, "")
    assert bench.acts == ALL
    assert bench.arm.flags == 1
    assert bench.arm.calls.count("begin_deallocate") == 1
    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "succeeded"
    assert ending.disk is bench.disk


def test_a_windows_guest_is_prepared_and_then_judged_again_before_it_is_launched() -> None:
    bench = Bench("windows")
    bench.seal()

    assert bench.guest.steps == ["prepare", "launch"]
    assert bench.rechecks == [True]


def test_a_linux_guest_needs_no_preparation(bench: Bench) -> None:
    bench.seal()

    assert bench.guest.steps == ["launch"]
    assert bench.rechecks == [False]


def test_every_irreversible_act_is_journalled_before_it_happens(bench: Bench) -> None:
    seen: dict[str, str] = {}
    bench.guest.on_run = lambda: seen.update(launch=bench.journal.events[-1])
    bench.arm.on_generalize = lambda: seen.update(generalize=bench.journal.events[-1])

    bench.seal()

    assert seen == {"launch": "launch.intent", "generalize": "generalize.intent"}


def test_the_claim_names_the_journal_with_the_launch_in_it_before_anything_is_sent(bench: Bench) -> None:
    """Else a copy of the journal from before the launch would be known again, and show that nothing was launched."""
    named: list[str] = []
    bench.guest.on_run = lambda: named.append(bench.arm.tags[bench.name])

    bench.seal()

    count = bench.journal.events.index("launch.intent") + 1
    assert f" journal={count}:" in named[0]


def test_the_launched_script_does_what_the_target_asks_for(bench: Bench) -> None:
    bench.seal()

    assert "/usr/sbin/waagent -deprovision+user -force" in bench.guest.scripts[0]


# Before the launch


def test_nothing_is_launched_where_the_recheck_refuses(bench: Bench) -> None:
    bench.refusal = "the target is not the one that was checked: its vmId was 'a' and is 'b' now"

    ending = bench.seal()

    assert ending.stopped == bench.refusal
    assert not ending.launched
    assert bench.guest.scripts == []
    assert "launch.intent" not in bench.journal.events


def test_nothing_is_launched_where_another_run_holds_the_claim(bench: Bench) -> None:
    bench.arm.tags = {OTHER.name.upper(): OTHER.value}

    ending = bench.seal()

    assert "run RUN-0 on ci-7" in ending.stopped
    assert bench.guest.scripts == []
    assert bench.arm.tags == {OTHER.name.upper(): OTHER.value}


def test_nothing_is_launched_where_another_run_announced_its_launch_first(bench: Bench) -> None:
    launching = replace(OTHER, step="launch")
    bench.on_recheck = lambda: bench.arm.tags.update({launching.name: launching.value})

    ending = bench.seal()

    assert "another run has claimed the VM meanwhile: run run-0" in ending.stopped
    assert bench.guest.scripts == []
    assert bench.journal.events[-4:] == ["launch.intent", "launch.refused", "stopped", "claim.released"]
    assert list(bench.arm.tags) == [launching.name]


def test_nothing_is_launched_where_the_launch_can_not_be_announced(bench: Bench) -> None:
    bench.arm.faults["merge_tags"] = [None, AzureError("HTTP 500", status=500)]

    ending = bench.seal()

    assert "could not be claimed: HTTP 500" in ending.stopped
    assert bench.guest.scripts == []
    assert bench.arm.tags == {}


def test_a_run_that_was_asleep_until_its_claim_ran_out_launches_nothing(bench: Bench) -> None:
    read = bench.arm.read_tags

    def sleep(vm: str) -> dict[str, str]:
        if bench.journal.events[-1] == "launch.intent":
            bench.clock.time += timedelta(hours=1)
        return read(vm)

    bench.arm.read_tags = sleep  # type: ignore[method-assign]
    ending = bench.seal()

    assert "its claim ran out; nothing was launched" in ending.stopped
    assert not ending.launched
    assert bench.guest.scripts == []
    assert bench.journal.events[-3:] == ["launch.refused", "stopped", "claim.released"]


def test_the_claim_says_what_is_about_to_happen_before_it_does(bench: Bench) -> None:
    seen: dict[str, str] = {}
    bench.guest.on_run = lambda: seen.update(launch=bench.arm.tags[bench.name])
    bench.arm.on_generalize = lambda: seen.update(generalize=bench.arm.tags[bench.name])

    bench.seal()

    assert seen["launch"].startswith("step=launch since=2026-11-22T12:00:00Z ")
    assert seen["generalize"].startswith("step=generalize since=2026-11-22T12:00:00Z ")


def test_a_claim_that_azure_refuses_names_the_permission(bench: Bench) -> None:
    bench.arm.faults["merge_tags"] = [AzureError("HTTP 403 AuthorizationFailed", status=403)]

    assert "Microsoft.Resources/tags/read and .../write" in bench.seal().stopped


def test_a_target_that_wants_no_claim_is_not_tagged(bench: Bench) -> None:
    bench.claim = False

    assert bench.seal().generalized
    assert "merge_tags" not in bench.arm.calls


def test_nothing_is_launched_where_the_guest_could_not_be_prepared() -> None:
    bench = Bench("windows")
    bench.guest.prepares = False

    ending = bench.seal()

    assert ending.stopped == "preparing the guest failed: Remove-Item: access denied"
    assert bench.guest.steps == ["prepare"]
    assert not ending.launched


@pytest.mark.parametrize(
    ("guest", "why"),
    [
        (Unobserved("no answer"), "the path of its waagent is not known"),
        (linux_guest(agent=Fact.unknown("the probe was cut")), "the probe was cut"),
        (linux_guest(agent=Fact.missing()), "absent"),
    ],
)
def test_nothing_is_launched_where_the_agent_was_not_seen(bench: Bench, guest: object, why: str) -> None:
    bench.before = observation("linux", guest=guest)

    ending = bench.seal()

    assert why in ending.stopped
    assert not ending.launched
    assert bench.guest.scripts == []


# The claim


def test_the_claim_is_released_where_nothing_was_launched(bench: Bench) -> None:
    bench.arm.tags = {"team": "images"}
    bench.refusal = "not now"
    bench.seal()

    assert bench.arm.tags == {"team": "images"}


def test_a_claim_of_which_nobody_knows_whether_it_was_written_is_released_too(bench: Bench) -> None:
    bench.arm.lost = {"merge_tags"}
    bench.arm.faults["read_tags"] = [None, AzureError("HTTP 500", status=500)]

    ending = bench.seal()

    assert "could not be read for the claim" in ending.stopped
    assert bench.arm.tags == {}


def test_the_claim_stays_once_something_was_launched_and_says_that_the_run_is_over(bench: Bench) -> None:
    bench.verdict = "LNX-ACCOUNT-001 failed"
    bench.seal()

    assert bench.arm.tags[bench.name].startswith("step=launch since=2026-11-22T12:00:00Z until=over ")
    assert bench.journal.events[-1] == "claim.ended"


def test_a_claim_is_renewed_while_what_was_launched_is_waited_for(bench: Bench) -> None:
    bench.guest.off_after = 25 * 60
    seen: list[str] = []
    bench.arm.on_tagged = lambda: seen.append(bench.arm.tags.get(bench.name, ""))

    assert bench.seal().generalized
    assert [value.split()[0] for value in seen] == ["step=claim", *["step=launch"] * 3, "step=generalize"]


def test_past_the_launch_a_claim_that_can_not_be_written_stops_nothing(bench: Bench) -> None:
    bench.guest.off_after = 15 * 60
    bench.arm.faults["merge_tags"] = [None, None, *[AzureError("HTTP 409 generalized", status=409)] * 9]

    assert bench.seal().generalized
    assert bench.journal.events.count("claim.unrenewed") == 2


@pytest.mark.parametrize("minutes", [5, 15])
def test_a_run_that_was_taken_over_stops_and_flags_nothing(bench: Bench, minutes: int) -> None:
    launching = replace(OTHER, step="launch")
    bench.guest.off_after = minutes * 60
    bench.clock.after(60, lambda: bench.arm.tags.update({launching.name: launching.value}))

    ending = bench.seal()

    assert "another run has claimed the VM meanwhile: run run-0" in ending.stopped
    assert bench.arm.flags == 0


def test_a_claim_that_can_not_be_given_back_is_journalled(bench: Bench) -> None:
    bench.refusal = "not now"
    bench.arm.faults["delete_tags"] = [AzureError("HTTP 500", status=500)]

    ending = bench.seal()

    assert ending.stopped == "not now"
    assert bench.journal.events[-1] == "claim.kept"


# The launch


@pytest.mark.parametrize("fault", [ChannelError("the answer was cut"), LOST])
def test_a_lost_answer_of_the_launch_is_not_a_second_launch(bench: Bench, fault: Exception) -> None:
    bench.guest.fault = fault

    ending = bench.seal()

    assert bench.guest.steps == ["launch"]
    assert "launch.unconfirmed" in bench.journal.events
    assert ending.generalized


def test_a_launch_that_azure_refused_launched_nothing_and_gives_the_claim_back(bench: Bench) -> None:
    bench.guest.off_after = None
    bench.guest.fault = RefusedError("HTTP 403 AuthorizationFailed", status=403, code="AuthorizationFailed")

    ending = bench.seal()

    assert not ending.launched
    assert "AuthorizationFailed" in ending.stopped
    assert isinstance(ending.receipt, Unobserved)
    assert bench.arm.tags == {}
    assert bench.arm.flags == 0


def test_a_journal_that_can_not_be_written_stops_the_run_and_tells_how_far_it_got(bench: Bench) -> None:
    def full(event: str, data: object) -> None:
        if bench.guest.scripts:
            raise JournalError("no space left on device", kind="unusable")

    bench.journal.append = full  # type: ignore[method-assign]
    ending = bench.seal()

    assert ending.launched
    assert not ending.generalized
    assert "no space left" in ending.stopped


def test_a_journal_that_can_not_be_written_before_the_launch_launches_nothing(bench: Bench) -> None:
    def full(event: str, data: object) -> None:
        if not event.startswith("claim.begin"):
            raise JournalError("no space left on device", kind="unusable")

    bench.journal.append = full  # type: ignore[method-assign]
    ending = bench.seal()

    assert not ending.launched
    assert bench.guest.scripts == []
    assert bench.arm.tags == {}, "the claim is given back"
    assert "no space left" in ending.stopped


def test_an_outage_while_the_guest_seals_itself_is_waited_out(bench: Bench) -> None:
    outage = AzureError("reading the instance view of VM golden: no answer from Azure")
    bench.guest.on_run = lambda: bench.arm.faults.update(instance_view=[outage, outage])

    ending = bench.seal()

    assert ending.generalized
    assert "unseen" in bench.journal.events


def test_a_launch_that_was_answered_without_our_mark_is_a_failed_receipt(bench: Bench) -> None:
    bench.guest.answer = "sh: 1: cannot create /run/sealproof.sh: Read-only file system\n"

    ending = bench.seal()

    assert ending.receipt == Receipt(
        "failed", "sh: 1: cannot create /run/sealproof.sh: Read-only file system", launched_as=""
    )
    assert ending.launched
    assert bench.guest.steps == ["launch"]
    assert not bench.arm.flagged


@pytest.mark.parametrize("printed", ["", "sealproof[6f1", "sealproof[0000]: launchee as root"])
def test_an_answer_of_the_launch_that_is_empty_or_damaged_is_a_lost_one(bench: Bench, printed: str) -> None:
    bench.guest.damage = lambda _: printed

    ending = bench.seal()

    assert ending.generalized
    assert "launch.unconfirmed" in bench.journal.events
    assert bench.guest.steps == ["launch"]


# The stop


def test_a_guest_that_never_stops_is_hung_left_running_and_never_flagged(bench: Bench) -> None:
    bench.guest.off_after = None

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, ending.receipt.launched_as) == ("hung", "root")
    assert "30 minutes" in ending.stopped
    assert bench.arm.power == "running"
    assert bench.arm.flags == 0
    assert sum(bench.clock.pauses) == pytest.approx(30 * 60, abs=2 * POLL)


def test_a_guest_that_went_off_unseen_by_the_last_list_is_not_called_hung(bench: Bench) -> None:
    async def old_list(vm: str) -> Mapping[str, Any]:
        return {"statuses": [{"code": "PowerState/running"}]}

    bench.guest.off_after = 20 * 60.0
    bench._glance = old_list  # type: ignore[method-assign]

    assert bench.seal().generalized


def test_a_list_that_is_ahead_of_the_vm_is_not_believed(bench: Bench) -> None:
    async def list_ahead(vm: str) -> Mapping[str, Any]:
        return {"statuses": [{"code": "PowerState/stopped"}]}

    bench.guest.off_after = 100.0
    bench._glance = list_ahead  # type: ignore[method-assign]

    assert bench.seal().generalized
    assert bench.journal.events.count("stopped.begin") == 1
    assert bench.clock.pauses.count(POLL) >= 100 / POLL


def test_a_vm_that_is_shown_as_stopped_for_a_while_is_deallocated_once(bench: Bench) -> None:
    bench.arm.view_lag = 40.0

    assert bench.seal().generalized
    assert bench.arm.calls.count("begin_deallocate") == 1
    assert bench.arm.calls.count("generalize") == 1


def test_a_vm_that_goes_down_although_the_answer_is_lost_is_deallocated_once(bench: Bench) -> None:
    bench.arm.lost = {"begin_deallocate"}

    ending = bench.seal()

    assert ending.generalized
    assert "deallocate.unconfirmed" in bench.journal.events
    assert bench.arm.calls.count("begin_deallocate") == 1


def test_a_deallocation_that_azure_refuses_stops_the_run(bench: Bench) -> None:
    bench.arm.faults["begin_deallocate"] = [AzureError("HTTP 409 ScopeLocked", status=409)]

    assert "ScopeLocked" in bench.seal().stopped
    assert bench.arm.flags == 0


def test_a_vm_that_is_never_shown_as_deallocated_stops_the_run(bench: Bench) -> None:
    bench.arm.view_lag = 1e6

    ending = bench.seal()

    assert "still shows another power state" in ending.stopped
    assert bench.arm.calls.count("begin_deallocate") == 1
    assert bench.judged == []


# The witness


def test_a_disk_that_speaks_against_it_is_never_flagged(bench: Bench) -> None:
    bench.verdict = "LNX-ACCOUNT-001 failed: /etc/passwd: azureuser"

    ending = bench.seal()

    assert bench.verdict in ending.stopped
    assert "not flagged" in ending.stopped
    assert ending.disk is bench.disk
    assert bench.arm.calls.count("generalize") == 0


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_a_disk_that_can_not_be_read_is_shown_to_the_verdict_as_such(platform: str) -> None:
    bench = Bench(platform)
    bench.disk = DiskError("no route to the blob host")
    bench.verdict = "undetermined"

    ending = bench.seal()

    assert ending.disk == Unobserved("no route to the blob host")
    assert bench.judged[0].disk == ending.disk
    assert isinstance(bench.judged[0].receipt, Receipt) == (platform == "linux")
    assert bench.arm.flags == 0


def test_the_verdict_sees_disk_receipt_and_what_was_before(bench: Bench) -> None:
    bench.seal()

    (after,) = bench.judged
    assert (after.platform, after.disk, after.before) == ("linux", bench.disk, bench.before)
    assert isinstance(after.azure, Unobserved)


def test_a_serial_log_that_comes_late_is_waited_for(bench: Bench) -> None:
    bench.guest.serial_after = 70.0

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "succeeded"
    assert bench.arm.calls.count("serial_log") > 1


def test_a_serial_log_that_never_comes_is_an_unknown_receipt_after_a_minute(bench: Bench) -> None:
    bench.guest.serial_after = 1e6
    bench.verdict = "undetermined"

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.outcome == "unknown"
    assert bench.arm.calls.count("serial_log") <= 60 / POLL + 3


def test_a_serial_log_that_can_not_be_read_keeps_nobody_from_reading_the_disk(bench: Bench) -> None:
    bench.arm.faults["serial_log"] = [AzureError("VM golden has no serial log")]
    bench.verdict = "undetermined"

    ending = bench.seal()

    assert ending.receipt == Unobserved("VM golden has no serial log")
    assert ending.disk is bench.disk
    assert bench.judged[0].receipt == ending.receipt


def test_what_waagent_did_not_do_is_in_the_receipt(bench: Bench) -> None:
    bench.guest.agent = recording("N")
    bench.verdict = "failed"

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, "ifcfg-eth0" in ending.receipt.cause) == ("failed", True)


def test_sysprep_without_its_success_tag_is_a_failed_receipt() -> None:
    bench = Bench("windows")
    bench.disk = windows_disk(success_tag=Fact.missing(), error_lines=("Package X was installed for a user",))
    bench.verdict = "failed"

    ending = bench.seal()

    assert isinstance(ending.receipt, Receipt)
    assert (ending.receipt.outcome, "Package X was installed" in ending.receipt.cause) == ("failed", True)


def test_a_vm_that_was_started_after_its_disk_was_judged_is_not_flagged(bench: Bench) -> None:
    def start() -> None:
        bench.arm.power = "running"

    bench.after_disk = start

    ending = bench.seal()

    assert "no longer holds" in ending.stopped
    assert bench.arm.calls.count("generalize") == 0


# The flag


def test_a_flag_that_is_set_although_its_answer_is_lost_counts(bench: Bench) -> None:
    bench.arm.lost = {"generalize"}

    ending = bench.seal()

    assert ending.generalized
    assert ending.stopped == ""
    assert "generalize.unconfirmed" in bench.journal.events
    assert bench.arm.flags == 1


def test_a_flag_that_is_throttled_is_set_after_another_look(bench: Bench) -> None:
    bench.arm.faults["generalize"] = [RefusedError("HTTP 429", status=429)]

    assert bench.seal().generalized
    assert bench.arm.flags == 1
    assert bench.journal.events.count("busy") == 1


def test_a_flag_that_azure_refuses_stops_the_run(bench: Bench) -> None:
    bench.arm.faults["generalize"] = [AzureError("HTTP 409 OperationNotAllowed: the VM is running", status=409)]

    ending = bench.seal()

    assert "409" in ending.stopped
    assert not ending.generalized
    assert bench.arm.calls.count("generalize") == 1


def test_a_flag_that_never_shows_is_not_set_again(bench: Bench) -> None:
    bench.arm.on_generalize = lambda: setattr(bench.arm, "view_lag", 1e6)

    ending = bench.seal()

    assert "does not show the flag" in ending.stopped
    assert bench.arm.flags == 1
    assert not ending.generalized


@pytest.mark.parametrize("when", ["before", "while it stops"])
def test_a_vm_that_somebody_else_flags_stops_the_run(bench: Bench, when: str) -> None:
    def flag() -> None:
        bench.arm.flagged = True

    if when == "before":
        flag()
    else:
        bench.clock.after(12, flag)

    ending = bench.seal()

    assert "by somebody else" in ending.stopped
    assert ending.launched == (when != "before")
    assert bench.arm.calls.count("generalize") == 0
    assert bench.arm.calls.count("begin_deallocate") == 0


def test_the_asked_removals_reach_the_script_and_the_receipt() -> None:
    bench = Bench()
    bench.before = observation("linux", policy=Policy(clean=CLEAN))

    ending = bench.seal()

    assert "# clean: machine-id passwd-backups\n" in bench.guest.scripts[0]
    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.excerpt[-3:] == ("cleaned machine-id", "cleaned passwd-backups", "end")


# The guest as witness


def test_where_the_guest_is_the_witness_its_disk_is_not_read_and_its_look_is_judged(bench: Bench) -> None:
    bench.before = observation(policy=Policy(witness="guest"))
    bench.disk = DiskError("nobody may read it")

    ending = bench.seal()

    assert (ending.generalized, ending.stopped) == (True, "")
    assert isinstance(ending.disk, Unobserved)
    assert not ending.disk.applicable
    # The guest of this bench tells nothing of itself, and what is judged says so.
    assert isinstance(ending.look, Unobserved)
    assert ending.look.applicable
    assert bench.judged[-1].look is ending.look


def test_a_guest_that_does_not_show_it_is_not_flagged(bench: Bench) -> None:
    bench.before = observation(policy=Policy(witness="guest"))
    bench.verdict = "LNX-WAAGENT-001 undetermined"

    ending = bench.seal()

    assert not ending.generalized
    assert ending.stopped.startswith("the guest itself does not show a sealed system")
