"""A team's own probes: scripts beside its checks, found and looked over before anything is sent.

A script is sent, and run as root or SYSTEM, only where a check names it word for word (`guest.own("kernel_args")`): a
folder of checks may hold other scripts. NAME.lab.txt beside it is what it prints on the lab's simulated guests.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from runners.custom_checks import files_below
from runners.errors import UsageError
from runners.guest.script import load_probes

PLATFORMS = {".sh": "linux", ".ps1": "windows"}
SIZE_LIMIT = 64 * 1024
"""How many bytes all own probes of a platform may have. Azure documents no limit of a Run Command's script; the related
Custom Script Extension takes 256 KB, and what is sent holds our own probes as well."""
_ASKS = ("own", "own_json")
# #!/bin/sh, #!/usr/bin/env sh, #!/bin/dash -e
_SH = re.compile(r"#!\s*\S*/(env\s+)?(sh|dash)\b")
# "exit 1", "  Exit", but not "$exit = 1"
_EXIT = re.compile(r"^\s*exit\b", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnProbe:
    """One script that is sent."""

    file: Path

    @property
    def name(self) -> str:
        """What checks call it."""
        return self.file.stem

    @property
    def platform(self) -> str:
        """`linux` or `windows`."""
        return PLATFORMS[self.file.suffix]

    @property
    def lab_file(self) -> Path:
        """Where its answer on the lab's simulated guests is."""
        return self.file.with_suffix(".lab.txt")

    def lab_answer(self) -> str | None:
        """Return what it prints on the lab's simulated guests; None where nobody wrote that."""
        if not self.lab_file.is_file():
            return None
        try:
            return self.lab_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{self.lab_file}: the answer can't be read as UTF-8 text: {error}") from None


def own_probes(folders: Sequence[Path]) -> tuple[OwnProbe, ...]:
    """Return the probes in `folders` and below that a check in one of them names, sorted by path.

    Raises `UsageError` for one that can't be sent: see `load_probes`, and no shell would run it, it would end the whole
    question, or all of them are too large.
    """
    files = sorted({file.resolve(): file for folder in folders for file in files_below(folder)}.values())
    asked = {name for file in files if file.suffix == ".py" for name in _names(file)}
    found = tuple(OwnProbe(file) for file in files if file.suffix in PLATFORMS and file.stem in asked)
    for platform in PLATFORMS.values():
        sent = load_probes(platform, [probe.file for probe in found])
        size = sum(len(probe.text.encode()) for probe in sent if probe.own)
        if size > SIZE_LIMIT:
            raise UsageError(
                f"the own probes for {platform} have {size} bytes together, and at most {SIZE_LIMIT} are sent in one "
                f"script: {', '.join(str(probe.file) for probe in found if probe.platform == platform)}. Shorten them."
            )
    for probe in found:
        _look_over(probe)
    return found


def _names(file: Path) -> Iterator[str]:
    """Yield the names that a file asks for: "kernel_args" in guest.own("kernel_args")."""
    for node in ast.walk(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKS:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)][:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _look_over(probe: OwnProbe) -> None:
    text = probe.file.read_text(encoding="utf-8").replace("\r\n", "\n")
    if probe.platform == "windows":
        if _EXIT.search(text):
            raise UsageError(
                f"{probe.file}: `exit` would end the script that all probes are sent in. Use `return`, or `throw` to "
                "say that it could not look."
            )
        return
    first = text.partition("\n")[0]
    if first.startswith("#!") and not _SH.match(first):
        raise UsageError(
            f"{probe.file}:1: {first} is not what runs it: probes are run by the guest's POSIX sh. Write it for sh, or "
            "call the other program in it."
        )
    sh = shutil.which("sh")
    if sh is None:
        return
    # Alone, and as the body of a function, as it is sent: a closing parenthesis too many must not get out of it.
    for script in (text, f"probe() ( {text}\n)"):
        done = subprocess.run([sh, "-n"], input=script.encode(), capture_output=True, check=False)  # noqa: S603 - it parses, and runs nothing
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise UsageError(f"{probe.file}: sh can't read this probe: {said}. Correct it; nothing was sent.")
