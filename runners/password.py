"""Passwords that a fleet file names the place of: they never stand in it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from runners.errors import StepError

# SEALPROOF_RUN_AS_PASSWORD
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")


def _a_name(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        # Not repeated: it may be the password itself.
        raise ValueError("it is no name of an environment variable, such as SEALPROOF_RUN_AS_PASSWORD")
    return value


Variable = Annotated[str, AfterValidator(_a_name)]
"""The name of an environment variable."""


def find_password(whose: str, variable: str | None, file: Path | None) -> str:
    """Return a password from the environment variable or the file. Raises `StepError` where there is none."""
    if variable is not None:
        where = f"the environment variable {variable}"
        found = os.environ.get(variable, "")
    else:
        where = f"the file {file}"
        try:
            found = Path(file or "").read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            seen = getattr(error, "strerror", None) or "it is no UTF-8 text"
            raise StepError(f"the password of {whose} can't be read from {where}: {seen}") from None
    if not found:
        raise StepError(f"the password of {whose} is to be in {where}, and there is none. Set it and run again")
    return found
