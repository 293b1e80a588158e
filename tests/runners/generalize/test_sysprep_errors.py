"""Sysprep's error log, read rightly: the cause and not what follows from it, and nothing that was written before."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.generalize.sysprep_errors import CAUSES, CODES, diagnose, excerpt, since

ONE_DRIVE = "Microsoft.OneDriveSync_21220.1024.5.0_neutral__8wekyb3d8bbwe"
APPX = f"SYSPRP Package {ONE_DRIVE} was installed for a user, but not provisioned for all users."
APPX_FOLLOWERS = (
    "SYSPRP Failed to remove apps for the current user: 0x80073cf2.",
    "SYSPRP Exit code of RemoveAllApps thread was 0x3cf2.",
    r"SYSPRP ActionPlatform::LaunchModule: Failure occurred while executing 'SysprepGeneralizeValidate' from "
    r"C:\Windows\System32\AppxSysprep.dll; dwRet = 0x3cf2",
)
HIT = "SYSPRP WinMain:Hit failure while processing sysprep generalize internal providers; hr = 0x80073cf2"
HARMLESS = (
    "SPPNP: Failed to queue enumerated driver packages. Err = 0x57",
    r"SYSPRP Unable to uninstall device ROOT\UMBUS\0000. Err = 0xE0000231",
    "SYSPRP MRTGeneralize:135 - ERROR: failed with hr=2147749904",
)

SAMPLES = {
    "the package MiracastView": "SYSPRP Package Windows.MiracastView_6.3.0.0_neutral__cw5n1h2txyewy was installed",
    f"package {ONE_DRIVE}": APPX,
    "rearmed as often": "SYSPRP RunExternalDlls: slc.dll, SLReArmWindows; hr = 0xc004d307",
    "the licensing service refused": "SYSPRP slc.dll, SLReArmWindows returned 0xc004f075",
    "reserved storage": "SYSPRP Audit mode cannot be turned on if reserved storage is in use; 0x800F0975",
    "not fully decrypted": "SYSPRP BitLocker-Sysprep: BitLocker is on for the OS volume. (0x80310039)",
    "waits for a restart": "SYSPRP There are one or more Windows updates that require a reboot. hr = 0x8007139f",
    "Defender": r"SYSPRP Failed to delete senseGuid below Microsoft\Windows Advanced Threat Protection: 0x80070005",
    "TrustedInstaller": "SYSPRP Failed to query pending CBS operations; hr = 0x80080005",
    "Desired State Configuration": "SYSPRP RunDlls: DscCore.dll,SysPrep_Cleanup returned 0x2",
    "broken off half-way": "SYSPRP WinMain: Not running DLLs; either the machine is in an invalid state or we couldn't "
    "update the recorded state, dwRet = 31",
    "guest agent": r"SYSPRP LoadLibrary of C:\WindowsAzure\VMAgentDisabler.dll failed",
    "boot configuration": "SYSPRP spbcd.dll,Sysprep_Generalize_Bcd returned 2; gle = 0x12",
    "event logs": "SYSPRP wevtapi.dll failed to clear the event logs: 0x3",
    "a Store package": "SYSPRP Failed to remove apps for the current user: 0x80073cf2.",
    "could not be rearmed": "SYSPRP slc.dll, SLReArmWindows returned 0x1",
    "access was denied": "SYSPRP Something returned 0x80070005",
}


def at(time: str, text: str, level: str = "Error") -> str:
    return f"2026-11-22 {time}, {level}                 {text}"


@pytest.mark.parametrize(("cause", "line"), SAMPLES.items())
def test_each_known_error_is_told_from_its_line(cause: str, line: str) -> None:
    found = diagnose([at("10:00:05", line)])

    assert found is not None
    assert cause in found.cause
    assert found.line == line
    assert found.remedy
    assert found.source
    assert found.sentence == f"{found.cause}: {line}"


def test_every_known_error_has_a_sample() -> None:
    seen = {next(item for item in (*CAUSES, *CODES) if item.pattern.search(line)) for line in SAMPLES.values()}

    assert seen == {*CAUSES, *CODES}
    assert {item.grade for item in seen} <= set("DEIC")


def test_the_package_is_named_and_its_followers_are_not_the_cause() -> None:
    found = diagnose([at("10:00:05", HIT), *(at("10:00:05", line) for line in APPX_FOLLOWERS), at("10:00:06", APPX)])

    assert found is not None
    assert ONE_DRIVE in found.cause


def test_the_first_of_several_causes_counts() -> None:
    lines = [SAMPLES["waits for a restart"], APPX]

    assert diagnose(lines) == diagnose(lines[:1])


def test_harmless_lines_alone_are_no_failure() -> None:
    assert diagnose([at("10:00:05", line) for line in HARMLESS]) is None
    assert diagnose([]) is None


def test_harmless_lines_do_not_hide_the_cause() -> None:
    found = diagnose([*HARMLESS, "SYSPRP Something else went wrong", *HARMLESS])

    assert found is not None
    assert (found.line, found.cause, found.sentence) == ("SYSPRP Something else went wrong", "", found.line)


def test_a_line_that_says_more_than_that_something_failed_comes_first() -> None:
    follower = "SYSPRP RunPlatformActions:Failed while executing Sysprep session actions; dwRet = 0x7"
    found, only = diagnose([follower, "SYSPRP The clock fell off"]), diagnose([follower])

    assert found is not None
    assert only is not None
    assert (found.line, only.line) == ("SYSPRP The clock fell off", follower)


# What is kept


def test_an_excerpt_holds_the_logs_own_lines_and_known_ones_and_no_others() -> None:
    lines = (at("10:00:05", APPX), at("10:00:05", "SYSPRP x", "Info"), "Password: CANARY", HARMLESS[0], f"  {HIT}")

    assert excerpt(lines) == (at("10:00:05", APPX), HARMLESS[0], HIT)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (r"SYSPRP Failed at C:\Users\Jane Doe\AppData\Local\x", r"SYSPRP Failed at C:\Users\...\AppData\Local\x"),
        (r"SYSPRP Failed at 'C:\Users\jane' twice", r"SYSPRP Failed at 'C:\Users\...' twice"),
        ("SYSPRP profile S-1-5-21-1004336348-1177238915-682003330-512", "SYSPRP profile S-1-5-21-..."),
    ],
)
def test_users_are_not_named(text: str, kept: str) -> None:
    assert excerpt([at("10:00:05", text)]) == (at("10:00:05", kept),)
    found = diagnose([text])
    assert found is not None
    assert found.line == kept


@given(st.lists(st.text(max_size=400), max_size=5))
def test_whatever_a_guest_writes_is_read_and_stays_short(lines: list[str]) -> None:
    assert all(len(line) <= 300 for line in excerpt(lines))
    found = diagnose(lines)
    assert found is None or len(found.line) <= 300


# What is new


def test_lines_from_before_the_launch_are_left_out_with_what_belongs_to_them() -> None:
    lines = ("cut off", at("09:59:59", "SYSPRP old"), "  and its rest", at("10:00:00", "SYSPRP new"), "  and its rest")

    assert since(lines, datetime(2026, 11, 22, 10, 0)) == lines[3:]


def test_a_log_without_any_time_is_new() -> None:
    assert since(("SYSPRP x", "SYSPRP y"), datetime(2026, 11, 22, 10, 0)) == ("SYSPRP x", "SYSPRP y")


def test_a_time_that_can_not_be_is_none() -> None:
    assert since(("2026-02-31 10:00:00, Error   SYSPRP x",), datetime(2026, 11, 22)) != ()
