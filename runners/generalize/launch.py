"""What the guest says of a launch. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from runners.guest.channel import Output

CLOCK_SKEW = timedelta(minutes=2)
"""How far the guest's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One launch, as far as it is known."""

    at: datetime
    """When it was sent, by our clock."""
    launched_as: str = ""
    """The account that it runs as; empty where it was not said."""
    started: datetime | None = None
    """When the guest says that it began, by its own clock and with its zone."""
    confirmed: bool = False
    """Whether the guest said that the step was launched."""

    @property
    def since(self) -> datetime:
        """The time from which on the guest's traces are this launch's."""
        return self.started or self.at - CLOCK_SKEW

    def confirmed_by(self, output: Output, nonce: str) -> Launch | None:
        """Return the launch as its script's answer confirms it; None where the answer does not.

        Sample: `sealproof[6f1c0d]: started 2026-11-22T13:00:05+01:00` and
        `sealproof[6f1c0d]: launched as NT AUTHORITY\\SYSTEM`; on Linux the second alone.
        """
        found = re.search(rf"sealproof\[{nonce}\]: launched as ([^\r\n]*)", output.stdout)
        if found is None:
            return None
        return Launch(self.at, found[1].strip()[:300], _time(output.stdout, nonce), confirmed=True)


@dataclass(frozen=True, slots=True)
class Launched:
    """What is known of the launch of an earlier run, whose work is finished by this one."""

    launch: Launch
    nonce: str = ""
    """The mark of its transcript; empty where only that run knows it."""
    flagging: bool = False
    """Whether that run was about to flag the VM: then a flag is its own."""


def _time(text: str, nonce: str) -> datetime | None:
    found = re.search(rf"sealproof\[{nonce}\]: started (\S+)", text)
    try:
        time = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None


def says_nothing(output: Output) -> bool:
    """Return whether an answer without our mark tells of no failure: it is empty, or has the rest of a damaged mark.

    The launch scripts say on standard error why they gave up, so this answer was lost on its way.
    """
    return not output.stderr.strip() and ("sealproof[" in output.stdout or not output.stdout.strip())


def tail(text: str) -> str:
    """Return the last lines of what a guest printed, short enough for a message."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-3:])[-400:] or "the guest printed nothing"
