"""Runs of Sealproof as a user starts them, against small and fast labs."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from reports.evidence import Evidence, Result, Target
from reports.folder import file_name
from reports.journal import Journal
from runners.cli import ROOT, main

ORDERED = {"PYTEST_ADDOPTS": "-p no:randomly -p no:rerunfailures"}
"""Plugins that a test asks for by `-p`, and that every other run goes without."""
SERIAL_LOG = "virtualMachines/retrieveBootDiagnosticsData"
"""A POST, which changes nothing."""
MIXED = ROOT / "lab" / "scenarios" / "mixed.yaml"


@dataclass(frozen=True)
class Run:
    """A run that is over: its exit code, what it printed, and the folder below which it wrote its evidence."""

    code: int
    text: str
    evidence_root: Path

    @property
    def folder(self) -> Path:
        return self.evidence_root / "latest"

    @property
    def evidence(self) -> Evidence:
        return _parsed((self.folder / "evidence.json").read_bytes())

    def target(self, name: str) -> Target:
        return next(item for item in self.evidence.targets if item.name == name)

    def rows(self, name: str, phase: str) -> dict[str, Result]:
        return {row.check: row for row in self.evidence.results if (row.target, row.phase) == (name, phase)}

    def writes(self, name: str) -> Counter[str]:
        """How often each operation that does more than look was asked for, of this VM or its disk."""
        asked = self.asked(name)
        asked.pop(SERIAL_LOG, None)
        return asked

    def asked(self, name: str) -> Counter[str]:
        """How often each operation that is no GET was asked for, of this VM or its disk, as the lab's own log says."""
        lines = (self.folder / "lab-requests.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return Counter(
            item["operation"] for item in entries if item["method"] != "GET" and f"/{name}" in item["path"].lower()
        )

    def events(self, name: str) -> list[str]:
        """The events of the target's journal, whose chain is verified."""
        return [entry.event for entry in Journal.read(self.folder / "journal" / f"{file_name(name)}.jsonl")]

    @property
    def started_nothing(self) -> bool:
        return not self.evidence_root.exists()


@functools.lru_cache(maxsize=4)
def _parsed(data: bytes) -> Evidence:
    return Evidence.from_bytes(data)


def scenario(folder: Path, *machines: str, seconds: float = 0.05, name: str = "small.yaml") -> Path:
    """Write a copy of `mixed` that holds these machines alone, in this order, and takes `seconds` for an operation.

    Of all commands of plain tests their guests know `echo hello` alone.
    """
    data: dict[str, Any] = yaml.safe_load(MIXED.read_text(encoding="utf-8"))
    data["pace"] = {"operation_seconds": seconds, "retry_after": None}
    data["machines"] = [_named(data["machines"], machine) for machine in machines]
    for machine in data["machines"]:
        machine["guest"]["simulated"]["on_launch"]["seconds"] = seconds
        machine["guest"]["simulated"]["scripts"] = {"echo hello": {"stdout": "hello"}}
    data["fleet"]["targets"] = [_named(data["fleet"]["targets"], machine) for machine in machines]
    for target in data["fleet"]["targets"]:
        # A fleet need not say what it will turn out to be, and then every rule has an item.
        target.pop("platform", None)
    path = folder / name
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def team(folder: Path, **files: str) -> str:
    """Write the files of a team's folder, by their names without .py; return the option that gives it to a run."""
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    for name, text in files.items():
        (rules / f"{name}.py").write_text(text, encoding="utf-8")
    return f"--checks={rules}"


def _named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def sealproof(folder: Path, *arguments: str) -> Run:
    """Run the `sealproof` command in `folder`, in this process, which spares the imports."""
    out = io.StringIO()
    cache = [] if "-pno:cacheprovider" in arguments else ["-o", f"cache_dir={folder / '.cache'}"]
    before, path = set(sys.modules), list(sys.path)
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        mock.patch.dict(os.environ, ORDERED),
        mock.patch.object(sys, "argv", ["sealproof", *cache, *arguments]),
        warnings.catch_warnings(),
    ):
        code = main()
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    return Run(code, out.getvalue(), folder / "evidence")


def command(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [*words],
        cwd=folder,
        env={**os.environ, **ORDERED, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout, folder / "evidence")
