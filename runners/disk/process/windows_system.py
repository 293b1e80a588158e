"""One stopped Windows: its volume and its registry, and how residue is looked for there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.registry import Key, Registry
from runners.disk.process.tree import Missing, Unreadable

MOST_NAMES = 500
# Links to ProgramData and to Users\Default that every Windows has.
_LINKS = ("ALL USERS", "DEFAULT USER")


@dataclass(frozen=True, slots=True)
class Windows:
    """Where everything about the stopped Windows is looked up."""

    volume: NtfsVolume
    registry: Registry

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder; none where there is no such folder. Raises `Unreadable`."""
        try:
            return self.volume.names(folder) if self.volume.is_folder(folder) else ()
        except Missing:
            return ()

    def required(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder that every Windows has. Raises `Unreadable` where there is none."""
        try:
            return self.volume.names(folder)
        except Missing:
            raise Unreadable(f"there is no {shown(folder)}, which every Windows has: the volume is damaged") from None

    def homes(self) -> tuple[str, ...]:
        """Return the names of the profiles' folders, those of Windows itself too. Raises `Unreadable`."""
        found = [name for name in self.required("Users") if name.upper() not in _LINKS]
        return tuple(name for name in found if self.volume.is_folder(f"Users/{name}"))

    def found(self, *patterns: str) -> tuple[str, ...]:
        """Return what matches any of the patterns, as paths of drive C, sorted. Raises `Unreadable`.

        `*` stands for any part of a name; what Windows keeps hidden is found as well. `Users/*` are the profiles.
        """
        paths = {path for pattern in patterns for path in self._expand(pattern.split("/"))}
        if len(paths) > MOST_NAMES:
            raise Unreadable(f"more than {MOST_NAMES} files match {patterns[0]}")
        return tuple(sorted(shown(path) for path in paths))

    def filled(self, *patterns: str) -> tuple[str, ...]:
        """Return as `found` the files that are not empty, and the folders that hold anything."""
        return tuple(path for path in self.found(*patterns) if self._holds(path))

    def key(self, hive: str, path: str) -> Key | None:
        """Return a key of the registry, or nothing where there is none. Raises `Unreadable`."""
        try:
            return self.registry.key(hive, path)
        except Missing:
            return None

    def system(self, path: str) -> Key | None:
        """Return a key of the control set in use, or nothing where there is none. Raises `Unreadable`."""
        try:
            return self.registry.system(path)
        except Missing:
            return None

    def _holds(self, path: str) -> bool:
        inner = path[3:].replace("\\", "/")
        return bool(self.names(inner)) if self.volume.is_folder(inner) else self.volume.size(inner) > 0

    def _expand(self, parts: list[str]) -> Iterable[str]:
        bases = [""]
        for number, part in enumerate(parts):
            bases = [path for base in bases for path in self._step(base, part, last=number == len(parts) - 1)]
        return bases

    def _step(self, base: str, part: str, *, last: bool) -> list[str]:
        def below(name: str) -> str:
            return f"{base}/{name}" if base else name

        if base.upper() == "USERS" and part == "*":
            return [below(name) for name in self.homes()]
        if "*" in part:
            wanted = re.compile(re.escape(part).replace(r"\*", ".*"), re.IGNORECASE)
            return [below(name) for name in self.names(base) if wanted.fullmatch(name)]
        with suppress(Missing):
            # A file, where a folder is looked for, is as good as nothing.
            if self.volume.is_folder(below(part)) or last:
                return [below(part)]
        return []


def shown(path: str) -> str:
    """Return a path as Windows writes it: `C:\\Users\\Public`."""
    return "C:\\" + path.replace("/", "\\")


def fingerprint(text: str) -> str:
    """Return what tells two values apart and gives neither away."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def number(key: Key | None, name: str) -> int:
    """Return a number of the registry; text of digits counts too, as Winlogon has it. 0 where there is none."""
    try:
        found = key.value(name).value if key else 0
    except Missing:
        return 0
    if isinstance(found, int):
        return found
    text = str(found).strip()
    return int(text) if text.isascii() and text.isdigit() else 0


Look = Callable[[Windows], Any]
