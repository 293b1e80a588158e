"""A team's own checks: modules in a folder given by --checks. They are trusted as Sealproof itself."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from checks.catalogue import CatalogueError
from runners.errors import UsageError


def custom_modules(folder: Path) -> tuple[ModuleType, ...]:
    """Import and return the modules of a folder, sorted by name.

    Raises `UsageError` where one can't be imported or its name is taken, and `CatalogueError` for a plain test, which
    would otherwise look as if it decided something.
    """
    sys.path.insert(0, str(folder))
    return tuple(_modules(folder))


def _modules(folder: Path) -> Iterator[ModuleType]:
    for file in sorted(folder.glob("*.py")):
        name = file.stem
        if name.startswith("_") or name == "conftest":
            continue
        module = _imported(name, file)
        for test, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == name and test.startswith("test_"):
                raise CatalogueError(
                    f"{file}:{value.__code__.co_firstlineno}: {test} is a plain test; in --checks folders this version "
                    "takes only functions with the @check decorator. Write it as check_<noun>_<state>."
                )
        yield module


def _imported(name: str, file: Path) -> ModuleType:
    present = sys.modules.get(name)
    if present is None:
        try:
            present = importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a user's file may fail in any way, and none may show a traceback of ours
            raise UsageError(f"{file} could not be imported: {type(error).__name__}: {error}") from None
    if Path(present.__file__ or "?").resolve() != file.resolve():
        raise UsageError(
            f"{file}: the module name {name!r} is taken by {present.__file__}. Give the file another name."
        )
    return present
