"""The simulated guest: answers what was really sent, ends its steps in a disk image, and refuses the rest."""

from __future__ import annotations

import asyncio
import base64
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.facts import Policy
from lab.guests.guest import Guest, ScriptResult
from lab.guests.simulated import SimulatedGuest, SimulatedGuestError
from lab.images import open_image
from runners.errors import FrameError
from runners.generalize.linux_receipt import linux_receipt
from runners.generalize.script import launch_linux
from runners.generalize.sysprep_script import launch_windows, prepare_windows
from runners.guest.channel import Output
from runners.guest.command import command_script, read_result
from runners.guest.script import RawAnswers, ask
from runners.observe.guest import parse

NONCE = "6f1c0d2a9b3e4f506f1c0d2a9b3e4f50"
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
LINUX: dict[str, Any] = {
    "answers": "debian-healthy",
    "disk": "linux-configured",
    "on_launch": {
        "seconds": 1,
        "disk": "linux-sealed",
        "without_clean": "linux-residue",
        "transcript": "debian-sealed",
    },
}
WINDOWS: dict[str, Any] = {
    "answers": "windows-healthy",
    "disk": "windows-configured",
    "on_launch": {"seconds": 1, "disk": "windows-sealed"},
}


class Clockwork:
    """Timers that go off when a test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, seconds: float, call: Callable[[], None]) -> Clockwork:
        self.waiting.append((seconds, call))
        return self

    def start(self) -> None:
        pass

    def cancel(self) -> None:
        self.waiting.clear()

    def ring(self) -> None:
        for _, call in self.waiting:
            call()
        self.waiting.clear()


class Tail:
    """A channel that keeps the last 4,096 bytes, as Azure's action Run Command."""

    name = "tail"
    answer_limit = 4096

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    async def run(self, script: str) -> Output:
        result = self.guest.run(script)
        return Output(result.stdout.decode()[-4096:], result.stderr.decode()[-4096:])


def linux(timer: Clockwork | None = None, **changes: Any) -> SimulatedGuest:
    return SimulatedGuest.from_scenario(
        "debian01", "linux", {**LINUX, **changes}, timer=timer or Clockwork(), clock=lambda: NOW
    )


def windows(timer: Clockwork | None = None, **changes: Any) -> SimulatedGuest:
    return SimulatedGuest.from_scenario(
        "win01", "windows", {**WINDOWS, **changes}, timer=timer or Clockwork(), clock=lambda: NOW
    )


def asked(guest: SimulatedGuest, *extra: Path) -> RawAnswers:
    return asyncio.run(ask(Tail(guest), guest.platform, extra=extra))


def launch(*clean: str) -> str:
    return launch_linux(NONCE, "/usr/sbin/waagent", Policy(clean=clean))


def content(guest: SimulatedGuest) -> bytes:
    return guest.read_disk(0, guest.disk_size())


def test_both_kinds_of_guest_answer_in_one_invocation() -> None:
    for guest in (linux(), windows()):
        raw = asked(guest)
        assert raw.invocations == 1
        assert parse(guest.platform, raw)


def test_a_long_answer_is_given_page_by_page(tmp_path: Path) -> None:
    probe = tmp_path / "mine.sh"
    probe.write_text("true\n")
    text = base64.b64encode(random.Random(7).randbytes(9_000)).decode()
    raw = asked(linux(raw={"mine": text}), probe)
    assert raw.invocations == 4
    assert raw.answers["mine"].decode() == text


def test_an_answer_that_is_too_long_is_refused_as_a_real_guest_would(tmp_path: Path) -> None:
    probe = tmp_path / "mine.sh"
    probe.write_text("true\n")
    text = base64.b64encode(random.Random(7).randbytes(40_000)).decode()
    with pytest.raises(FrameError, match="the answer needs"):
        asked(linux(raw={"mine": text}), probe)


def test_an_unknown_probe_is_an_error(tmp_path: Path) -> None:
    probe = tmp_path / "mine.sh"
    probe.write_text("true\n")
    with pytest.raises(FrameError, match="no answer for probe mine"):
        asked(linux(), probe)


