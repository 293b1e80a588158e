"""The receipt of a launch on Linux: what waagent did, from its transcript in the serial log. Pure.

waagent exits with 0 after half its work and after none, so no exit code says that it succeeded. The cause of a receipt
begins with what happened, in these words:

    did nothing            it printed its usage, asked and got no answer, or failed before its first action
    stopped half-way       an action failed, and waagent left out all later ones
    kept the user          it deprovisioned, and the account that had to go is still there
    not launched, not cleaned, ended with ...        what else came between
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks.facts import Policy, Receipt
from runners.generalize.waagent import progress, stopped_at

TOLD_AS = ("look", "look-again")
"""As whose output the transcript holds what the guest saw of itself: twice, word for word."""
_EXCERPT = 20
_LINE = 300
_KILLED = ("124", "137")
"""What timeout(1) ends with when it ended waagent: 137 where that took SIGKILL."""

# usage: /usr/sbin/waagent [-verbose] [-force] [-help] ...          for an option that it does not know
# Do you want to proceed (y/n)                                      without -force; whatever is answered, exit code 0
_NOTHING = re.compile(r"^usage:|Do you want to proceed", re.IGNORECASE)
# WARNING! Skip delete user.                                        without ovf-env.xml
# ERROR MainThread games is a system user. Will not delete it.
# ERROR MainThread Command: [userdel -f -r azureuser], return code: [1], result: [...]    (its source; no run of ours)
_KEPT = re.compile(r"Skip delete user|will not delete it|Command: \[userdel\b.*return code: \[(?!0\])", re.IGNORECASE)
# Failed to run 'deprovision+user': [Errno 2] No such file or directory: '/etc/sysconfig/network-scripts/ifcfg-eth0'
# Traceback (most recent call last):                      (2.7.3 on a new Python: behind `message=` in a line)
# [Errno 13] Permission denied: '/etc/ssh/ssh_host_rsa_key'
_FAILED = re.compile(r"Failed to run 'deprovision|Traceback \(most recent call last\)|^\[Errno \d+\]")
# FileNotFoundError: [Errno 2] ...   azurelinuxagent.common.exception.AgentConfigError: [AgentConfigError] ...
_NAMED = re.compile(r"\w+(\.\w+)*(Error|Exception)\b|\[Errno")
# WARNING! azureuser account and entire home directory will be deleted.
_REMOVES = re.compile(r"account and entire home directory will be deleted")


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

    def printed(self, tool: str) -> tuple[str, ...]:
        """Return what a tool printed: `waagent`, `cloud-init`, `clean`."""
        start = f"{tool}|"
        return tuple(line.removeprefix(start).removeprefix(" ") for line in self.lines if line.startswith(start))

    def said(self, start: str) -> str:
        """Return what follows `start` in the first line that begins with it; empty where none does."""
        return next((line.removeprefix(start).strip() for line in self.lines if line.startswith(start)), "")


def linux_receipt(log: bytes, nonce: str, policy: Policy) -> Receipt:
    """Return the receipt of a launch on Linux, from the serial log and what the fleet file asked for."""
    transcript = Transcript.find(log, nonce)
    outcome, cause = _outcome(transcript, policy)
    excerpt = tuple(line[:_LINE] for line in _told(transcript)[-_EXCERPT:])
    return Receipt(outcome=outcome, cause=cause[:_LINE], launched_as=transcript.said("as "), excerpt=excerpt)


def _told(transcript: Transcript) -> tuple[str, ...]:
    """Return the lines that tell a person something: not those that pack what the guest saw of itself."""
    return tuple(line for line in transcript.lines if not line.startswith(tuple(f"{tool}|" for tool in TOLD_AS)))


def _outcome(transcript: Transcript, policy: Policy) -> tuple[str, str]:
    if not transcript.lines:
        return "unknown", "the serial log holds no line of this launch"
    if policy.cloud_init is not None and transcript.said("cloud-init-exit ") not in ("", "0"):
        return "failed", _cloud_init(transcript)
    agent, code = transcript.printed("waagent"), transcript.said("waagent-exit ")
    if code in _KILLED:
        last = f"; its last line: {agent[-1]}" if agent else ""
        return "hung", f"waagent did not end within its time limit and was killed{last}"
    refused = _refused(agent)
    if refused:
        return "failed", refused
    if code and code != "0":
        return "failed", f"waagent ended with exit code {code}"
    if not code:
        return "unknown", "the transcript ends before waagent did"
    if not any("WARNING!" in line for line in agent):
        return "unknown", "waagent printed none of the warnings that it prints when it deprovisions"
    if policy.removes_user and not any(_REMOVES.search(line) for line in agent):
        return "failed", "kept the user: waagent did not say that it would delete an account"
    return _afterwards(transcript, policy)


def _afterwards(transcript: Transcript, policy: Policy) -> tuple[str, str]:
    """Tell what came after waagent, which did its work."""
    if policy.cloud_init is not None and not transcript.said("cloud-init-exit "):
        return "unknown", "the transcript does not say how cloud-init's own cleaning ended"
    uncleaned = [key for key in policy.clean if f"cleaned {key}" not in transcript.lines]
    if uncleaned:
        said = transcript.printed("clean")
        why = f" ({said[-1]})" if said else ""
        return "failed", f"not removed after waagent, though asked for: {', '.join(uncleaned)}{why}"
    if "end" not in transcript.lines:
        return "unknown", "the transcript ends before the launched script did"
    return "succeeded", ""


def _cloud_init(transcript: Transcript) -> str:
    code, said = transcript.said("cloud-init-exit "), transcript.printed("cloud-init")
    if code == "absent":
        return "did nothing: cloud-init is not installed, and the fleet file asks for its cleaning"
    last = f": {said[-1]}" if said else ""
    return f"did nothing: cloud-init clean ended with exit code {code}, so waagent was not started{last}"


def _refused(agent: Sequence[str]) -> str:
    """Return how waagent did not do its work, by its own words; empty where it does not say so."""
    for number, line in enumerate(agent):
        if _NOTHING.search(line):
            return f"did nothing: {_root_cause(agent[number:])}"
        if _FAILED.search(line):
            return _broken(agent, _root_cause(agent[number:]))
        if _KEPT.search(line):
            broken = _refused(agent[number + 1 :])  # what stops it is worse than whom it keeps
            return broken or f"kept the user: {line}"
    return ""


def _broken(agent: Sequence[str], error: str) -> str:
    """Tell where a traceback left the work: `stopped half-way after: set the host name: ...; not done: ...`."""
    stopped = stopped_at(agent, error)
    if stopped is None and any("Traceback" in line for line in agent):
        return f"did nothing: {error}"
    if stopped is None:
        return f"stopped half-way: {error}"
    done, undone = progress(agent, stopped)
    after = f"after: {done[-1]}" if done else "before its first action"
    return f"stopped half-way {after}: {error}; not done: {', '.join(undone)}"


def _root_cause(lines: Sequence[str]) -> str:
    """Return the line that names the error: of a traceback the first such, since later ones are its consequences."""
    if any("Traceback" in line for line in lines):
        named = [line for line in lines if _NAMED.match(line)]
        return named[0] if named else lines[-1]
    return lines[0]
