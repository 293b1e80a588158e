"""A machine that is made of files: raw answers, a transcript, and the images of its disk.

Its settings are those of `lab.guests.settings`.

A script is answered by what it says: its probe marks, page number or step name. Or it, or the one command in it, is one
of `scripts`, word for word. Anything unknown is an error of the guest (exit code 1 and a line on stderr), so that a
probe without an answer is noticed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from lab.guests.answer_frame import AnswerFrames, SentScript, command_frame
from lab.guests.answer_set import AnswerSet, AnswerSetError, load_answers
from lab.guests.console import console, see_that_there_is
from lab.guests.frozen_disk import FrozenDisk, FrozenImage
from lab.guests.guest import LogonError, ScriptResult
from lab.guests.settings import OnLaunch, Settings
from lab.guests.sysprep import SysprepPlay
from lab.guests.windows_look import windows_look
from lab.images import DiskImage, image_names, open_image
from reports.mistakes import mistakes_of

_SERVICE = {"linux": "root", "windows": "NT AUTHORITY\\SYSTEM"}
"""Who runs a script that names nobody."""
_BOOT = {
    "linux": b"[    0.000000] Linux version 6.1.0-41-cloud-amd64\r\n"
    b"[    2.114213] systemd[1]: Hostname set to <golden>.\r\n"
    b"\r\nDebian GNU/Linux 12 golden ttyS0\r\n\r\ngolden login: ",
    "windows": b"",
}


class SimulatedGuestError(Exception):
    """The settings of a simulated guest can't be used. The text says which and what to do."""


class Timer(Protocol):
    """What `threading.Timer` offers."""

    def start(self) -> None:
        """Begin to wait."""
        ...

    def cancel(self) -> None:
        """Stop waiting, if it still waits."""
        ...


