"""The Linux guest's own look at itself: what is sent for it, and what its answer in the serial log says. Pure.

The answer is framed and hashed as that of any observation (`runners.guest.frame`), and travels as lines of the launch's
transcript. One that is cut, damaged or missing is no observation.
"""

from __future__ import annotations

import dataclasses
import hashlib
import typing
from typing import Any

from checks.facts import Coverage, Fact, LinuxDisk, LinuxLook, NamedIn, SudoRule, Unobserved
from runners.errors import FrameError
from runners.generalize.linux_receipt import TOLD_AS, Transcript
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.script import PROBES, Probe, RawAnswers, question
from runners.observe.guest_lines import lines_of
from runners.observe.record import observed

_NAME, _WHOSE = "look", "the guest's own look at itself"
_PAGE_BYTES = 256 * 1024
"""Of one page, which never waits in the guest: nobody could fetch another."""
BEYOND = "the fleet file says witness: guest, and only the stopped disk shows this"
NOT_READ = "the fleet file says witness: guest, so the stopped disk was not read, and nothing is proven by it"
_PAIRS = {"accounts": "account_files", "sudo_accounts": "sudo_rules"}
"""Facts of the disk that the guest tells as a list of pairs, with the names of those lists."""


def look_question(nonce: str, text: str) -> str:
    """Return the script by which the guest looks at itself and prints its framed answer; `text` is the look.

    It reads sudo's rules as the probe `sudo` does before the step, but of the folder that it runs in.
    """
    rules = (PROBES / "linux" / "sudo.sh").read_text(encoding="utf-8").replace("\nroot=\n", "\nroot=.\n")
    text = f"{rules}\n{text}"
    probe = Probe(_NAME, hashlib.sha256(text.encode()).hexdigest(), text)
    return question("linux", [probe], nonce, _PAGE_BYTES)


def guest_look(log: bytes, nonce: str) -> LinuxDisk | Unobserved:
    """Return what the guest saw, as facts that the rules of the stopped disk judge.

    What its look does not show is out of reach: the rules that need it are not applicable.
    """
    transcript, failure = Transcript.find(log, nonce), ""
    for tool in TOLD_AS:
        text = "\n".join(transcript.printed(tool))
        try:
            raw = read_payload(open_pages([read_page(text, nonce, 1)]), [_NAME]).raw[_NAME]
        except FrameError as error:
            failure = failure or str(error)
        else:
            return _disk(raw) if raw is not None else Unobserved(f"{_WHOSE} printed more than can be sent")
    return Unobserved(f"{_WHOSE}, in the serial log: {failure}")


def _disk(raw: bytes) -> LinuxDisk:
    look = observed(LinuxLook, lines_of(RawAnswers({_NAME: raw}, frozenset(), {}, 1), _NAME))
    seen = {item.name: getattr(look, item.name) for item in dataclasses.fields(look)}
    seen |= {name: _by_account(seen.pop(pairs)) for name, pairs in _PAIRS.items()}
    return typing.cast("LinuxDisk", _filled(LinuxDisk, seen | {"coverage": Coverage(0, 0, 0, (), ())}))


def _by_account(pairs: Fact[tuple[NamedIn, ...]] | Fact[tuple[SudoRule, ...]]) -> Fact[dict[str, tuple[str, ...]]]:
    """Return account -> the files that name it."""
    if not pairs.known or pairs.absent:
        return Fact.missing() if pairs.known else Fact.unknown(pairs.to_json()["unknown"])
    named: dict[str, tuple[str, ...]] = {}
    for pair in pairs.value:
        named[pair.account] = tuple(dict.fromkeys((*named.get(pair.account, ()), pair.file)))
    return Fact.of(named)


def _filled(kind: type[Any], seen: dict[str, Any]) -> Any:
    """Return the record `kind` with what was seen, and every other fact out of reach."""
    hints = typing.get_type_hints(kind)
    values = {}
    for item in dataclasses.fields(kind):
        hint = hints[item.name]
        nested = isinstance(hint, type) and dataclasses.is_dataclass(hint) and item.name not in seen
        values[item.name] = seen.get(item.name, _filled(hint, {}) if nested else Fact.out_of_reach(BEYOND))
    return kind(**values)