@pytest.mark.parametrize(
    "script", ["uname -a", "# step: dance\n# nonce: 00\n", "", "# sealproof: observe\n# nonce: 0\n"]
)
def test_any_other_script_is_an_error(script: str) -> None:
    result = linux().run(script)
    assert result.exit_code == 1
    assert result.stderr.startswith(b"simulated guest: ")


def test_patches_are_seen_in_the_facts() -> None:
    guest = linux(patches=["luks"], patch={"identity": {"machine_id": "=empty"}})
    facts = parse("linux", asked(guest))
    assert facts.machine_id.value == "empty"  # type: ignore[union-attr]
    assert facts.crypttab_entries.value == 1  # type: ignore[union-attr]


def test_a_launched_guest_powers_itself_off_and_shows_another_disk() -> None:
    timer = Clockwork()
    guest = linux(timer)
    before = content(guest)
    result = guest.run(launch("machine-id", "passwd-backups", "sudoers"))
    assert result.stdout.decode() == f"sealproof[{NONCE}]: launched as root\n"
    assert guest.power() == "running"
    assert content(guest) == before
    assert [seconds for seconds, _ in timer.waiting] == [1]
    timer.ring()
    assert guest.power() == "stopped"
    assert not guest.agent_ready()
    sealed = open_image("linux-sealed")
    assert content(guest) == sealed.read(0, sealed.size)


@pytest.mark.parametrize("clean", [[], ["machine-id"], ["passwd-backups"], ["histories"]])
def test_without_the_clean_keys_the_residue_stays(clean: list[str]) -> None:
    timer = Clockwork()
    guest = linux(timer)
    guest.run(launch(*clean))
    timer.ring()
    residue = open_image("linux-residue")
    assert content(guest) == residue.read(0, residue.size)


@pytest.mark.parametrize(
    ("transcript", "outcome", "cause"),
    [
        ("debian-sealed", "succeeded", ""),
        (
            "debian-half",
            "failed",
            "stopped half-way after: set the host name: FileNotFoundError: [Errno 2] No such file or directory: ",
        ),
        ("debian-usage", "failed", "did nothing: usage: "),
    ],
)
def test_the_transcript_is_what_the_runner_reads(transcript: str, outcome: str, cause: str) -> None:
    timer = Clockwork()
    guest = linux(timer, on_launch={**LINUX["on_launch"], "transcript": transcript})
    guest.run(launch("machine-id", "passwd-backups", "sudoers"))
    assert b"sealproof" not in guest.serial_log()
    timer.ring()
    receipt = linux_receipt(guest.serial_log(), NONCE, Policy(clean=("machine-id", "passwd-backups", "sudoers")))
    assert receipt.outcome == outcome
    assert receipt.cause.startswith(cause)
    assert receipt.launched_as == "root"


def test_a_guest_may_never_stop() -> None:
    timer = Clockwork()
    guest = linux(timer, on_launch={"seconds": None, "disk": "linux-unsealed"})
    guest.run(launch())
    timer.ring()
    assert guest.power() == "running"


def test_a_guest_that_is_powered_off_in_between_never_ends_its_step() -> None:
    timer = Clockwork()
    guest = linux(timer)
    before = content(guest)
    guest.run(launch())
    guest.power_off()
    timer.ring()
    guest.start()
    assert guest.power() == "running"
    assert content(guest) == before


def test_a_second_launch_does_not_start_a_second_step() -> None:
    timer = Clockwork()
    guest = linux(timer)
    guest.run(launch())
    guest.run(launch())
    assert len(timer.waiting) == 1


def test_the_success_tag_of_windows_has_the_time_of_the_launch() -> None:
    timer = Clockwork()
    guest = windows(timer)
    result = guest.run(launch_windows(NONCE))
    assert result.stdout.decode().splitlines() == [
        f"sealproof[{NONCE}]: started {NOW.isoformat()}",
        f"sealproof[{NONCE}]: launched as NT AUTHORITY\\SYSTEM",
    ]
    timer.ring()
    stamped = open_image("windows-sealed").sealed_at(NOW)
    assert content(guest) == stamped.read(0, stamped.size)


