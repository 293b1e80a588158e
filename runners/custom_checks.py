"""A team's own checks: modules below a folder given by --checks. They are trusted as Sealproof itself.

Files named test_*.py hold plain tests, which pytest runs; they are not imported here. Whatever looks like a check or a
test and would be neither judged nor run is refused: a rule that nobody applies must not look like one that every target
passed.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import os
import sys
import unittest
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from runners.errors import UsageError

_HELPERS = "files named _*.py and conftest.py hold helpers"


def custom_modules(folder: Path) -> tuple[ModuleType, ...]:
    """Import and return the modules of a folder and of all folders below it, sorted by path.

    Files named `_*.py` (such as `__init__.py`) and `conftest.py` hold helpers, not checks; `plain_test_files` are left
    out. Raises `UsageError` where a file can't be imported or its name is taken, where a check or a plain test is where
    it would not be judged or run, and where there is neither.
    """
    sources = [_Source(file) for file in files_below(folder) if file.suffix == ".py"]
    checks = {source.file: _check_lines(source.file) for source in sources}
    for source in sources:
        if checks[source.file] and (source.is_helper or source.is_plain_test):
            name, line = next(iter(checks[source.file].items()))
            holds = "files named test_*.py hold plain tests" if source.is_plain_test else _HELPERS
            raise UsageError(
                f"{source.file}:{line}: {name} would never be judged: {holds}. Move it into a file with another name."
            )
    # All roots first: the files of a team may import one another. So does pytest, folder by folder (prepend).
    for source in sources:
        if str(source.root) not in sys.path:
            sys.path.insert(0, str(source.root))
    modules = []
    for source in sources:
        if not source.is_helper and not source.is_plain_test:
            modules.append(source.load())
            _refuse_what_is_not_judged(source, modules[-1], checks[source.file])
    if not any(checks.values()) and not any(source.is_plain_test for source in sources):
        raise UsageError(
            f"--checks {folder}: there is no check and no plain test in this folder or below it. A check is a function "
            "named check_<noun>_<state> with the @check decorator, a plain test a function test_* in a file test_*.py "
            "(docs/writing-checks.md shows both)."
        )
    return tuple(modules)


def plain_test_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder and of all folders below it that hold plain tests, sorted by path."""
    return tuple(file for file in files_below(folder) if file.suffix == ".py" and _Source(file).is_plain_test)


def folder_digests(folders: Sequence[Path]) -> dict[str, str]:
    """Return a SHA-256 in hex for each folder, over all its files by path and content, keyed `checks NAME`.

    A name that is there already gets a number, in the order in which the folders were given: `checks rules 2`.
    """
    digests: dict[str, str] = {}
    for folder in folders:
        key, number = f"checks {folder.name}", 2
        while key in digests:
            key, number = f"checks {folder.name} {number}", number + 1
        digests[key] = _digest(folder)
    return digests


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in files_below(folder):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder and below it, links followed once, without what tools keep there."""
    found: list[Path] = []
    seen: set[Path] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        here = Path(place)
        if here.resolve() in seen:
            folders.clear()
            continue
        seen.add(here.resolve())
        # .git, .venv, __pycache__ and virtual environments of any name
        folders[:] = [name for name in sorted(folders) if not _is_kept_by_a_tool(here / name)]
        found += [here / name for name in files if (here / name).is_file()]
    return sorted(found)


def _is_kept_by_a_tool(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name == "__pycache__" or (folder / "pyvenv.cfg").is_file()


@dataclass(frozen=True, slots=True)
class _Source:
    """One Python file, and the module that it is to pytest's `prepend` import mode."""

    file: Path

    @property
    def is_helper(self) -> bool:
        return self.file.name.startswith("_") or self.file.name == "conftest.py"

    @property
    def is_plain_test(self) -> bool:
        return self.file.name.startswith("test_")

    @property
    def root(self) -> Path:
        """The nearest folder above that is no package: where Python looks for the module."""
        folder = self.file.parent
        while (folder / "__init__.py").is_file():
            folder = folder.parent
        return folder

    def load(self) -> ModuleType:
        """Import the packages around the module, then the module, and see that each is the one that is meant."""
        parts = self.file.relative_to(self.root).with_suffix("").parts
        place = self.root
        for count, part in enumerate(parts[:-1], start=1):
            place /= part
            _imported(".".join(parts[:count]), place / "__init__.py")
        return _imported(".".join(parts), self.file)


def _imported(name: str, file: Path) -> ModuleType:
    present = sys.modules.get(name)
    if present is None:
        try:
            present = importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a user's file may fail in any way, and none may show a traceback of ours
            raise UsageError(f"{file} could not be imported: {type(error).__name__}: {error}") from None
    if Path(present.__file__ or "?").resolve() != file.resolve():
        raise UsageError(
            f"{file}: the module name {name!r} is taken by {present.__file__}. Give the file another name, or make its "
            "folder a package with a name of its own (an __init__.py in it)."
        )
    return present


def _check_lines(file: Path) -> dict[str, int]:
    """Return name and line of everything in a file that is defined as `check_*`, wherever in it."""
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{file} could not be imported: {type(error).__name__}: {error}") from None
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: node.lineno for node in functions if node.name.startswith("check_")}


def _refuse_what_is_not_judged(source: _Source, module: ModuleType, checks: dict[str, int]) -> None:
    for name, line in checks.items():
        function = vars(module).get(name)
        if not inspect.isfunction(function) or function.__module__ != module.__name__:
            raise UsageError(
                f"{source.file}:{line}: {name} would never be judged: it is no plain function at the top of its file. "
                "Move it there, or give a helper another name (helpers do not start with check_)."
            )
    for name, value in vars(module).items():
        plain = inspect.isfunction(value) and name.startswith("test_")
        grouped = inspect.isclass(value) and (name.startswith("Test") or issubclass(value, unittest.TestCase))
        if (plain or grouped) and value.__module__ == module.__name__:
            line = value.__code__.co_firstlineno if inspect.isfunction(value) else inspect.getsourcelines(value)[1]
            raise UsageError(
                f"{source.file}:{line}: {name} is a plain test, and would never be run: put it into a file test_*.py. "
                "(Or write it as a check, which is judged: check_<noun>_<state> with the @check decorator.)"
            )
