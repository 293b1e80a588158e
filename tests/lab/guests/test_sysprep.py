"""A launched Sysprep of a simulated guest, as a watch script sees it over time."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.guests.guest import GuestWithAccounts, LogonError
from lab.guests.simulated import SimulatedGuest, SimulatedGuestError
from runners.guest.frame import open_pages, read_page, read_payload

NONCE = "6f1c0d2a9b3e4f506f1c0d2a9b3e4f50"
LAUNCHED = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = LAUNCHED
        self.asked = threading.Event()

    def __call__(self) -> datetime:
        self.asked.set()
        return self.now

    def at(self, seconds: float) -> None:
        self.now = LAUNCHED + timedelta(seconds=seconds)


class Never:
    """A timer that never goes off."""

    def __init__(self, _seconds: float, _call: object) -> None:
        """Take what a timer takes."""

    def start(self) -> None:
        """Do not begin."""

    def cancel(self) -> None:
        """Have nothing to cancel."""


def launched(*watch: dict[str, Any], end: str = "shutdown", clock: Time | None = None, **more: Any) -> SimulatedGuest:
    settings = {
        "answers": "windows-healthy",
        "disk": "windows-configured",
        "on_launch": {"disk": "windows-unsealed", "watch": list(watch), **more},
    }
    guest = SimulatedGuest.from_scenario("win01", "windows", settings, timer=Never, clock=clock or Time())
    guest.run(f"# step: launch\n# nonce: {NONCE}\n# clean:\n# end: {end}\n")
    return guest


def watch(*, seconds: float = 0, stall: float = 600, end: str = "shutdown") -> str:
    return (
        f"# step: watch\n# nonce: {NONCE}\n# clean:\n# end: {end}\n# seconds: {seconds}\n# stall-seconds: {stall}\n"
        "# page-bytes: 3840\n# page-limit: 1\n"
    )


def seen(guest: SimulatedGuest, **script: Any) -> dict[str, Any]:
    text = guest.run(watch(**script)).stdout.decode()
    answers = read_payload(open_pages([read_page(text, NONCE, 1)]), ["watch"])
    raw = answers.raw["watch"]
    assert raw is not None
    facts: dict[str, Any] = json.loads(raw)
    return facts


def test_where_the_scenario_says_nothing_sysprep_is_at_work() -> None:
    facts = seen(launched(seconds=60))

    assert facts["sysprep_processes"] == {"value": ["sysprep.exe"]}
    assert facts["image_state"] == {"value": "IMAGE_STATE_UNDEPLOYABLE"}
    assert facts["success_tag"] == {"absent": True}
    assert facts["error_lines"] == {"value": []}


def test_one_that_never_ends_writes_nothing_any_more() -> None:
    clock = Time()
    guest = launched(seconds=None, clock=clock)
    clock.at(90)

    assert seen(guest)["quiet_seconds"] == {"value": 90}


def test_what_is_seen_changes_at_the_times_of_the_scenario() -> None:
    clock = Time()
    error = "SYSPRP Package Contoso.App_1.0_x64__8wekyb3d8bbwe was installed for a user, but not provisioned"
    guest = launched({}, {"after_seconds": 5, "processes": [], "errors": [error]}, clock=clock)
    before = seen(guest)
    clock.at(7)
    after = seen(guest)

    assert (before["sysprep_processes"], after["sysprep_processes"]) == ({"value": ["sysprep.exe"]}, {"value": []})
    assert after["error_lines"] == {"value": [f"2026-11-22 21:00:05, Error                 {error}"]}
    assert after["log_bytes"]["value"] > before["log_bytes"]["value"]


def test_a_fact_can_be_unknown() -> None:
    unknown = {"unknown": "access is denied"}

    assert seen(launched({"patch": {"image_state": unknown}}))["image_state"] == unknown


def test_one_that_quits_shows_the_state_and_the_tag_and_leaves_the_machine_running() -> None:
    clock = Time()
    guest = launched(end="quit", seconds=5, clock=clock)
    clock.at(5)
    facts = seen(guest, end="quit")

    assert facts["image_state"] == {"value": SEALED}
    assert facts["success_tag"] == {"value": "2026-11-22T21:00:05Z"}


OWN_LOOK = (
    f"# sealproof: observe\n# nonce: {NONCE}\n# page-bytes: 3840\n# page-limit: 8\n# probe: look_seal {'a' * 64}\n"
)


def test_one_that_was_launched_says_what_it_sees_of_itself() -> None:
    text = launched(end="quit", look="windows-sealed").run(OWN_LOOK).stdout.decode()

    raw = read_payload(open_pages([read_page(text, NONCE, 1)]), ["look_seal"]).raw["look_seal"]
    assert raw is not None
    assert json.loads(raw)["success_tag"] == {"value": "2026-11-22T21:00:00Z"}


def test_one_whose_scenario_does_not_say_what_it_sees_has_no_answer() -> None:
    result = launched(end="quit").run(OWN_LOOK)

    assert (result.exit_code, result.stdout) == (1, b"")
    assert b"no answer for probe look_seal" in result.stderr


def test_a_look_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SimulatedGuestError, match="no look 'nothing' of a Windows guest; there are windows-audit"):
        launched(look="nothing")


@pytest.mark.parametrize(
    ("look", "script"),
    [
        ({"processes": [], "image_state": "IMAGE_STATE_COMPLETE"}, {}),
        ({"processes": [], "image_state": SEALED, "success_tag": True}, {"end": "quit"}),
        ({"growing": False}, {"stall": 0}),
    ],
    ids=["gone without success", "has quit", "stalled"],
)
def test_a_watch_script_answers_at_once_where_there_is_something_to_decide(
    look: dict[str, Any], script: dict[str, Any]
) -> None:
    seen(launched(look), seconds=3600, **script)


@pytest.mark.parametrize("look", [{}, {"processes": [], "image_state": SEALED, "success_tag": True}])
def test_it_looks_on_while_sysprep_is_at_work_and_is_lost_when_the_machine_goes_off(look: dict[str, Any]) -> None:
    clock = Time()
    guest = launched(look, clock=clock)
    clock.asked.clear()
    lost: list[str] = []

    def run() -> None:
        try:
            guest.run(watch(seconds=3600))
        except SimulatedGuestError as error:
            lost.append(str(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert clock.asked.wait(5)
    guest.power_off()  # it waits until the script does
    thread.join(5)

    assert lost == ["the machine went off, or its agent did, while a script ran"]


def test_sysprep_may_stop_the_agent() -> None:
    clock = Time()
    guest = launched({}, {"after_seconds": 5, "agent": "silent"}, {"after_seconds": 9}, clock=clock)
    ready = []
    for moment in (0, 5, 9):
        clock.at(moment)
        ready.append(guest.agent_ready())

    assert ready == [True, False, True]


def test_a_machine_that_was_started_again_has_no_sysprep_to_watch() -> None:
    guest = launched({})
    guest.power_off()
    guest.start()

    assert b"not launched" in guest.run(watch()).stderr


def test_looks_out_of_order_are_refused() -> None:
    with pytest.raises(SimulatedGuestError, match="do not grow from one to the next"):
        launched({"after_seconds": 5}, {"after_seconds": 5})


def test_a_script_runs_as_an_account_that_the_scenario_knows() -> None:
    settings = {
        "answers": "windows-healthy",
        "disk": "windows-configured",
        "on_launch": {"disk": "windows-sealed"},
        "accounts": {"builder": "correct-horse"},
    }
    guest = SimulatedGuest.from_scenario("win01", "windows", settings, timer=Never)
    script = f"# step: launch\n# nonce: {NONCE}\n# clean:\n"

    assert isinstance(guest, GuestWithAccounts)
    assert b"launched as WIN01\\builder" in guest.run_as("builder", "correct-horse", script).stdout
    for user, password in (("builder", "wrong"), ("nobody", "correct-horse")):
        with pytest.raises(LogonError):
            guest.run_as(user, password, script)
