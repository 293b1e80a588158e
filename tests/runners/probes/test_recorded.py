"""The Windows probes, run by a PowerShell that finds recorded objects in the place of Windows.

Where no PowerShell is on PATH they are skipped, and only what is recorded is looked over. Nothing here was recorded on
a machine: each file says from where its objects are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checks.facts import WindowsGuest
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.script import load_probes, question
from runners.observe.record import fact_types, topics
from tests.runners.probes.powershell import functions, lacking

HOME = Path(__file__).parent / "recorded"
STUBS = (HOME / "stubs.ps1").read_text(encoding="utf-8")
FILES = sorted(HOME.glob("*.json"))
NONCE = "ab" * 8


def recorded(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_powershell_finds_the_recorded_facts(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    powershell = shutil.which("powershell.exe") or shutil.which("pwsh")
    if powershell is None:
        pytest.skip("no PowerShell is installed here: the Windows scripts were read, not run")
    expected = recorded(file)["facts"]
    probes = [probe for probe in load_probes("windows") if probe.name in expected]
    script = tmp_path / "script.ps1"
    script.write_text(f"{STUBS}\n{question('windows', probes, NONCE, 100_000)}", encoding="utf-8")
    monkeypatch.setenv("SEALPROOF_RECORDED", str(file))
    command = [powershell, "-NoProfile", "-NonInteractive", "-File", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    raw = read_payload(open_pages([read_page(done.stdout, NONCE, 1)]), list(expected)).raw
    seen = {name: json.loads(answer or b"{}") for name, answer in raw.items()}
    assert {name: {key: seen[name].get(key) for key in facts} for name, facts in expected.items()} == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_recorded_names_probes_and_facts_that_there_are(file: Path) -> None:
    data = recorded(file)
    assert data["from"]
    known = topics(WindowsGuest)
    for name, facts in data["facts"].items():
        assert name in {probe.name for probe in load_probes("windows")}
        assert set(facts) <= set(WindowsGuest.__dataclass_fields__) | set(
            fact_types(known[name]) if name in known else ()
        )


def test_the_stand_ins_are_windows_powershell_5_1_themselves() -> None:
    assert lacking(STUBS) == []
    assert {"get-ciminstance", "get-windowsfeature", "test-path"} <= functions(STUBS)