class SimulatedGuest:
    """One simulated machine (`lab.guests.guest.Guest`). `timer` and `clock` are for tests."""

    provenance: Literal["real", "simulated"] = "simulated"

    def __init__(
        self,
        name: str,
        settings: Settings,
        answers: AnswerSet,
        *,
        timer: Callable[[float, Callable[[], None]], Timer] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.name = name
        self.platform: Literal["linux", "windows"] = answers.platform
        self._settings = settings
        self._answers = answers
        self._steps = {**answers.steps, **settings.on_step}
        self._frames = AnswerFrames()
        self._timer = timer or _daemon_timer
        self._clock = clock or (lambda: datetime.now(UTC))
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._sysprep: SysprepPlay | None = None
        self._pending: Timer | None = None
        self._running = True
        self._serial = bytearray(_BOOT[self.platform])
        self._disk_name = settings.disk
        self._launched: datetime | None = None
        self._opened: DiskImage | None = None

    @classmethod
    def from_scenario(
        cls,
        name: str,
        platform: str,
        settings: Mapping[str, Any],
        *,
        timer: Callable[[float, Callable[[], None]], Timer] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> SimulatedGuest:
        """Return the guest that a scenario describes. Raises `SimulatedGuestError` for settings that can't be used."""
        try:
            checked = Settings.model_validate(dict(settings))
            answers = load_answers(checked.answers, checked.patches).patched(checked.patch)
            for step in checked.on_step.values():
                answers.patched(step.patch)
            if answers.platform != platform:
                raise AnswerSetError(f"answers {checked.answers} are those of a {answers.platform} guest.")
            unknown = sorted(_disks(checked) - set(image_names()))
            if unknown:
                raise AnswerSetError(f"there is no disk image {unknown[0]!r}; there are {', '.join(image_names())}.")
            if checked.on_launch:
                see_that_there_is(checked.on_launch, platform)
            return cls(name, checked, answers, timer=timer, clock=clock)
        except ValidationError as error:
            mistakes = " ".join(item.text for item in mistakes_of(error, (), Settings))
            raise SimulatedGuestError(f"the simulated {platform} guest {name}: {mistakes}") from None
        except AnswerSetError as error:
            raise SimulatedGuestError(f"the simulated {platform} guest {name}: {error}") from None

    def power(self) -> Literal["running", "stopped"]:
        """Return whether the machine runs."""
        with self._lock:
            return "running" if self._running else "stopped"

    def start(self) -> None:
        """Power the machine on; its console shows another boot."""
        with self._lock:
            if not self._running:
                self._running = True
                self._sysprep = None
                self._serial += _BOOT[self.platform]

    def power_off(self) -> None:
        """Power the machine off; a launched step that has not ended is lost."""
        with self._lock:
            self._running = False
            self._changed.notify_all()
            if self._pending:
                self._pending.cancel()
                self._pending = None

    def agent_ready(self) -> bool:
        """Return whether the machine runs and its agent answers."""
        with self._lock:
            silenced = self._sysprep is not None and self._sysprep.look(self._clock()).agent == "silent"
            return self._running and self._settings.agent == "ready" and not silenced

    def run_as(self, user: str, password: str, script: str) -> ScriptResult:
        """Answer `script` as `user` of this machine. Raises `LogonError` for one that the scenario does not know."""
        if self._settings.accounts.get(user) != password:
            raise LogonError("The user name or password is incorrect.")
        return self._run(script, f"{self._computer}\\{user}" if self.platform == "windows" else user)

    def run(self, script: str) -> ScriptResult:
        """Answer `script` by what it says about itself."""
        return self._run(script, _SERVICE[self.platform])

    @property
    def _computer(self) -> str:
        return self.name.upper()[:15]

    def _run(self, script: str, account: str) -> ScriptResult:
        with self._lock:
            if not self.agent_ready():
                return _error("the agent of this machine does not answer")
            sent = SentScript.read(script)
            kind, _, detail = sent.headers.get("sealproof", "").partition(" ")
            if "step" in sent.headers:
                return self._watch(sent) if sent.headers["step"] == "watch" else self._step(sent, account)
            if kind == "page" and detail.isdigit():
                return self._printed(self._frames.next_page(sent, int(detail), int(sent.headers["page-bytes"])))
            if kind == "observe":
                return self._observe(sent)
            return self._command(sent) if kind == "command" else self._scripted(script)

    def serial_log(self) -> bytes:
        """Return all that was written to the serial console."""
        with self._lock:
            return bytes(self._serial)

    def disk_size(self) -> int:
        """Return the size of the disk image in bytes."""
        return self._disk().size

    def read_disk(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk as it is now."""
        return self._disk().read(offset, length)

    def freeze_disk(self) -> FrozenDisk:
        """Return the disk as it is now, for good. Images never change, so nothing is copied."""
        return FrozenImage(self._disk())

    def close(self) -> None:
        """Forget a launched step that has not ended."""
        self.power_off()

    def _disk(self) -> DiskImage:
        """Return the disk as it is now. Images are opened late: unpacking one takes longer than all else here."""
        with self._lock:
            if self._opened is None:
                disk = open_image(self._disk_name)
                if self._launched is not None and self.platform == "windows":
                    disk = disk.sealed_at(self._launched)
                self._opened = disk
            return self._opened

    def _observe(self, sent: SentScript) -> ScriptResult:
        raw = {**self._answers.raw, **self._own_look(), **self._settings.raw}
        unknown = [name for name in sent.probes if name not in raw]
        if unknown or not sent.probes:
            return _error(
                f"there is no answer for probe {', '.join(unknown) or '(none was sent)'} in {self._answers.name}; "
                "give one below `raw` in the scenario, or as a file beside the other answers"
            )
        return self._printed(self._frames.first_page(sent, [(name, raw[name]) for name in sent.probes]))

    def _own_look(self) -> dict[str, str]:
        """Return what a Windows guest sees of itself once Sysprep was launched on it, where its scenario says so."""
        launch = self._settings.on_launch
        if self._sysprep is None or launch is None or not launch.look:
            return {}
        return windows_look(launch.look, self._sysprep.launched)

    def _scripted(self, script: str) -> ScriptResult:
        for text, answer in self._settings.scripts.items():
            if text.strip() == script.strip():
                return ScriptResult(answer.stdout.encode(), answer.stderr.encode(), answer.exit_code)
        return _error(
            "this script is neither an observation nor a step, and a simulated guest runs nothing; give its answer "
            "below `scripts` in the scenario, or take a scenario with a real guest"
        )

    def _command(self, sent: SentScript) -> ScriptResult:
        answer = self._settings.scripts.get(sent.command)
        if answer is None:
            return _error(
                f"there is no answer for the command {sent.command!r}, and a simulated guest runs nothing; give it "
                "below `scripts` in the scenario, or take a scenario with a real guest"
            )
        return self._printed(command_frame(sent, answer.stdout, answer.stderr, answer.exit_code))

    def _watch(self, sent: SentScript) -> ScriptResult:
        """Look at the launched Sysprep until there is something to tell, as long as the script says."""
        ends = self._clock() + timedelta(seconds=float(sent.headers.get("seconds", "0")))
        while self._sysprep is not None:
            if not self.agent_ready():
                raise SimulatedGuestError("the machine went off, or its agent did, while a script ran")
            wait = self._sysprep.wait(self._clock(), sent, ends)
            if wait <= 0:
                answer = self._sysprep.answer(self._clock())
                return self._printed(self._frames.first_page(sent, [("watch", answer)]))
            self._changed.wait(wait)
        return _error("Sysprep was not launched on this machine, so there is nothing to watch")

    def _step(self, sent: SentScript, account: str) -> ScriptResult:
        name, nonce, began = sent.headers["step"], sent.headers.get("nonce", ""), self._clock()
        step = self._steps.get(name)
        if step is None:
            return _error(f"there is no step {name!r} in {self._answers.name} or below `on_step` in the scenario")
        self._answers = self._answers.patched(step.patch)
        launch = self._settings.on_launch
        if name == "launch" and step.exit_code == 0:
            if launch is None:
                return _error("this machine has no `on_launch` in its scenario, so nothing can be launched on it")
            if self._pending is None:
                self._launch(launch, sent)
        fill = {"{nonce}": nonce, "{account}": account, "{time}": began.isoformat(timespec="seconds")}
        out, err = (_filled(text, fill) for text in (step.stdout, step.stderr))
        return ScriptResult(out, err, step.exit_code)

    def _launch(self, launch: OnLaunch, sent: SentScript) -> None:
        launched = self._clock()
        quits = sent.headers.get("end") == "quit"
        if self.platform == "windows":
            self._sysprep = SysprepPlay.of(launch, launched, quits=quits)

        def end() -> None:
            with self._lock:
                if not self._running:
                    return
                self._pending = None
                self._serial += console(launch, sent)
                self._disk_name = launch.disk_after(sent.clean)
                self._launched, self._opened = launched, None
                self._running = launch.seconds is None or quits
                self._changed.notify_all()

        self._pending = self._timer(launch.seconds or 0, end)
        self._pending.start()

    def _printed(self, text: str) -> ScriptResult:
        line_end = "\r\n" if self.platform == "windows" else "\n"
        return ScriptResult(text.replace("\n", line_end).encode(), b"", 1 if text.startswith("sealproof-error") else 0)


def _filled(text: str, fill: Mapping[str, str]) -> bytes:
    for mark, value in fill.items():
        text = text.replace(mark, value)
    return text.encode()


def _disks(settings: Settings) -> set[str]:
    launch = settings.on_launch
    after = {launch.disk, launch.without_clean or launch.disk} if launch else set()
    return {settings.disk} | after


def _error(text: str) -> ScriptResult:
    return ScriptResult(b"", f"simulated guest: {text}\n".encode(), 1)


def _daemon_timer(seconds: float, call: Callable[[], None]) -> Timer:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    return timer
