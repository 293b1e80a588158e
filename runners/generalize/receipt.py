"""The receipt of a launch on Linux, from its transcript, and of one that never ended. Pure; no exit code decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks.facts import Receipt

_EXCERPT = 20
_LINE = 300

# What waagent prints when it did not do its work, although it exits with 0:
#   Failed to run 'deprovision+user': [Errno 2] No such file or directory: '/etc/sysconfig/network-scripts/ifcfg-eth0'
#   usage: /usr/sbin/waagent [-verbose] [-force] [-help] ...
#   WARNING! ovf-env.xml is not found. / WARNING! Skip delete user.
#   Traceback (most recent call last):
#   Do you want to proceed (y/n)            (it asks only without -force, and an answer of no ends it with 0)
#   ERROR MainThread games is a system user. Will not delete it.
_FAILURES = (
    re.compile(r"Failed to run 'deprovision"),
    re.compile(r"^usage:", re.IGNORECASE),
    re.compile(r"Skip delete user"),
    re.compile(r"^Traceback \(most recent call last\)"),
    re.compile(r"^\[Errno \d+\]"),
    re.compile(r"Do you want to proceed"),
    re.compile(r"will not delete it", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Transcript:
    """The lines of one launch in a serial log, without their prefix."""

    lines: tuple[str, ...]

    @classmethod
    def find(cls, log: bytes, nonce: str) -> Transcript:
        """Return the lines that carry this launch's mark. The rest of the console is not ours.

        Sample: `[   21.9] sealproof[6f1c0d]: waagent| WARNING! The waagent service will be stopped.`
        """
        mark = re.compile(rf"sealproof\[{re.escape(nonce)}\]: ?(.*)")
        found = (mark.search(line) for line in log.decode("utf-8", "replace").splitlines())
        return cls(tuple(match[1].rstrip() for match in found if match))

    @property
    def agent(self) -> tuple[str, ...]:
        """What waagent printed."""
        return tuple(
            line.removeprefix("waagent|").removeprefix(" ") for line in self.lines if line.startswith("waagent|")
        )

    def said(self, start: str) -> str:
        """Return what follows `start` in the first line that begins with it; empty where none does."""
        return next((line.removeprefix(start).strip() for line in self.lines if line.startswith(start)), "")


def linux_receipt(log: bytes, nonce: str, clean: Sequence[str]) -> Receipt:
    """Return the receipt of a launch on Linux, from the serial log."""
    transcript = Transcript.find(log, nonce)
    outcome, cause = _linux_outcome(transcript, clean)
    excerpt = tuple(line[:_LINE] for line in transcript.lines[-_EXCERPT:])
    return Receipt(outcome=outcome, cause=cause[:_LINE], launched_as=transcript.said("as "), excerpt=excerpt)


def _linux_outcome(transcript: Transcript, clean: Sequence[str]) -> tuple[str, str]:
    if not transcript.lines:
        return "unknown", "the serial log holds no line of this launch"
    for number, line in enumerate(transcript.agent):
        if any(pattern.search(line) for pattern in _FAILURES):
            return "failed", _root_cause(transcript.agent[number:])
    code = transcript.said("waagent-exit ")
    if code == "124":
        return "hung", "waagent did not end within its time limit and was killed"
    if code and code != "0":
        return "failed", f"waagent ended with exit code {code}"
    if not code:
        return "unknown", "the transcript ends before waagent did"
    if not any("WARNING!" in line for line in transcript.agent):
        return "unknown", "waagent printed none of the warnings that it prints when it deprovisions"
    uncleaned = [key for key in clean if f"cleaned {key}" not in transcript.lines]
    if uncleaned:
        return "failed", f"not removed after waagent, though asked for: {', '.join(uncleaned)}"
    if "end" not in transcript.lines:
        return "unknown", "the transcript ends before the launched script did"
    return "succeeded", ""


def _root_cause(lines: Sequence[str]) -> str:
    """Return the line that names the error: of a traceback the first such, since later ones are its consequences."""
    if any("Traceback" in line for line in lines):
        named = [line for line in lines if re.match(r"\w+(\.\w+)*(Error|Exception)\b|\[Errno", line)]
        return named[0] if named else lines[-1]
    return lines[0]


def hung_receipt(minutes: float, launched_as: str) -> Receipt:
    """Return the receipt of a guest that was still running when its deadline passed."""
    return Receipt("hung", f"the guest was still running {minutes:g} minutes after the launch", launched_as)
