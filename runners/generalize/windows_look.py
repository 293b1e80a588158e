"""The sealed Windows' own look at itself, where Sysprep has quit: what is sent for it, and what its answer says.

Its facts are those of the stopped disk, by the same names, so that the same rules judge them.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from checks.facts import Coverage, Fact, Unobserved, WindowsDisk
from runners.errors import ObservationError, StepError
from runners.fleet import Target
from runners.generalize.script import read_script
from runners.generalize.site import Site
from runners.generalize.steps import STOPPED, Progress
from runners.generalize.sysprep_script import machine_check
from runners.guest.script import Probe, RawAnswers, ask_probes
from runners.observe.guest_objects import Object
from runners.observe.record import Topic, observed, observed_fact, topics

_SEAL = "seal"
"""The topic of the facts that a disk has without one."""
_TIMES = 3
_PART = 20
"""Between two questions the guest has this part of its stall limit to itself."""
_NOT_ASKED = "the guest went off before it had said what it sees of itself"


def unable(target: Target, platform: str) -> str:
    """Return why the fleet file keeps a sealed Windows from saying what it sees of itself; empty where it may."""
    if target.witness != "guest" or platform != "windows":
        return ""
    if target.sysprep.end != "quit":
        return (
            "the fleet file says witness: guest, and Sysprep is to shut this Windows down, which nobody can ask any "
            "more then. Write sysprep: {end: quit}, so that it stays up for the question, or leave witness out"
        )
    if target.channel != "run-command":
        return (
            "the fleet file says witness: guest, and a sealed Windows is asked through Run Command only, which is "
            "SYSTEM, sees all of it, and can't lead to another machine. Leave `channel` out, or witness"
        )
    return ""


def probes() -> tuple[Probe, ...]:
    """Return the scripts by which the guest looks at itself, one for each topic of its disk's facts."""
    texts = {topic: read_script(f"look/{topic}.ps1") for topic in (_SEAL, *_topics())}
    return tuple(Probe(_probe(topic), hashlib.sha256(text.encode()).hexdigest(), text) for topic, text in texts.items())


def shared(machine: str) -> str:
    """Return what those scripts all use. `machine`: the vmId that is looked for first; empty where there is no need."""
    return "\n".join(filter(None, [machine_check(machine), read_script("look/common.ps1")]))


async def ask_sealed(site: Site, look: Callable[[], Awaitable[Progress]]) -> WindowsDisk | Unobserved:
    """Have the sealed guest say what it sees of itself; return that, or why not where it went off.

    `look` looks at the VM. Raises `StepError` where it runs on and gives no usable answer: it can be asked again then,
    and could not once it is off.
    """
    failure = ""
    for number in range(_TIMES):
        if number:
            await site.scheduler.pause(site.stall_minutes * 60 / _PART)
        if (await look()).power in STOPPED:
            return Unobserved(f"{_NOT_ASKED}{failure and f' ({failure})'}")
        try:
            answers = await ask_probes(site.channel, "windows", probes(), shared=shared(site.machine))
        except ObservationError as error:
            failure = str(error)
            site.journal.append("look.unseen", {"reason": failure})
        else:
            site.journal.append("look.seen", {"scripts": dict(answers.digests)})
            return seen_by_guest(answers)
    raise StepError(
        f"Sysprep has sealed the guest, and {_TIMES} times it did not say what it sees of itself: {failure}. The VM is "
        "left running, and was not flagged. Do not restart it, which would set it up as a new machine; once its agent "
        "answers, --take-over and --resume go on from here"
    )


def seen_by_guest(answers: RawAnswers) -> WindowsDisk:
    """Return the facts in the guest's answers. What is missing in them, or has another form, is unknown."""
    values: dict[str, Any] = {name: observed(kind, _answer(answers, name)) for name, kind in _topics().items()}
    for name, hint in typing.get_type_hints(WindowsDisk).items():
        if typing.get_origin(hint) is Fact:
            values[name] = observed_fact(name, typing.get_args(hint)[0], _answer(answers, _SEAL))
    return WindowsDisk(coverage=Coverage(0, 0, 0, (), ()), **values)


def _answer(answers: RawAnswers, topic: str) -> Topic:
    return Object(answers, _probe(topic))


def _topics() -> Mapping[str, type[Any]]:
    """Return the records of a disk's facts by their names."""
    return {name: kind for name, kind in topics(WindowsDisk).items() if kind is not Coverage}


def _probe(topic: str) -> str:
    return f"look_{topic}"
