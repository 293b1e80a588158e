"""Every PowerShell script that is sent, read by its syntax tree: 5.1 knows what is in it, and a probe writes nothing.

Read, since no PowerShell is at hand where these tests usually run; those that run the scripts are in
test_windows_probes.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runners.guest.command import command_script
from runners.guest.script import PROBES, load_probes, page_question, question
from tests.runners.probes.powershell import lacking, unreadable, writing

RUNNERS = PROBES.parent
FILES = sorted(RUNNERS.rglob("*.ps1"))
PROBE_FILES = sorted((PROBES / "windows").glob("*.ps1"))
NONCE = "ab" * 8
SCRIPTS = {
    "command": command_script("windows", "dir", NONCE, 3840),
    "question": question("windows", load_probes("windows"), NONCE, 3840),
    "page": page_question("windows", 2, NONCE, 3840),
}
# One is the prelude's; the others change nothing but memory, and of methods probes call those that get.
ALLOWED = frozenset(
    {
        "new-unknownfact",
        "invoke-cimmethod",
        "new-object",
        "import-module",
        "bcdedit.exe /enum",
        "powercfg.exe /getactivescheme",
    }
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RUNNERS)))
def test_every_file_is_windows_powershell_5_1(file: Path) -> None:
    # What is filled in before it is sent stands between signs: @NONCE@
    filled = re.sub(r"@[A-Z_]+@", "1", file.read_text(encoding="utf-8"))
    assert lacking(filled) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_windows_powershell_5_1_as_it_is_sent(name: str) -> None:
    assert lacking(SCRIPTS[name]) == []
    assert unreadable(SCRIPTS[name] + "}")


@pytest.mark.parametrize("file", PROBE_FILES, ids=lambda file: file.name)
def test_a_probe_writes_nothing(file: Path) -> None:
    assert writing(file.read_text(encoding="utf-8"), ALLOWED) == []


@pytest.mark.parametrize(
    "line",
    [
        "$a = $b ?? 1",
        "$a ??= 1",
        "$a = $b?.Length",
        "$a = ${b}?[0]",
        "$a = $b ? 1 : 2",
        "Get-Item a && Get-Item b",
        "if (x) { Get-Item a || Get-Item b }",
        "ConvertFrom-Json -AsHashtable",
        "'{}' | convertfrom-json -Depth 3",
        "1..3 | ForEach-Object -Parallel { $_ }",
        "Sort-Object -Top 3",
        "Split-Path -LeafBase $a",
        "Get-Date -AsUTC",
        "Select-String -Raw:$true x",
        "Invoke-WebRequest -SkipCertificateCheck x",
        "Get-Error",
        '"a $(Get-Error)"',
        "$a | Test-Json",
        "1, 2 | Join-String -Separator ','",
        "function f { clean { 1 } }",
        '"`u{20AC}"',
        "[Convert]::ToHexString($bytes)",
        "[Security.Cryptography.SHA256]::HashData($bytes)",
        "@{ a = 1 ",
        "if ($a { 1 }",
        "'open",
    ],
)
def test_what_5_1_lacks_is_found(line: str) -> None:
    assert lacking(line)


@pytest.mark.parametrize(
    "line",
    [
        "$a = [long] ($b / 1MB)",
        "Get-ChildItem | ? { $_.Length -gt 1 } | % { $_ }",
        "# a ?? b && c, 'don't'\n$a",
        "'a ?? b && c'",
        "$a = @($b | Sort-Object -Descending)[0].Name",
        "try { 1 } catch [System.IO.IOException] { 2 } finally { 3 }",
        "ConvertTo-Json -Depth 6 -Compress -InputObject @{ a = [object[]] $b }",
    ],
)
def test_what_5_1_knows_is_let_through(line: str) -> None:
    assert lacking(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "Set-ItemProperty x",
        "if ($a) { Remove-Item x }",
        '"$(Stop-Service x)"',
        "Get-Item a > b.txt",
        "Get-Item a | Out-File x",
        "[IO.File]::WriteAllText($file, $text)",
        "$file.Delete()",
        "reg.exe add x",
        "& (Join-Path $System32 'bcdedit.exe') /set x",
        "& $tool",
        "& 'C:\\tool.exe' /fix",
        "Start-Process x",
    ],
)
def test_what_writes_is_found(line: str) -> None:
    assert writing(line, ALLOWED)


@pytest.mark.parametrize(
    "line", ["Get-Item a 2>$null | Out-Null", "Get-Item a > $null", "Get-Item a 2>&1", "'Set-Item'"]
)
def test_what_only_reads_is_let_through(line: str) -> None:
    assert writing(line, ALLOWED) == []
