"""Untrusted text, made harmless: bounded when it enters the record, escaped for each format that shows it.

What a guest says can hold terminal control sequences, characters that XML forbids, table and HTML markup, and
commands that a CI system obeys when they stand in its log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from reports.redaction import redact

_AT_ONCE = 4096
"""Pieces of a text that are encoded together."""
_SHORT = 160
LINE_LIMIT = 500
BLOCK_LIMIT = 4000

# Characters with a meaning inside a line of Markdown. Those that could end a cell, a code span or a tag, or open a
# link, become character references (a backslash before them is read differently by table parsers).
_MARKDOWN = str.maketrans(
    {character: f"&#{ord(character)};" for character in "&<>|\\`[]"}
    | {character: f"\\{character}" for character in "*_~$"}
)
# Azure Pipelines obeys "##vso[task.setvariable ...]" and formats "##[error]" anywhere in a line; GitHub obeys
# "::set-output name=x::y" where a line starts so, spaces (and, to be safe, colour codes) before it not counted.
_HASH_COMMAND = re.compile(r"##(?=(vso)?\[)", re.IGNORECASE)
_COLON_COMMAND = re.compile(r"^((?:\s|\x1b\[[0-9;]*m)*):(?=:)", re.MULTILINE)


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return `text` as one visible line of at most `limit` characters, without what has the form of a secret.

    Hidden characters, line ends included, become escapes such as `\\x1b`; what is cut is replaced by a mark that
    says how long the text was. A line that went through already is returned unchanged.
    """
    # Of a fleet's rows most texts are the same few.
    return _short_line(text, limit) if len(text) <= _SHORT else _line(text, limit)


def _line(text: str, limit: int) -> str:
    text = redact(text)
    if not text.isprintable():
        text = "".join(_visible(character) for character in text)
    return _cut(text, limit)


@lru_cache(maxsize=8192)
def _short_line(text: str, limit: int) -> str:
    return _line(text, limit)


def block(text: str, limit: int = BLOCK_LIMIT) -> str:
    """As `line`, but line ends stay: for remedies, which may be commands on several lines."""
    return _cut("\n".join(line(item, limit) for item in redact(text).replace("\r\n", "\n").split("\n")), limit)


def markdown(text: str) -> str:
    """Return `text` for the inside of a Markdown line or table cell: no markup, HTML or link of its own survives."""
    escaped = line(text, BLOCK_LIMIT * 2).translate(_MARKDOWN)
    # GitHub links "https://..." and "www...." by itself, and notifies "@somebody".
    return escaped.replace("://", ":&#47;/").replace("www.", "www&#46;").replace("@", "&#64;")


def xml(text: str) -> str:
    """Return `text` without characters that XML 1.0 forbids, and without CI commands (some CI systems print the file).

    Markup is escaped by the XML writer.
    """
    return log_safe(block(text, BLOCK_LIMIT * 4))


def log_safe(text: str) -> str:
    """Return text for a CI log in which no line is a command to the CI system: `##vso[` and a leading `::` are parted.

    Use it on the finished output: wrapping can move `::` to the start of a line.
    """
    return _COLON_COMMAND.sub(r"\1: ", _HASH_COMMAND.sub("# #", text))


def encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """Yield a text in UTF-8, some of its pieces at a time: that of a large fleet is large."""
    # A guest's JSON can hold half of a surrogate pair; it has no UTF-8, and its backslash form is its JSON escape.
    left = iter(pieces)
    while some := list(islice(left, _AT_ONCE)):
        yield "".join(some).encode("utf-8", "backslashreplace")


def _visible(character: str) -> str:
    # Not printable are control, format (bidirectional overrides, zero-width), surrogate, private and unassigned
    # characters and all separators but the space: all that can make text look different from what it is.
    if character.isprintable():
        return character
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    return known.get(character) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    mark = f" [cut: {len(text):,} characters in all]"
    return text[: limit - len(mark)] + mark
