"""The CI system that a run runs in, if any: what it is told, and that nothing else can tell it anything.

A CI system obeys commands that it finds in a job's log. Ours are written on purpose, at the end; all else that pytest
prints, a failing test's captured output included, goes through a filter that lets no command through.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TextIO, cast

from reports import ci, summary
from reports.evidence import Evidence
from reports.text import log_safe

System = Literal["github", "azure"]
CHOICES = ("auto", "github", "azure", "none")


def systems(choice: str, environ: Mapping[str, str]) -> tuple[System, ...]:
    """Return the CI systems to talk to: those that say in the environment that they are there, or the one asked for."""
    if choice in ("github", "azure"):
        return (cast(System, choice),)
    if choice == "none":
        return ()
    found: list[System] = ["github"] if environ.get("GITHUB_ACTIONS", "").lower() == "true" else []
    return (*found, "azure") if environ.get("TF_BUILD", "").lower() == "true" else tuple(found)


class FrontEnd:
    """What is said to the CI systems of one run."""

    def __init__(self, choice: str, environ: Mapping[str, str]) -> None:
        self._choice = choice
        self._systems = systems(choice, environ)
        self._environ = environ
        self.complaints: list[str] = []
        """What could not be said. The verdict does not hang on it."""

    def guard(self, writer: Any) -> None:
        """Let pytest's terminal writer print no command, whoever said it."""
        if self._systems:
            writer._file = Filtered(writer._file)

    def publish(self, evidence: Evidence, folder: Path) -> str:
        """Append summary and outputs where GitHub looks for them; return the commands that belong in the log."""
        if self._choice in ("auto", "github"):
            self._append("GITHUB_STEP_SUMMARY", evidence, None)
        if "github" in self._systems:
            self._append("GITHUB_OUTPUT", evidence, ci.github_outputs(evidence, folder).encode())
        said = {"github": lambda: ci.github(evidence), "azure": lambda: ci.azure(evidence, folder)}
        return "".join(said[system]() for system in self._systems)

    def _append(self, variable: str, evidence: Evidence, data: bytes | None) -> None:
        path = self._environ.get(variable)
        if not path:
            return
        try:
            with Path(path).open("ab") as file:
                # The limit is one of all that a step appends.
                file.write(summary.render(evidence, summary.BUDGET - file.tell()) if data is None else data)
        except OSError as error:
            self.complaints.append(f"{path} ({variable}) could not be appended to: {error.strerror}.")


class Filtered:
    """A stream into a job's log, through which no command goes, however it is cut into pieces."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line = ""
        """What was written of the current line: a command may come in two pieces."""

    def write(self, text: str) -> int:
        """Write text in which every command is parted by a space."""
        before = self._line
        safe = log_safe(before + text)
        new = safe[len(before) :] if safe.startswith(before) else f" {log_safe(text)}"
        self._line = (before + new).rsplit("\n", 1)[-1]
        self._stream.write(new)
        return len(text)

    def command(self, text: str) -> None:
        """Write what is meant as a command."""
        self._line = ""
        self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
