"""Secrets taken out of text that others wrote: errors of Azure, output of guests, lines of logs.

This is the second line. The first is that only typed, listed facts are observed; but an error's text may hold anything.
It knows forms, not secrets: a secret that looks like a word it can't know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MARK = "<redacted>"

# What most texts lack: they are searched once, and left as they are.
_MAY = re.compile(
    r"sig=|://|eyJ|private key|bearer|key|passw|pwd|secret|token|credential|\$(?:\d|y|gy|2[abxy])\$|[A-Za-z0-9+/]{60}",
    re.IGNORECASE,
)
# A value that is hardly a word: eight characters or more, among them a letter and a digit. "password: locked" stays.
_VALUE = r"(?=[^\s\"'&;,<>]*[A-Za-z])(?=[^\s\"'&;,<>]*\d)[^\s\"'&;,<>]{8,}"
_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|client_?secret|token|(?:access|refresh|id|sas)_?token|credential|"
    r"(?:api|account|access|storage|shared_?access|private|primary|secondary|subscription)[ _-]?(?:account[ _-]?)?key)"
)
_FORMS = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, flags, replacement in (
        # -----BEGIN OPENSSH PRIVATE KEY----- ..., whole or cut off, on one line or many
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL, MARK),
        # one line of such a block, or any other long base64; a digest in hex is none
        (
            r"(?<![\w+/=])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*\d)"
            r"(?![0-9a-fA-F]+\b)[A-Za-z0-9+/]{60,}={0,2}",
            0,
            MARK,
        ),
        # ?sv=2018-03-28&sr=b&sig=abc%3D
        (r"\b(sig(?:nature)?=)[^\s&\"'<>]+", re.IGNORECASE, rf"\1{MARK}"),
        # http://user:password@proxy:3128
        (r"(://)[^\s/@:<>]+:[^\s/@<>]+@", 0, rf"\1{MARK}@"),
        # eyJ0eXAi.eyJhdWQi.c2ln
        (r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?", 0, MARK),
        (r"\b(bearer\s+)[\w.~+/=-]{16,}", re.IGNORECASE, rf"\1{MARK}"),
        # $6$salt$hash, $y$j9T$...
        (r"\$(?:\d|y|gy|2[abxy])\$[^\s:\"']+", 0, MARK),
        # password=..., "adminPassword": "...", AccountKey=..., --token ...
        (rf"({_NAMES}[\"']?\s*[=:]\s*[\"']?){_VALUE}", re.IGNORECASE, rf"\1{MARK}"),
        (rf"(--?{_NAMES}[\"']?\s+[\"']?){_VALUE}", re.IGNORECASE, rf"\1{MARK}"),
    )
)


def redact(text: str) -> str:
    """Return `text` with a mark in place of what has the form of a secret. What went through stays as it is."""
    if not _MAY.search(text):
        return text
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    return text


def redact_lines(lines: Sequence[str]) -> list[str]:
    """Return lines redacted together: a key may stand on several of them, whose last is too short to be known alone."""
    if not any("PRIVATE KEY" in item for item in lines):
        return [redact(item) for item in lines]
    return redact("\n".join(lines)).split("\n")


def redact_all(value: Any) -> Any:
    """Return plain JSON with every string redacted, keys too."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(str(key)): redact_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        words = [item for item in value if isinstance(item, str)]
        return redact_lines(words) if len(words) == len(value) else [redact_all(item) for item in value]
    return value
