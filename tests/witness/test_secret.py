"""The SAS of a disk shows nowhere, however much is shown and however its reading fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from runners.cli import ROOT
from tests.runners.runs import scenario

SEALED = ROOT / "lab" / "scenarios" / "sealed.yaml"
FAULTS: dict[str, dict[str, Any]] = {
    "read": {},
    "refused": {"operation": "blob/get", "effect": "refuse", "status": 403},
    "dropped": {"operation": "blob/get", "effect": "drop", "from_call": 2},
    "cut": {"operation": "blob/get", "effect": "truncate", "length": 100, "from_call": 2},
    "too late": {"operation": "blob/get", "effect": "delay", "seconds": 1.0, "from_call": 2},
    "grant that fails": {"operation": "disks/beginGetAccess", "effect": "operation-fails", "carried_out": True},
    "not revoked": {"operation": "disks/endGetAccess", "effect": "refuse", "status": 403},
}
UNREAD = ("refused", "grant that fails")
"""Stages that come before the reader process."""

# The lab and the run share this process. It writes down each address that the lab gives, and is less patient.
RUN = """
import sys
import pytest
import runners.disk.ranges, runners.secret_url
from lab.arm.blobs import Blobs

share = Blobs.share

def noting(self, *words, **more):
    url = share(self, *words, **more)
    with open(sys.argv[1], "a") as file:
        print(url, file=file)
    return url

Blobs.share = noting
runners.disk.ranges.ATTEMPTS = 3
runners.secret_url._TIMEOUT = (5.0, 0.3)
sys.exit(pytest.main(sys.argv[2:]))
"""
LOUD = ("--log-level=DEBUG", "-olog_cli=true", "--showlocals", "-vv", "--tb=long", "-rA", "-s")


@pytest.mark.parametrize("stage", FAULTS)
def test_no_signature_shows_where_a_sealed_disk_is_confirmed(stage: str, tmp_path: Path) -> None:
    urls, processes = run_loudly(tmp_path, sealed(tmp_path, FAULTS[stage]), "--confirm")
    assert urls
    assert leaks(tmp_path, urls, processes) == []
    assert shows_requests(tmp_path) or stage == "grant that fails"
    assert any(b"runners.disk.process.main" in line for line in processes) or stage in UNREAD


def test_no_signature_shows_where_a_vm_is_generalized(tmp_path: Path) -> None:
    urls, processes = run_loudly(tmp_path, scenario(tmp_path, "debian01"))
    assert [url for url in urls if "serialconsole" in url]
    assert [url for url in urls if "serialconsole" not in url and "screenshot" not in url], "no disk was shared"
    assert leaks(tmp_path, urls, processes) == []
    assert shows_requests(tmp_path)
    assert any(b"runners.disk.process.main" in line for line in processes)


def run_loudly(folder: Path, lab: Path, *arguments: str) -> tuple[list[str], set[bytes]]:
    """Run with everything shown that can be; return the addresses given and what the system showed of all processes."""
    script = folder / "run.py"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(folder / "urls"), f"--rootdir={ROOT}", f"-c{ROOT / 'pytest.ini'}"]
    command += [str(ROOT / "checks"), f"--lab={lab}", f"--evidence={folder / 'evidence'}", *arguments]
    command += [f"--log-file={folder / 'debug.log'}", *LOUD]
    seen: set[bytes] = set()
    with (
        (folder / "output").open("wb") as out,
        subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as child,
    ):
        while child.poll() is None:
            seen |= shown_of_processes()
            time.sleep(0.05)
    return (folder / "urls").read_text(encoding="utf-8").split(), seen


def leaks(folder: Path, urls: list[str], processes: set[bytes]) -> list[str]:
    """Return the lines of files and of process lists in which a signature stands, as it is sent or as it is meant."""
    sent = [match[1] for url in urls if (match := re.search(r"[?&]sig=([^&]+)", url))]
    assert len(sent) == len(urls)
    secrets = {text.encode() for item in sent for text in (item, unquote(item), unquote(item)[:20])}
    written = [
        path for path in (*folder.glob("evidence/**/*"), folder / "output", folder / "debug.log") if path.is_file()
    ]
    assert len(written) > 5
    lines = [(path.name, line) for path in written for line in path.read_bytes().splitlines()]
    lines += [("a process", line) for line in processes]
    return [f"{where}: {line!r}" for where, line in lines if any(secret in line for secret in secrets)]


def shows_requests(folder: Path) -> bool:
    """Say whether output and log both have requests that would have shown a signature."""
    return all(b"<SAS>" in (folder / name).read_bytes() for name in ("output", "debug.log"))


def sealed(folder: Path, fault: dict[str, Any]) -> Path:
    """Write the lab's machine that was rightly sealed by others, with a fault, and return its path."""
    data = yaml.safe_load(SEALED.read_text(encoding="utf-8"))
    data["pace"] = {"operation_seconds": 0.02, "retry_after": None}
    data["machines"] = [item for item in data["machines"] if item["name"] == "sealed01"]
    data["fleet"]["targets"] = [item for item in data["fleet"]["targets"] if item["name"] == "sealed01"]
    data["faults"] = [fault] if fault else []
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def shown_of_processes() -> set[bytes]:
    """Return the arguments and the environment of every process, as `ps` shows them to whoever may see them."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                found.add((process / name).read_bytes())
            except OSError:
                continue
    return found
