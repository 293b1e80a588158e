"""The scripts that act in a guest: committed files with a few checked values put in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from runners.errors import StepError

_FOLDER = Path(__file__).parent / "scripts"
AGENT_SECONDS = 300
"""Time limit of waagent in the guest; on some systems it never returns by itself."""

_ABSOLUTE = re.compile(r"/[A-Za-z0-9._+/-]{1,200}")  # /usr/sbin/waagent
_NONCE = re.compile(r"[0-9a-f]{16,64}")
_KEY = re.compile(r"[a-z][a-z-]{0,40}")


def launch_linux(nonce: str, agent: str, clean: Sequence[str], *, remove_user: bool) -> str:
    """Return the shell script that starts waagent, detached, then cleans and powers off.

    `agent` is the path that the guest itself gave, so it is checked before it becomes part of a command: `StepError`
    for one that is not a plain absolute path.
    """
    if not _ABSOLUTE.fullmatch(agent):
        raise StepError(
            f"the guest names {agent[:80]!r} as its waagent, which is not a plain absolute path: not launched"
        )
    option = "-deprovision+user" if remove_user else "-deprovision"
    values = {"AGENT": agent, "OPTION": option, "AGENT_SECONDS": str(AGENT_SECONDS)}
    return render("launch.sh", nonce, clean, **values)


def render(file: str, nonce: str, clean: Sequence[str], **values: str) -> str:
    """Return a script of scripts/ with values put in: the caller has checked them."""
    if not _NONCE.fullmatch(nonce) or not all(_KEY.fullmatch(key) for key in clean):
        raise StepError(f"nonce {nonce!r} or clean keys {clean!r} can't be put into a script")
    text = read_script(file)
    for name, value in {"NONCE": nonce, "CLEAN": " ".join(clean), **values}.items():
        text = text.replace(f"@{name}@", value)
    return text


def read_script(file: str) -> str:
    """Return a script of scripts/ as it is."""
    return (_FOLDER / file).read_text(encoding="utf-8")
