"""The lab's own reading of the scripts that are sent to guests, and its own frame around answers.

It is written from the wire format alone and shares no code with the runners, so that an error in one of the two shows.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# # nonce: 6f1c0d2a9b3e4f50
_HEADER = re.compile(r"^# ([a-z-]+): ?(.*?)\s*$")
# # probe: system 929365c924425ea6b4b64281b75aff63b8aa8ad1cf9ed0b30968c639af89cf8d
_PROBE = re.compile(r"^# probe: (\S+) ([0-9a-f]{64})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SentScript:
    """What a script says about itself in the comment lines at its top."""

    headers: dict[str, str]
    probes: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> SentScript:
        """Read a script's first comment lines (`sealproof`, `step`, `nonce`, `clean`, ...) and its probe marks."""
        headers: dict[str, str] = {}
        for line in text.removeprefix("#!/bin/sh\n").splitlines():
            found = _HEADER.match(line)
            if found is None:
                break
            headers.setdefault(found[1], found[2])
        return cls(headers, tuple(name for name, _ in _PROBE.findall(text)))

    @property
    def clean(self) -> tuple[str, ...]:
        """The `clean` keys of a step script."""
        return tuple(self.headers.get("clean", "").split())

    @property
    def command(self) -> str:
        """The command of a script that runs one for a plain test."""
        return base64.b64decode(self.headers.get("command", "")).decode(errors="replace")


@dataclass(slots=True)
class AnswerFrames:
    """Frames answers, and keeps the ones that need more than one page until their last page was fetched."""

    _waiting: dict[str, tuple[str, str]] = field(default_factory=dict)

    def first_page(self, script: SentScript, answers: Sequence[tuple[str, str]]) -> str:
        """Return what the guest prints for `answers`, pairs of probe name and raw output."""
        nonce = script.headers["nonce"]
        size, limit = int(script.headers["page-bytes"]), int(script.headers["page-limit"])
        payload = b""
        for name, raw in answers:
            # The shell that frames on Linux drops line ends at the end of a probe's output.
            content = raw.rstrip("\n").encode()
            payload += b"probe %s whole %d\n%s\n" % (name.encode(), len(content), content)
        payload += b"end\n"
        text = base64.b64encode(gzip.compress(payload)).decode()
        pages = (len(text) + size - 1) // size
        if pages > limit:
            return f"sealproof-error[{nonce}]: the answer needs {pages} pages of {size} bytes\n"
        about = f"{pages}:{len(payload)}:{hashlib.sha256(payload).hexdigest()}"
        self._waiting = {nonce: (about, text)} if pages > 1 else {}
        return _page(nonce, 1, about, text[:size])

    def next_page(self, script: SentScript, number: int, size: int) -> str:
        """Return page `number`; the last one is forgotten after that."""
        nonce = script.headers["nonce"]
        if nonce not in self._waiting:
            return f"sealproof-error[{nonce}]: page {number}: the waiting answer is gone\n"
        about, text = self._waiting[nonce]
        if number >= int(about.split(":")[0]):
            del self._waiting[nonce]
        return _page(nonce, number, about, text[(number - 1) * size : number * size])


def command_frame(script: SentScript, stdout: str, stderr: str, exit_code: int) -> str:
    """Return what the guest prints for the one command of `script`."""
    nonce, size = script.headers["nonce"], int(script.headers["page-bytes"])
    streams = ":".join(base64.b64encode(gzip.compress(text.encode())).decode() for text in (stdout, stderr))
    answer = f"{exit_code}:{streams}"
    if len(answer) > size:
        return f"sealproof-error[{nonce}]: the command printed more than can be sent: {len(answer)} bytes packed\n"
    return f"{{sealproof-command:1:{nonce}:{answer}:{nonce}}}\n"


def _page(nonce: str, number: int, about: str, text: str) -> str:
    return f"{{sealproof:1:{nonce}:{number}:{about}:{text}:{nonce}}}\n"
