"""The patterns in the Windows probes, on samples of what they meet: taken from the scripts, since none runs here.

They use only what the regular expressions of .NET and of Python have in common.
"""

from __future__ import annotations

import re

import pytest

from runners.disk.process.windows_secrets import ANSWER_FILES, FILLED_ELEMENT
from runners.guest.script import PROBES
from tests.runners.answer_files import SAMPLES
from tests.runners.probes.powershell import commands, lacking, writing

BOOT_MENU = r"""
Windows-Startladeprogramm
-------------------------
Bezeichner              {current}
device                  partition=C:
path                    \Windows\system32\winload.efi
description             Windows Server
resumeobject            {1f1c3a1b-0000-0000-0000-000000000000}

Windows-Startladeprogramm
-------------------------
Bezeichner              {1f1c3a1d-0000-0000-0000-000000000000}
device                  ramdisk=[\Device\HarddiskVolume4]\Recovery\WindowsRE\Winre.wim,{1f1c3a1e}
path                    \windows\system32\winload.efi
osdevice                ramdisk=[\Device\HarddiskVolume4]\Recovery\WindowsRE\Winre.wim,{1f1c3a1e}
winpe                   Yes
"""
SECOND = r"""
Windows-Startladeprogramm
-------------------------
Bezeichner              {2f1c3a1d-0000-0000-0000-000000000000}
device                  partition=D:
path                    \WINDOWS\system32\winload.exe
"""


def block(probe: str, fact: str) -> str:
    """Return the lines of the block that looks at `fact`."""
    text = (PROBES / "windows" / f"{probe}.ps1").read_text(encoding="utf-8")
    return text.partition(f"    {fact} = Get-Fact")[2].partition("\n    }\n")[0]


def literal(probe: str, fact: str, after: str) -> str:
    """Return the single-quoted text that follows `after` in a block."""
    (found,) = re.findall(re.escape(after) + r"\s*'((?:[^']|'')*)'", block(probe, fact))
    return str(found)


STATE = (PROBES / "windows" / "state.ps1").read_text(encoding="utf-8")


def test_a_password_in_an_answer_file_is_known_by_the_pattern_of_the_stopped_disk() -> None:
    # What passes here and fails there is found when the step can't be taken back any more.
    assert re.findall(r"(?m)^\$password = '(.*)'$", STATE) == [FILLED_ELEMENT]


def test_answer_files_are_looked_for_wherever_the_stopped_disk_is_searched_for_them() -> None:
    folders = {"$env:SystemDrive\\": "", "$env:windir": "Windows", "$System32": "Windows/System32"}
    places = re.findall(r"""(?m)^    @\("([^"]+)", '([^']+)'\),?$""", STATE)
    found = set()
    for folder, name in places:
        root, _, below = (folder, "", "") if folder in folders else folder.partition("\\")
        found.add("/".join(part for part in (folders[root], below.replace("\\", "/"), name) if part))
    assert found == set(ANSWER_FILES)
    assert "Find-AnswerFile ($searched + $elsewhere)" in block("state", "answer_files_with_password")
    assert "Get-NamedAnswerFile" in block("state", "answer_files_with_password")


@pytest.mark.parametrize(("text", "holds"), SAMPLES)
def test_a_password_in_an_answer_file_is_seen_unless_setup_has_deleted_it(text: str, holds: bool) -> None:
    (pattern,) = re.findall(r"(?m)^\$password = '(.*)'$", STATE)
    assert "-replace '\\0'" in STATE
    assert bool(re.search(pattern, text.replace("\0", ""), re.IGNORECASE)) is holds


def test_a_password_itself_never_leaves_the_guest() -> None:
    # The file's text is matched inside Where-Object, whose output is the path that came in.
    text = block("state", "answer_files_with_password")
    assert (
        "Where-Object { (Test-Path -LiteralPath $_ -PathType Leaf) -and (Get-AnswerText $_) -match $password }" in text
    )
    assert STATE.count("Get-AnswerText") == 2
    assert "$Matches" not in text


@pytest.mark.parametrize("text", ["[State]\r\nImageState=IMAGE_STATE_COMPLETE\r\n", "[State]\nImageState = A_STATE"])
def test_the_image_state_is_read_from_the_file(text: str) -> None:
    found = re.search(literal("installation", "image_state_file", "[IO.File]::ReadAllText($file),"), text)
    assert found
    assert found[1] in ("IMAGE_STATE_COMPLETE", "A_STATE")


@pytest.mark.parametrize(("text", "count"), [(BOOT_MENU, 1), (BOOT_MENU + SECOND, 2)])
def test_loaders_are_counted_in_any_language_without_the_recovery_environment(text: str, count: int) -> None:
    parts = re.split(literal("installation", "system_loaders", "-split"), text)
    path = literal("installation", "system_loaders", "$_ -match")
    recovery = literal("installation", "system_loaders", "-notmatch")
    assert sum(bool(re.search(path, part, re.I)) and not re.search(recovery, part, re.I) for part in parts) == count


def test_only_the_servicing_that_our_questions_start_is_told_from_ours_by_its_age() -> None:
    text = block("servicing", "busy_processes")
    assert "$ours = 'TiWorker.exe', 'TrustedInstaller.exe'" in text
    assert "$ours -notcontains $_.Name -or $_.CreationDate -lt $started" in text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (r"2026/11/22 10:30:00 ERROR 5 (0x00000005) Accessing Source Directory C:\data\ ", "00000005"),
        (r"2026/11/22 10:30:00 FEHLER 3 (0x00000003) Zugriff auf Quellverzeichnis C:\Temp\x\ ", "00000003"),
        ("Access is denied.", None),
        ("ERROR: RETRY LIMIT EXCEEDED.", None),
    ],
)
def test_an_error_of_robocopy_is_known_by_its_code_in_any_language(text: str, code: str | None) -> None:
    found = re.search(literal("efs", "encrypted_files", "elseif ($text -match"), text, re.IGNORECASE)
    assert (found[1] if found else None) == code
    assert not re.search(literal("efs", "encrypted_files", " if ($text -match"), text)


ASIDE = re.compile(r"\$aside = '([^']*)'\n[^\n]*Get-Aside \$aside (\d+)")


def asides() -> dict[str, int]:
    """Return what the probes ask aside, with how many seconds they wait."""
    texts = [file.read_text(encoding="utf-8") for file in sorted((PROBES / "windows").glob("*.ps1"))]
    return {script: int(seconds) for text in texts for script, seconds in ASIDE.findall(text)}


def test_what_may_wait_for_the_servicing_of_windows_is_given_up_after_a_while() -> None:
    text = (PROBES.parent / "guest" / "prelude.ps1").read_text(encoding="utf-8")
    helper = text.partition("function Get-Aside")[2].partition("\n}\n")[0]
    places = [helper.index(word) for word in ("WaitOne($Seconds * 1000)", "throw ", "EndInvoke")]
    assert places == sorted(places)
    asked = {script.split()[0]: seconds for script, seconds in asides().items()}
    assert asked == {"Repair-WindowsImage": 45, "Get-WindowsFeature": 90, "Get-AppxProvisionedPackage": 90}
    for file in (PROBES / "windows").glob("*.ps1"):
        at_once = {name for name, _ in commands(file.read_text(encoding="utf-8"))}
        assert at_once.isdisjoint(name.lower() for name in asked), file


def test_what_is_asked_aside_is_windows_powershell_5_1_and_writes_nothing() -> None:
    for script in asides():
        assert lacking(script) == []
        assert writing(script, frozenset({"repair-windowsimage"})) == []
        assert "Repair-WindowsImage" not in script or "-CheckHealth" in script
