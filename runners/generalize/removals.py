"""What `clean` can remove after waagent: one file of shell commands a key, which also says what it removes and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "scripts" / "clean"
# # removes: `/root/.ssh`: authorized keys, private keys, known hosts
_HEAD = re.compile(r"^# (removes|why): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Removal:
    """One key of `clean`."""

    key: str
    removes: str
    why: str
    """Why waagent does not remove it."""
    commands: str
    """POSIX sh. Paths have no leading slash: it runs in the root of the system, and in tests in some other folder."""


def removal(key: str) -> Removal:
    """Return the removal of a key. Raises `KeyError` for one without a file, or with one that says not enough."""
    file = FOLDER / f"{key}.sh"
    if not file.is_file():
        raise KeyError(key)
    text = file.read_text(encoding="utf-8")
    head = dict(_HEAD.findall(text))
    commands = "".join(line + "\n" for line in text.splitlines() if not re.match("# (removes:|why:|shellcheck )", line))
    return Removal(key, head["removes"], head["why"], commands)


def removals() -> tuple[Removal, ...]:
    """Return every removal, sorted by key."""
    return tuple(removal(file.stem) for file in sorted(FOLDER.glob("*.sh")))