def test_after_the_preparation_the_answer_files_are_gone() -> None:
    guest = windows()
    assert parse("windows", asked(guest)).panther_folder.value is True  # type: ignore[union-attr]
    result = guest.run(prepare_windows(NONCE))
    assert f"sealproof[{NONCE}]: prepared" in result.stdout.decode()
    after = parse("windows", asked(guest))
    assert after.panther_folder.value is False  # type: ignore[union-attr]
    assert after.answer_files.value == ()  # type: ignore[union-attr]


def test_a_step_can_fail_as_the_scenario_says() -> None:
    guest = windows(on_step={"launch": {"stderr": "Sysprep was not started", "exit_code": 1}})
    result = guest.run(launch_windows(NONCE))
    assert (result.stdout, result.stderr, result.exit_code) == (b"", b"Sysprep was not started", 1)
    assert guest.power() == "running"


def test_a_silent_agent_runs_nothing() -> None:
    guest = linux(agent="silent")
    assert not guest.agent_ready()
    assert guest.power() == "running"
    assert guest.run("# sealproof: observe\n").exit_code == 1


def test_the_timer_of_a_real_guest_really_goes_off() -> None:
    guest = SimulatedGuest.from_scenario(
        "debian01", "linux", {**LINUX, "on_launch": {"seconds": 0, "disk": "linux-sealed"}}
    )
    guest.run(launch("machine-id", "passwd-backups", "sudoers"))
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(timeout=10)
    assert guest.power() == "stopped"
    guest.close()


@pytest.mark.parametrize(
    ("platform", "settings", "message"),
    [
        ("linux", {"disk": "linux-configured"}, "answers"),
        ("linux", {**LINUX, "colour": "red"}, "colour"),
        ("linux", {**LINUX, "answers": "windows-healthy"}, "those of a windows guest"),
        ("linux", {**LINUX, "disk": "nothing"}, "no disk image 'nothing'"),
        ("linux", {**LINUX, "patches": ["nothing"]}, "no patch 'nothing'"),
        ("linux", {**LINUX, "on_launch": {"disk": "linux-sealed", "transcript": "nothing"}}, "no transcript 'nothing'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_once(
    platform: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SimulatedGuestError, match=f"(?s)the simulated linux guest debian01: .*{message}"):
        SimulatedGuest.from_scenario("debian01", platform, settings)


def test_it_is_a_guest() -> None:
    guest: Guest = linux()
    assert guest.provenance == "simulated"


def test_the_command_of_a_plain_test_has_its_scripted_answer() -> None:
    scripts = {"uname -r": {"stdout": "6.1.0\n", "stderr": "warm\n", "exit_code": 3}, "dir": {"stdout": "golden\n"}}
    for guest, command, seen in (
        (linux(scripts=scripts), "uname -r", (3, b"6.1.0\n", b"warm\n")),
        (windows(scripts=scripts), "dir", (0, b"golden\n", b"")),
    ):
        script = command_script(guest.platform, command, NONCE, 3840)
        result = read_result(guest.run(script).stdout.decode(), NONCE)
        assert (result.exit_status, result.stdout, result.stderr) == seen


def test_a_whole_script_of_another_client_has_its_scripted_answer_and_no_other() -> None:
    guest = linux(scripts={"set -e\nid -un": {"stdout": "root\n", "exit_code": 4}})
    assert guest.run("set -e\nid -un\n") == ScriptResult(b"root\n", b"", 4)
    unknown = guest.run("id -un")
    assert (unknown.stdout, unknown.exit_code) == (b"", 1)
    assert b"give its answer below `scripts` in the scenario" in unknown.stderr


def test_a_command_without_an_answer_is_an_error_of_the_guest() -> None:
    result = linux().run(command_script("linux", "uname -a", NONCE, 3840))
    assert (result.stdout, result.exit_code) == (b"", 1)
    assert b"no answer for the command 'uname -a'" in result.stderr


def test_a_commands_answer_that_is_too_long_is_refused_as_a_real_guest_would() -> None:
    text = base64.b64encode(random.Random(7).randbytes(9_000)).decode()
    printed = linux(scripts={"cat": {"stdout": text}}).run(command_script("linux", "cat", NONCE, 3840)).stdout
    with pytest.raises(FrameError, match="printed more than can be sent"):
        read_result(printed.decode(), NONCE)
