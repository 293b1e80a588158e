"""The Windows scripts: what their blocks look at, and run where a PowerShell is at hand.

That Windows PowerShell 5.1 knows all of it is in test_powershell.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runners.guest.command import command_script, read_result
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.script import PROBES, load_probes, question
from tests.runners.probes.powershell import unreadable

NONCE = "ab" * 8


def test_each_fact_is_looked_at_on_its_own() -> None:
    for file in (PROBES / "windows").glob("*.ps1"):
        facts = re.findall(r"(?m)^    ([a-z_]+) = (\S+)", file.read_text().partition("\n@{")[2])
        assert facts, file
        assert {word for _, word in facts} <= {"Get-Fact", "Get-FactList"}, file


def block(probe: str, fact: str) -> str:
    """Return the lines of the block that looks at `fact`."""
    text = (PROBES / "windows" / f"{probe}.ps1").read_text()
    return text.partition(f"    {fact} = Get-Fact")[2].partition("\n    }\n")[0]


# These read the scripts, since no PowerShell is at hand where they usually run.


def test_switches_are_absent_only_without_hyper_v_s_service_and_unknown_without_its_module() -> None:
    lines = block("roles", "virtual_switches").splitlines()
    (absent,) = [line for line in lines if "$Absent" in line]
    assert "Win32_Service" in absent
    assert "Name='vmms'" in absent
    (module,) = [number for number, line in enumerate(lines) if "Get-Command -Name Get-VMSwitch" in line]
    assert lines.index(absent) < module
    assert lines[module + 1].split()[0] == "throw"


def test_enterprise_multi_session_is_a_client_although_it_reports_a_server_s_product_type() -> None:
    text = (PROBES.parent / "guest" / "prelude.ps1").read_text()
    helper = text.partition("function Get-ProductType {")[2].partition("\n}\n")[0]
    assert helper.index("OperatingSystemSKU -eq 175) { return 1 }") < helper.index("$system.ProductType")
    assert "{ Get-ProductType }" in (PROBES / "windows" / "state.ps1").read_text()
    assert "if ((Get-ProductType) -eq 1) { return $Absent }" in block("roles", "installed_roles")
    assert "if ((Get-ProductType) -ne 1) { return $Absent }" in block("roles", "client_features")
    for file in (PROBES / "windows").glob("*.ps1"):
        assert ".ProductType" not in file.read_text(), file


def test_the_system_account_is_known_by_what_it_is_and_not_by_its_translated_name() -> None:
    text = block("state", "launched_as")
    assert "if ($identity.IsSystem) { 'NT AUTHORITY\\SYSTEM' } else { $identity.Name }" in text


def test_a_feature_counts_as_installed_unless_it_is_available_or_removed() -> None:
    # The states of a feature: Available, Installed, InstallPending, UninstallPending, Removed
    text = block("roles", "installed_roles")
    assert re.findall(r"@\(([^)]*)\) -notcontains \$_\.InstallState", text) == ["'Available', 'Removed'"]
    assert "-eq 'Installed'" not in text


def test_a_number_is_made_only_of_a_value_that_is_there() -> None:
    text = block("volumes", "volumes")
    for value in re.findall(r"\[int\] (\$[a-z]+\.[A-Za-z]+)", text):
        assert text.index(f"if ($null -eq {value}) {{ throw") < text.index(f"[int] {value}")


def test_packages_that_sysprep_does_not_look_at_are_not_compared() -> None:
    text = (PROBES / "windows" / "appx.ps1").read_text()
    for skipped in ("IsFramework", "IsResourcePackage", "NonRemovable", "SignatureKind)\" -eq 'System'"):
        (line,) = [line for line in text.splitlines() if skipped in line]
        assert line.endswith("{ continue }")
    assert "\"$($_.InstallState)\" -eq 'Installed'" in text


def test_of_packages_40_of_a_kind_are_named_and_all_are_counted() -> None:
    assert "$limit = 40\n" in (PROBES / "windows" / "appx.ps1").read_text()
    for kind in ("unprovisioned", "newer"):
        assert f"${kind} | Select-Object -First $limit" in block("appx", f"{kind}_packages")
        assert f"${kind}.Count" in block("appx", f"{kind}_packages_total")


def test_packages_are_absent_only_without_their_cmdlet_and_unknown_where_it_fails() -> None:
    text = (PROBES / "windows" / "appx.ps1").read_text()
    lines = text.splitlines()
    (missing,) = [number for number, line in enumerate(lines) if line.strip() == "$missing = $true"]
    assert "Get-Command -Name Get-AppxPackage" in lines[missing - 1]
    for fact in ("unprovisioned_packages", "newer_packages", "newer_packages_total"):
        body = block("appx", fact)
        assert body.index("throw $failure") < body.index("return $Absent")


def test_the_look_for_encrypted_files_only_lists_and_ends() -> None:
    text = block("efs", "encrypted_files")
    (arguments,) = re.findall(r"\$how\.Arguments = (.*)", text)
    assert {"/L", "/IA:E", "/XJ", "/R:0", "/W:0"} <= set(arguments.split())
    assert text.count(".Wait(") == 1
    assert ".WaitForExit()" not in text
    assert text.index("} finally {") < text.index("$process.Kill()")


def test_files_that_could_not_all_be_looked_at_are_unknown() -> None:
    lines = block("efs", "encrypted_files").splitlines()
    (late,) = [number for number, line in enumerate(lines) if ".Wait(" in line]
    assert "return $files" in lines[late + 1]
    assert lines[late + 2].split()[0] == "throw"
    ended = "\n".join(lines)
    named = ended.index("if ($refused) { throw")
    assert named < ended.index("if ($status -ge 16 -or ($status -band 8 -and $gone -eq 0)) { throw")
    assert "'00000002', '00000003' -contains $Matches[1]) { $gone++ } elseif (-not $refused)" in ended


def test_a_teams_own_probe_is_sent_as_text_and_ours_as_facts(tmp_path: Path) -> None:
    own = tmp_path / "zone.ps1"
    own.write_text("Get-TimeZone | Select-Object Id\r\n", newline="")
    script = question("windows", load_probes("windows", [own]), NONCE, 3840)
    assert "\nAdd-OwnAnswer 'zone' {\nGet-TimeZone | Select-Object Id\n}\nSend-Answers" in script
    assert "\nAdd-Answer 'state' {\n" in script
    assert unreadable(script) == []


# These run them, where one is.


def run(script: str, folder: Path) -> str:
    """Return what a script prints in the PowerShell that is at hand; skip the test where none is."""
    powershell = shutil.which("powershell.exe") or shutil.which("pwsh")
    if powershell is None:
        pytest.skip("no PowerShell is installed here: the Windows scripts were read, not run")
    file = folder / "script.ps1"
    file.write_text(script)
    command = [powershell, "-NoProfile", "-NonInteractive", "-File", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_powershell_answers_in_a_frame(tmp_path: Path) -> None:
    page = read_page(run(question("windows", load_probes("windows"), NONCE, 100_000), tmp_path), NONCE, 1)
    names = [probe.name for probe in load_probes("windows")]
    assert all(read_payload(open_pages([page]), names).raw.values())


@pytest.mark.parametrize(
    ("text", "answer", "failed"),
    [
        ("'a'\n'b'", b"a\nb", {}),
        ("$null", b"", {}),
        ("@{ a = 1 }", b'{"a":1}', {}),
        ("1, 'b'", b'[1,"b"]', {}),
        ("throw 'no way in'", b"no way in", {"own": 1}),
    ],
)
def test_a_powershell_answers_for_an_own_probe(
    tmp_path: Path, text: str, answer: bytes, failed: dict[str, int]
) -> None:
    own = tmp_path / "own.ps1"
    own.write_text(text)
    page = read_page(run(question("windows", load_probes("windows", [own])[-1:], NONCE, 3840), tmp_path), NONCE, 1)
    answers = read_payload(open_pages([page]), ["own"])
    assert (answers.raw, answers.failed) == ({"own": answer}, failed)


def test_a_powershell_runs_a_command(tmp_path: Path) -> None:
    if shutil.which("powershell.exe") is None:
        pytest.skip("no Windows is at hand: commands of plain tests are cmd.exe's")
    result = read_result(run(command_script("windows", "echo out& exit /b 3", NONCE, 3840), tmp_path), NONCE)
    assert (result.exit_status, result.stdout) == (3, b"out\r\n")
