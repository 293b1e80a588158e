"""One command of a plain test: the script that runs it in a guest, and the frame in which its result comes back.

Azure's action Run Command carries no exit code and the last 4,096 bytes of both streams together, so the script says
itself how the command ended:

    {sealproof-command:1:6f1c0d2a9b3e4f50:2:<base64 of gzip, stdout>:<the same, stderr>:6f1c0d2a9b3e4f50}
                         nonce            exit status
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from runners.errors import FrameError
from runners.guest.frame import complaint, what_was_seen

BYTE_LIMIT = 512 * 1024
"""How many bytes of one stream may come back, unpacked."""
_WHITE_SPACE = re.compile(r"\s+")
_SUFFIX = {"linux": ".sh", "windows": ".ps1"}


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended, and all that it printed."""

    exit_status: int
    stdout: bytes
    stderr: bytes


def command_script(platform: str, command: str, nonce: str, page_bytes: int) -> str:
    """Return the script that runs `command` (sh on Linux, cmd.exe on Windows) and frames its result.

    The command travels as base64: no quoting can break it, and a channel that splits lines does not change it.
    """
    packed = base64.b64encode(command.encode("utf-8", "surrogateescape")).decode()
    sigil = "" if platform == "linux" else "$"
    first = ["#!/bin/sh"] if platform == "linux" else []
    lines = [
        *first,
        "# sealproof: command",
        f"# nonce: {nonce}",
        f"# page-bytes: {page_bytes}",
        f"# command: {packed}",
        f"{sigil}nonce='{nonce}'",
        f"{sigil}page_bytes={page_bytes}",
        # One byte more than is taken shows that there was more.
        f"{sigil}byte_limit={BYTE_LIMIT + 1}",
        f"{sigil}packed='{packed}'",
        (Path(__file__).parent / f"command{_SUFFIX[platform]}").read_text(encoding="utf-8").rstrip(),
    ]
    return "\n".join(lines) + "\n"


def read_result(text: str, nonce: str) -> CommandResult:
    """Return the result in what the script printed. Raises `FrameError` where it is missing, cut or damaged."""
    complained = complaint(text, nonce)
    if complained:
        raise FrameError(f"the guest could not answer: {complained}")
    packed = _WHITE_SPACE.sub("", text)
    mark = re.escape(nonce)
    # {sealproof-command:1:6f1c:0:H4sIAAAA...:H4sIAAAA...:6f1c}
    pattern = rf"\{{sealproof-command:1:{mark}:(-?[0-9]{{1,10}}):([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+):{mark}\}}"
    found = re.findall(pattern, packed, re.ASCII)
    if len(found) != 1:
        raise FrameError(what_was_seen(text, packed, nonce, len(found), "sealproof-command"))
    status, stdout, stderr = found[0]
    return CommandResult(int(status), _unpacked(stdout, "standard output"), _unpacked(stderr, "standard error"))


def _unpacked(packed: str, stream: str) -> bytes:
    # 16 + 15: a gzip header is expected, and its checksum is seen to. A bomb is not inflated beyond the limit.
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(base64.b64decode(packed, validate=True), BYTE_LIMIT + 1)
    except (binascii.Error, zlib.error) as error:
        raise FrameError(f"the command's {stream} came back damaged ({error})") from None
    if len(content) > BYTE_LIMIT:
        raise FrameError(
            f"the command printed more than {BYTE_LIMIT} bytes to its {stream}; let it print less (grep -c, head, wc)"
        )
    if not unpacker.eof or unpacker.unused_data:
        raise FrameError(f"the command's {stream} came back damaged: its packed form is incomplete")
    return content
