"""A YAML file that a person wrote, for a run: what is wrong with it is wrong usage."""

from __future__ import annotations

from pathlib import Path

from reports import document
from reports.errors import DocumentError
from runners.errors import UsageError


def read_document(path: Path, what: str) -> document.Document:
    """Read a YAML file. `what` names it in messages. Raises `UsageError` that lists what is wrong with `file:line`."""
    try:
        return document.read_document(path, what)
    except DocumentError as error:
        raise UsageError(str(error)) from None
