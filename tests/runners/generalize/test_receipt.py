"""What a transcript or a stopped disk says happened: the output of real waagent runs, each told rightly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import Receipt
from runners.generalize.receipt import hung_receipt, linux_receipt
from tests.runners.generalize.transcripts import CLEAN, NONCE, recording, transcript

SYSTEM_USER = recording("M") + "2026-11-22T19:20:02.0Z ERROR MainThread games is a system user. Will not delete it.\n"
"""Run K, whose recording is not kept: the message is the agent's own, in `del_account`."""
CLEAR_LINUX = """\
2026-11-22T19:30:00.0Z ERROR MainThread Failed to run 'deprovision+user': __init__() missing 1 required argument
Traceback (most recent call last):
  File "/opt/wala/azurelinuxagent/agent.py", line 336, in main
TypeError: __init__() missing 1 required positional argument: 'distro'
"""
"""Run ZC in its form: no warning was printed, since the handler could not be made."""


def receipt_of(agent: str, exit_code: int = 0) -> Receipt:
    return linux_receipt(b"[    0.0] Linux version 6.1\n" + transcript(NONCE, agent, exit_code), NONCE, CLEAN)


@pytest.mark.parametrize("run", ["A", "B", "M", "O", "P", "V"])
def test_a_run_that_deprovisioned_succeeded(run: str) -> None:
    receipt = receipt_of(recording(run))

    assert (receipt.outcome, receipt.cause, receipt.launched_as) == ("succeeded", "", "root")


def test_a_warning_about_the_hostname_is_no_failure() -> None:
    assert "failed, attempting fallback" in recording("O")
    assert receipt_of(recording("O")).outcome == "succeeded"


@pytest.mark.parametrize(
    ("run", "exit_code", "cause"),
    [
        ("F", 0, "usage: /usr/sbin/waagent"),
        ("Y", 0, "usage: /opt/wala/bin/py3/waagent"),
        ("E", 0, "Do you want to proceed (y/n)"),
        ("D", 1, "EOFError: EOF when reading a line"),
        ("Z", 0, "EOFError: EOF when reading a line"),
        ("C", 0, "WARNING! Skip delete user."),
        ("H", 0, "WARNING! Skip delete user."),
        ("N", 0, "FileNotFoundError: [Errno 2] No such file or directory: '/etc/sysconfig/network-scripts/ifcfg-eth0'"),
    ],
)
def test_a_run_that_did_not_do_its_work_failed_whatever_its_exit_code(run: str, exit_code: int, cause: str) -> None:
    receipt = receipt_of(recording(run), exit_code)

    assert receipt.outcome == "failed"
    assert receipt.cause.startswith(cause)


def test_a_run_that_stopped_half_way_on_suse_names_the_missing_file() -> None:
    suse = recording("N").replace("/etc/sysconfig/network-scripts/ifcfg-eth0", "/etc/sysconfig/network/dhcp")

    receipt = receipt_of(suse)

    assert receipt.outcome == "failed"
    assert receipt.cause == "FileNotFoundError: [Errno 2] No such file or directory: '/etc/sysconfig/network/dhcp'"


def test_a_run_that_spares_a_system_user_failed() -> None:
    receipt = receipt_of(SYSTEM_USER)

    assert receipt.outcome == "failed"
    assert receipt.cause.endswith("games is a system user. Will not delete it.")


def test_an_agent_that_does_not_know_the_distribution_failed() -> None:
    receipt = receipt_of(CLEAR_LINUX)

    assert (receipt.outcome, receipt.cause.split(":")[0]) == ("failed", "TypeError")


def test_an_error_without_a_traceback_is_its_own_cause() -> None:
    line = "[Errno 13] Permission denied: '/etc/ssh/ssh_host_rsa_key'"

    assert receipt_of(recording("A") + line).cause == line


def test_a_traceback_without_a_named_error_is_told_by_its_last_line() -> None:
    cut = "Traceback (most recent call last):\n  File agent.py, line 1, in main"

    assert receipt_of(recording("A") + cut).cause == "  File agent.py, line 1, in main"


def test_an_agent_that_was_killed_at_its_time_limit_hung() -> None:
    assert receipt_of("", 124).outcome == "hung"


def test_an_exit_code_other_than_0_failed() -> None:
    receipt = receipt_of(recording("A"), 3)

    assert (receipt.outcome, receipt.cause) == ("failed", "waagent ended with exit code 3")


def test_an_agent_that_printed_no_warning_is_unknown_although_it_exited_with_0() -> None:
    assert receipt_of("all done", 0).outcome == "unknown"


def test_a_removal_that_was_asked_for_and_not_done_failed() -> None:
    log = transcript(NONCE, recording("A"), clean=["machine-id"])

    receipt = linux_receipt(log, NONCE, CLEAN)

    assert (receipt.outcome, receipt.cause) == ("failed", "not removed after waagent, though asked for: passwd-backups")


@pytest.mark.parametrize("line", ["waagent-exit", "end"])
def test_a_transcript_that_ends_early_is_unknown(line: str) -> None:
    log = transcript(NONCE, recording("A"))
    cut = log[: log.index(line.encode())]

    receipt = linux_receipt(cut, NONCE, ())

    assert receipt.outcome == "unknown"
    assert "ends before" in receipt.cause


@pytest.mark.parametrize("log", [b"", b"\xff\xfe\x00", transcript("0" * 20, recording("A"))])
def test_a_log_without_this_launch_s_lines_is_unknown(log: bytes) -> None:
    receipt = linux_receipt(log, NONCE, ())

    assert (receipt.outcome, receipt.excerpt) == ("unknown", ())


def test_console_noise_before_a_line_does_not_hide_it() -> None:
    noisy = transcript(NONCE, recording("A")).replace(b"sealproof[", b"[   21.9] sealproof[")

    assert linux_receipt(noisy, NONCE, CLEAN).outcome == "succeeded"


def test_an_excerpt_is_short_and_its_lines_are_too() -> None:
    receipt = receipt_of(recording("A") + ("x" * 5000 + "\n") * 100)

    assert len(receipt.excerpt) == 20
    assert max(map(len, receipt.excerpt)) == 300


@given(st.binary(max_size=400), st.integers(0, 2000))
def test_no_cut_and_no_noise_makes_a_success_of_a_failure(noise: bytes, cut: int) -> None:
    log = transcript(NONCE, recording("N"))

    assert linux_receipt(log[:cut] + b"\n" + noise, NONCE, CLEAN).outcome != "succeeded"


@given(st.integers(0, len(transcript(NONCE, recording("A"))) - len(f"\nsealproof[{NONCE}]: end\r\n")))
def test_a_transcript_that_was_cut_anywhere_is_no_success(cut: int) -> None:
    assert linux_receipt(transcript(NONCE, recording("A"))[:cut], NONCE, CLEAN).outcome != "succeeded"


def test_a_hung_receipt_says_how_long() -> None:
    assert hung_receipt(7.5, "root") == Receipt(
        "hung", "the guest was still running 7.5 minutes after the launch", "root"
    )
