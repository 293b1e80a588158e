"""What a launched Sysprep of a simulated guest shows to whoever watches it, as its scenario says.

It answers as the watch script would: at once where there is something to decide, otherwise when its time is up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.guests.answer_frame import SentScript
from lab.guests.settings import Look, OnLaunch

_SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
_LOG_BYTES, _BYTES_A_SECOND = 20_000, 400


@dataclass(frozen=True, slots=True)
class SysprepPlay:
    """A Sysprep that was launched at `launched`."""

    launched: datetime
    looks: Sequence[Look]
    """In the order of their times; the first is that of the launch."""

    @classmethod
    def of(cls, launch: OnLaunch, launched: datetime, *, quits: bool) -> SysprepPlay:
        """Return what the scenario says, or what an ordinary run shows where it says nothing."""
        looks = list(launch.watch)
        if not looks or looks[0].after_seconds > 0:
            # One that never ends shows no sign of life either.
            looks.insert(0, Look(growing=launch.seconds is not None))
        if not launch.watch and quits and launch.seconds is not None:
            looks.append(Look(after_seconds=launch.seconds, processes=(), image_state=_SEALED, success_tag=True))
        return cls(launched, looks)

    def look(self, now: datetime) -> Look:
        """Return what holds now."""
        passed = (now - self.launched).total_seconds()
        return [look for look in self.looks if look.after_seconds <= passed or look is self.looks[0]][-1]

    def wait(self, now: datetime, script: SentScript, ends: datetime) -> float:
        """Return for how many seconds the script that was sent looks on before anything can change; 0: it answers."""
        look = self.look(now)
        if now >= ends or _decided(look, script.headers.get("end", "")):
            return 0
        quiet_limit = float(script.headers.get("stall-seconds", "inf"))
        if self._quiet(look, now) >= quiet_limit:
            return 0
        passed = (now - self.launched).total_seconds()
        times = [(ends - now).total_seconds()]
        times += [other.after_seconds - passed for other in self.looks if other.after_seconds > passed]
        if not look.growing:
            times.append(quiet_limit - self._quiet(look, now))
        return max(0.001, min(times))

    def answer(self, now: datetime) -> str:
        """Return what the script's probe prints: one JSON object of facts."""
        look = self.look(now)
        passed = (now - self.launched).total_seconds()
        wrote = passed if look.growing else look.after_seconds
        facts: dict[str, Any] = {
            "sysprep_processes": {"value": list(look.processes)},
            "image_state": {"value": look.image_state} if look.image_state else {"absent": True},
            "success_tag": {"value": _utc(now)} if look.success_tag else {"absent": True},
            "error_lines": {"value": [self._line(text, look) for text in look.errors]},
            "log_bytes": {"value": _LOG_BYTES + int(wrote * _BYTES_A_SECOND)},
            "quiet_seconds": {"value": int(self._quiet(look, now))},
        }
        return json.dumps(facts | look.patch, separators=(",", ":"))

    def _quiet(self, look: Look, now: datetime) -> float:
        return 0 if look.growing else max(0.0, (now - self.launched).total_seconds() - look.after_seconds)

    def _line(self, text: str, look: Look) -> str:
        # 2026-11-22 12:00:05, Error                 SYSPRP ...
        time = self.launched.timestamp() + look.after_seconds
        stamp = datetime.fromtimestamp(time, tz=self.launched.tzinfo).strftime("%Y-%m-%d %H:%M:%S")
        return f"{stamp}, Error                 {text}"


def _decided(look: Look, end: str) -> bool:
    """Return whether the script answers at once: nothing works on any more, and no power-off is to come."""
    if look.processes:
        return False
    return look.image_state != _SEALED or (end == "quit" and look.success_tag)


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
