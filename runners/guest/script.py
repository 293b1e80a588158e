"""The one script that asks a guest everything, and the question itself."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from runners.errors import FrameError, UsageError
from runners.guest.channel import Channel, Output
from runners.guest.frame import OVERHEAD, PAGE_LIMIT, Page, open_pages, printable_end, read_page, read_payload

PROBES = Path(__file__).parent.parent / "probes"
_SUFFIX = {"linux": ".sh", "windows": ".ps1"}
_PAGE_BYTES_LIMIT = 512 * 1024
_PROFILES = {"vhd_upload": "vhd-upload"}
"""Probes of ours that are sent for one profile only, with that profile: what it judges is no business of others."""
# ovf_account
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Probe:
    """One read-only script for one topic."""

    name: str
    digest: str
    """SHA-256 of the file, hexadecimal."""
    text: str
    own: bool = False
    """Whether it is a team's own."""

    @property
    def profile(self) -> str | None:
        """The profile that it is sent for; None where it is sent always."""
        return None if self.own else _PROFILES.get(self.name)


@dataclass(frozen=True, slots=True)
class RawAnswers:
    """What the probes of one round trip printed: untrusted, unparsed, but complete and undamaged."""

    answers: Mapping[str, bytes]
    """By probe name."""
    cut: frozenset[str]
    """Probes that printed more than can be sent; they have no answer."""
    digests: Mapping[str, str]
    """SHA-256 of each probe that was sent, by name: for evidence."""
    invocations: int
    """How many scripts were run in the guest."""
    own: frozenset[str] = frozenset()
    """Which of the probes are a team's own."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """Exit status of each probe that did not end with 0 (1 for an exception on Windows, whose text is the answer)."""


def load_probes(platform: str, extra: Sequence[Path] = ()) -> tuple[Probe, ...]:
    """Return the probes of a platform, sorted by name, and after them a user's own.

    `extra` are files beside a user's checks; those of the other platform (`.sh` for Linux, `.ps1` for Windows) are
    left out. Raises `UsageError` for one that can't be read or has an unusable or taken name.
    """
    suffix = _SUFFIX[platform]
    probes = {probe.name: probe for probe in _shipped(platform)}
    for file in extra:
        if file.suffix == suffix:
            probe = _load(file, own=True)
            if probe.name in probes:
                raise UsageError(f"{file}: there is already a probe named {probe.name}; give this file another name.")
            probes[probe.name] = probe
    return tuple(probes.values())


@cache
def _shipped(platform: str) -> tuple[Probe, ...]:
    """Return our own probes; one copy of their texts serves a whole fleet."""
    return tuple(_load(file, own=False) for file in sorted((PROBES / platform).glob(f"*{_SUFFIX[platform]}")))


def _load(file: Path, *, own: bool) -> Probe:
    if not _NAME.fullmatch(file.stem):
        raise UsageError(
            f"{file}: a probe's file name is a-z, 0-9, _ and - (at most 40), such as my_probe{file.suffix}."
        )
    try:
        content = file.read_bytes()
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: the probe can't be read as UTF-8 text: {error}") from None
    # Line ends are made the guest's own only in what is sent: the digest is that of the file.
    return Probe(file.stem, hashlib.sha256(content).hexdigest(), text.replace("\r\n", "\n"), own=own)


def question(platform: str, probes: Sequence[Probe], nonce: str, page_bytes: int, shared: str = "") -> str:
    """Return the script that runs all `probes` and prints the first page of their framed answers.

    `shared` comes before them: what they may all use beside the prelude (Windows).
    """
    header = ["# sealproof: observe", f"# nonce: {nonce}", f"# page-bytes: {page_bytes}", f"# page-limit: {PAGE_LIMIT}"]
    body = _linux_question(probes) if platform == "linux" else _windows_question(probes, shared)
    values: dict[str, str | int] = {"nonce": nonce, "page_bytes": page_bytes, "page_limit": PAGE_LIMIT}
    return _script(platform, header, values, body)


def page_question(platform: str, number: int, nonce: str, page_bytes: int) -> str:
    """Return the script that prints page `number` of an answer that waits in the guest."""
    header = [f"# sealproof: page {number}", f"# nonce: {nonce}", f"# page-bytes: {page_bytes}"]
    values: dict[str, str | int] = {"nonce": nonce, "page": number, "page_bytes": page_bytes}
    return _script(platform, header, values, _own(f"page{_SUFFIX[platform]}"))


async def ask(
    channel: Channel, platform: str, *, extra: Sequence[Path] = (), profile: str | None = None, nonce: str = ""
) -> RawAnswers:
    """Ask the guest everything in one script, fetch further pages where they are needed, and return the answers.

    Of the probes that belong to a profile those of `profile` are sent.

    Raises `ChannelError` where a script could not be run, and `FrameError` where the answer is incomplete, damaged
    or not the answer to this question. `nonce` is for tests; it is random otherwise.
    """
    probes = [probe for probe in load_probes(platform, extra) if probe.profile in (None, profile)]
    return await ask_probes(channel, platform, probes, nonce=nonce)


async def ask_probes(
    channel: Channel, platform: str, probes: Sequence[Probe], *, shared: str = "", nonce: str = ""
) -> RawAnswers:
    """Ask the guest `probes`, as `ask` does. `shared`: as in `question`."""
    nonce = nonce or secrets.token_hex(8)
    page_bytes = min(channel.answer_limit - OVERHEAD, _PAGE_BYTES_LIMIT)
    output = await channel.run(question(platform, probes, nonce, page_bytes, shared))
    own = [probe.name for probe in probes if probe.own]
    pages = [_read(channel, output, nonce, 1, own)]
    for number in range(2, pages[0].pages + 1):
        output = await channel.run(page_question(platform, number, nonce, page_bytes))
        pages.append(_read(channel, output, nonce, number, own))
    answers = read_payload(open_pages(pages), [probe.name for probe in probes])
    return RawAnswers(
        answers={name: raw for name, raw in answers.raw.items() if raw is not None},
        cut=frozenset(name for name, raw in answers.raw.items() if raw is None),
        digests={probe.name: probe.digest for probe in probes},
        invocations=len(pages),
        own=frozenset(own),
        failed=answers.failed,
    )


def _read(channel: Channel, output: Output, nonce: str, number: int, own: Sequence[str]) -> Page:
    try:
        return read_page(output.stdout, nonce, number)
    except FrameError as error:
        noise = f" Its standard error ends with: {printable_end(output.stderr)}." if output.stderr.strip() else ""
        suspects = f" Own probes were sent along ({', '.join(own)}): they may be broken, or print much." if own else ""
        raise FrameError(
            f"observing the guest through {channel.name}: {error}.{noise} "
            f"Nothing of it was used; run the observation again.{suspects}"
        ) from None


def _script(platform: str, header: Sequence[str], values: Mapping[str, str | int], body: str) -> str:
    first = ["#!/bin/sh"] if platform == "linux" else []
    sigil = "" if platform == "linux" else "$"
    sets = [
        f"{sigil}{name}={value}" if isinstance(value, int) else f"{sigil}{name}='{value}'"
        for name, value in values.items()
    ]
    return "\n".join([*first, *header, *sets, body]) + "\n"


def _linux_question(probes: Sequence[Probe]) -> str:
    # Each probe is the body of a function in a subshell of its own: one that exits or sets options harms no other.
    functions = [
        f"# probe: {probe.name} {probe.digest}\nprobe_{number}() (\n{probe.text.rstrip()}\n)"
        for number, probe in enumerate(probes, start=1)
    ]
    answers = [f"    answer {probe.name} probe_{number}" for number, probe in enumerate(probes, start=1)]
    return "\n".join([_own("prelude.sh"), *functions, 'send "$(', *answers, "    echo end", ')"'])


def _windows_question(probes: Sequence[Probe], shared: str) -> str:
    parts = [
        f"# probe: {probe.name} {probe.digest}\n"
        f"Add-{'Own' if probe.own else ''}Answer '{probe.name}' {{\n{probe.text.rstrip()}\n}}"
        for probe in probes
    ]
    return "\n".join([_own("prelude.ps1"), *filter(None, [shared.rstrip()]), *parts, "Send-Answers"])


def prelude(platform: str) -> str:
    """Return what every probe of a platform may use, and how its answer is framed."""
    return _own(f"prelude{_SUFFIX[platform]}")


def _own(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").rstrip()
