"""The page for people: one file that holds all it needs, opens anywhere, and runs nothing that a guest said.

It is complete without JavaScript, which only sorts and filters. Its content security policy allows this one style
sheet and this one script, by their digests, and nothing else: no image, no font, no connection.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from reports.evidence import Evidence
from reports.html.page import Page, words
from reports.text import encoded

FILE_NAME = "report.html"
_HERE = Path(__file__).parent


def render(evidence: Evidence) -> bytes:
    """Return the record as one HTML page."""
    return b"".join(chunks(evidence))


def chunks(evidence: Evidence) -> Iterator[bytes]:
    """Yield the page piece by piece."""
    css, script = _text("report.css"), _text("report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    # The two are ours, and they stand as they are: escaping would change what the digests are of.
    page = Page(evidence)
    return encoded(_template().generate(page=page, css=Markup(css), script=Markup(script), policy=policy))  # noqa: S704


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= words.FILTERS
    return environment.get_template("report.html.j2")


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
