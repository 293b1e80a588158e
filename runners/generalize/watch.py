"""What is decided from looking at a launched Sysprep. Pure.

Its process alone decides nothing: with /quit it may end before the generalize pass does, which SetupHost then works on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checks.facts import Fact, Receipt
from runners.generalize.sysprep_errors import Diagnosis, diagnose, excerpt
from runners.generalize.sysprep_view import SysprepView

SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
_AT_WORK = "IMAGE_STATE_UNDEPLOYABLE"
_LONGEST_LOOK = 480.0
"""Seconds that one script looks on at most: so few scripts stay below the 12 updates that Azure allows a VM."""
_LONGEST_WORD = 80
"""How much of one word of a guest gets into a sentence."""
_LOG = r"C:\Windows\System32\Sysprep\Panther\setupact.log"
_PROVIDER = (
    f"Look at the end of {_LOG} for what it waits for. Where that is nothing, a provider that can't be loaded is a "
    "known cause: a hidden or missing VMAgentDisabler.dll (https://github.com/hashicorp/packer/issues/9261)"
)


@dataclass(frozen=True, slots=True)
class Watched:
    """One launch, and how long its Sysprep may stand still."""

    end: str
    """`shutdown` or `quit`: what Sysprep was told to do at its end."""
    stall_seconds: float
    launched_as: str
    confirmed: bool
    """Whether the guest said that it launched Sysprep; otherwise Sysprep may start only later."""


def look_seconds(stall_seconds: float) -> int:
    """Return how long one script looks on in the guest, unless there is something to decide before."""
    return max(1, int(min(stall_seconds, _LONGEST_LOOK)))


def decide(views: Sequence[SysprepView], watched: Watched) -> Receipt | None:
    """Return the receipt that the views, in their order, allow; None while it is to be waited for.

    *Succeeded* is told of a Sysprep that quits only; one that shuts down is judged by its stopped disk.
    """
    view = views[-1]
    if not view.sysprep_processes.known or view.sysprep_processes.absent:
        return _stalled(view, watched)
    if view.sysprep_processes.value or not view.image_state.known:
        return _stalled(view, watched)
    state = _value(view.image_state)
    if state == SEALED:
        if watched.end == "quit" and _value(view.success_tag):
            return _receipt("succeeded", None, "", view, watched)
        return _stalled(view, watched)
    # Between sysprep.exe and SetupHost nothing may run for a moment, and an unconfirmed launch may be late.
    if (state == _AT_WORK or not watched.confirmed) and not _gone_before(views, state):
        return None
    return _failed(view, state, watched)


def seems_ended(view: SysprepView) -> bool:
    """Return whether no process of Sysprep lives and it left no sealed system."""
    return not _names(view) and view.image_state.known and _value(view.image_state) != SEALED


def kept(view: SysprepView) -> dict[str, Fact[Any]]:
    """Return what the journal keeps of a view: all but the lines of the log, which the receipt has an excerpt of."""
    names = ("sysprep_processes", "image_state", "success_tag", "log_bytes", "quiet_seconds")
    return {name: getattr(view, name) for name in names}


def silence(minutes: float, watched: Watched, last: SysprepView | None) -> Receipt:
    """Return the receipt of a guest that runs and has given no sign of life for so many minutes."""
    seen = f"; ImageState was {_value(last.image_state) or 'unknown'} before that" if last is not None else ""
    cause = f"the guest runs and gave no sign of life for {minutes:.3g} minutes{seen}"
    remedy = "Look at its screenshot (boot diagnostics); Sysprep may have stopped the agent and then hung"
    return Receipt("hung", cause, watched.launched_as, _shown(last) if last else (), remedy)


def _gone_before(views: Sequence[SysprepView], state: str) -> bool:
    before = views[-2] if len(views) > 1 else None
    return before is not None and not _names(before) and _value(before.image_state) == state


def _stalled(view: SysprepView, watched: Watched) -> Receipt | None:
    quiet = view.quiet_seconds
    if not quiet.known or quiet.absent or quiet.value < watched.stall_seconds:
        return None
    who = ", ".join(_names(view)[:4])[:_LONGEST_WORD] or "no process of Sysprep"
    state = _value(view.image_state) or "not known"
    why = "did not power itself off" if watched.end == "shutdown" else "wrote no success tag"
    sealed = f"; it is sealed and {why}" if state == SEALED else ""
    cause = (
        f"for {quiet.value / 60:.3g} minutes neither Sysprep's logs nor its ImageState have changed: {who} runs, and "
        f"ImageState is {state}{sealed}"
    )
    return _receipt("hung", diagnose(_lines(view)), cause, view, watched)


def _failed(view: SysprepView, state: str, watched: Watched) -> Receipt:
    found = diagnose(_lines(view))
    cause = f"Sysprep ended and left ImageState {state or 'empty'}"
    if state == "IMAGE_STATE_COMPLETE":
        cause = "Sysprep ended before it changed anything, as it does when its validation fails"
    cause = f"{cause}; {found.sentence}" if found else f"{cause}; its error log has no line since the launch"
    return _receipt("failed", found, cause, view, watched)


def _receipt(outcome: str, found: Diagnosis | None, cause: str, view: SysprepView, watched: Watched) -> Receipt:
    remedy = found.remedy if found else "" if outcome == "succeeded" else _PROVIDER if outcome == "hung" else _READ
    if outcome == "hung" and found:
        cause = f"{cause}; {found.sentence}"
    return Receipt(outcome, cause, watched.launched_as, _shown(view), remedy)


_READ = f"Look at the end of {_LOG}"


def _shown(view: SysprepView) -> tuple[str, ...]:
    """Return what a receipt keeps of a view."""
    state = f"ImageState {_value(view.image_state) or 'not known'}"
    tag = _value(view.success_tag)
    written = (f"Sysprep_succeeded.tag written {tag}",) if tag else ()
    return (*excerpt(_lines(view)), state, *written)


def _names(view: SysprepView) -> tuple[str, ...]:
    known = view.sysprep_processes.known and not view.sysprep_processes.absent
    return view.sysprep_processes.value if known else ("an unknown process",)


def _lines(view: SysprepView) -> tuple[str, ...]:
    known = view.error_lines.known and not view.error_lines.absent
    return view.error_lines.value if known else ()


def _value(fact: Fact[str]) -> str:
    return fact.value[:_LONGEST_WORD] if fact.known and not fact.absent else ""
