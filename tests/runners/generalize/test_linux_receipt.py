"""What a transcript says happened: the output of real waagent runs, each told rightly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import Policy, Receipt
from runners.generalize.linux_receipt import linux_receipt
from tests.runners.generalize.transcripts import CLEAN, NONCE, RECORDINGS, recording, transcript

POLICY = Policy(clean=CLEAN)

SYSTEM_USER = recording("M") + "2026-11-22T19:20:02.0Z ERROR MainThread games is a system user. Will not delete it.\n"
"""Run K, whose recording is not kept: the message is the agent's own, in `del_account`."""
CLEAR_LINUX = """\
2026-11-22T19:30:00.0Z ERROR MainThread Failed to run 'deprovision+user': __init__() missing 1 required argument
Traceback (most recent call last):
  File "/opt/wala/azurelinuxagent/agent.py", line 336, in main
TypeError: __init__() missing 1 required positional argument: 'distro'
"""
"""Run ZC in its form: no warning was printed, since the handler could not be made."""


def receipt_of(agent: str, exit_code: int = 0, policy: Policy = POLICY) -> Receipt:
    return linux_receipt(b"[    0.0] Linux version 6.1\n" + transcript(NONCE, agent, exit_code), NONCE, policy)


@pytest.mark.parametrize("run", ["A", "M", "O", "P", "V"])
def test_a_run_that_deprovisioned_succeeded(run: str) -> None:
    receipt = receipt_of(recording(run))

    assert (receipt.outcome, receipt.cause, receipt.launched_as) == ("succeeded", "", "root")


def test_a_warning_about_the_hostname_is_no_failure() -> None:
    assert "failed, attempting fallback" in recording("O")
    assert receipt_of(recording("O")).outcome == "succeeded"


IFCFG = "FileNotFoundError: [Errno 2] No such file or directory: '/etc/sysconfig/network-scripts/ifcfg-eth0'"
UNDONE = (
    "set the host name for DHCP, lock root's password, empty waagent's folders, delete its log and root's shell "
    "history, delete resolv.conf, delete the account, delete its firewall units"
)


@pytest.mark.parametrize(
    ("run", "exit_code", "cause"),
    [
        ("F", 0, "did nothing: usage: /usr/sbin/waagent"),
        ("Y", 0, "did nothing: usage: /opt/wala/bin/py3/waagent"),
        ("E", 0, "did nothing: Do you want to proceed (y/n)"),
        ("D", 1, "did nothing: EOFError: EOF when reading a line"),
        ("Z", 0, "did nothing: EOFError: EOF when reading a line"),
        ("G", 1, "did nothing: azurelinuxagent.common.exception.AgentConfigError: [AgentConfigError] Missing conf"),
        ("C", 0, "kept the user: WARNING! Skip delete user."),
        ("H", 0, "kept the user: WARNING! Skip delete user."),
        ("B", 0, "kept the user: waagent did not say that it would delete an account"),
        ("N", 0, f"stopped half-way after: set the host name: {IFCFG}; not done: {UNDONE}"[:300]),
    ],
)
def test_a_run_that_did_not_do_its_work_failed_whatever_its_exit_code(run: str, exit_code: int, cause: str) -> None:
    receipt = receipt_of(recording(run), exit_code)

    assert receipt.outcome == "failed"
    assert receipt.cause.startswith(cause)


def test_every_recorded_run_is_classified_here() -> None:
    told = {"X", "F", "Y", "E", "D", "Z", "G", "C", "H", "B", "N", "A", "M", "O", "P", "V"}
    assert {path.name[0] for path in RECORDINGS.glob("*.txt")} == told


def test_a_run_that_was_to_keep_the_user_succeeded() -> None:
    assert receipt_of(recording("B"), policy=Policy(deprovision_user=False, clean=CLEAN)).outcome == "succeeded"


def stopped_in(function: str, error: str) -> str:
    """Return run N as it would be, had it stopped in another action of the agent's."""
    return recording("N").replace("in set_dhcp_hostname", f"in {function}").replace(IFCFG, error)


@pytest.mark.parametrize(
    ("function", "error", "told"),
    [
        (
            "stop_agent_service",
            "OSError: [Errno 5] I/O",
            "before its first action: OSError: [Errno 5] I/O; not done: stop the agent, delete",
        ),
        ("rm_files", "PermissionError: [Errno 1] no: '/etc/ssh/ssh_host_rsa_key'", "after: stop the agent: Perm"),
        (
            "rm_files",
            "PermissionError: [Errno 1] no: '/var/lib/dhcp/a.leases'",
            "after: delete the SSH host keys: Perm",
        ),
        (
            "rm_files",
            "PermissionError: [Errno 1] no: '/etc/resolv.conf'",
            "after: delete its log and root's shell history: P",
        ),
        ("rm_dirs", "OSError: [Errno 16] busy: '/var/lib/waagent'", "after: lock root's password: OSError"),
        ("del_account", "OSError: [Errno 2] no: '/var/run/utmp'", "after: delete resolv.conf: OSError"),
        ("del_account_of_a_later_version", "OSError: gone", "before its first action: OSError"),
    ],
)
def test_a_run_that_stopped_half_way_tells_after_which_action(function: str, error: str, told: str) -> None:
    receipt = receipt_of(stopped_in(function, error))

    assert receipt.outcome == "failed"
    assert receipt.cause.startswith(f"stopped half-way {told}")


def test_an_action_that_is_switched_off_is_neither_done_nor_undone() -> None:
    kept = recording("N").replace("WARNING! root password will be disabled.", "").replace("WARNING! All SSH host", "")

    assert "host keys" not in receipt_of(kept).cause
    assert "root's password" not in receipt_of(kept).cause


def test_a_traceback_that_ends_in_the_list_of_actions_itself_is_before_the_first_action() -> None:
    cut = recording("N").split('  File "/opt/wala/azurelinuxagent/common/osutil/redhat.py"', 1)[0] + IFCFG

    assert receipt_of(cut).cause.startswith("stopped half-way before its first action")


def test_a_run_that_stopped_half_way_on_suse_names_the_missing_file_in_its_excerpt() -> None:
    suse = recording("N").replace("/etc/sysconfig/network-scripts/ifcfg-eth0", "/etc/sysconfig/network/dhcp")

    receipt = receipt_of(suse)

    assert receipt.outcome == "failed"
    assert any("'/etc/sysconfig/network/dhcp'" in line for line in receipt.excerpt)


def test_a_run_that_spares_a_system_user_failed() -> None:
    receipt = receipt_of(SYSTEM_USER)

    assert receipt.outcome == "failed"
    assert receipt.cause.endswith("games is a system user. Will not delete it.")


def test_a_user_that_could_not_be_removed_was_kept() -> None:
    line = "2026-11-22T19:20:02.0Z ERROR MainThread Command: [userdel -f -r azureuser], return code: [{}], result: []\n"

    receipt = receipt_of(recording("A") + line.format(1))

    assert (receipt.outcome, receipt.cause.split(":")[0]) == ("failed", "kept the user")
    assert receipt_of(recording("A") + line.format(0)).outcome == "succeeded"


def test_an_agent_that_does_not_know_the_distribution_failed() -> None:
    receipt = receipt_of(CLEAR_LINUX)

    assert (receipt.outcome, receipt.cause[:23]) == ("failed", "did nothing: TypeError:")


def test_an_error_without_a_traceback_is_its_own_cause() -> None:
    line = "[Errno 13] Permission denied: '/etc/ssh/ssh_host_rsa_key'"

    assert receipt_of(recording("A") + line).cause == f"stopped half-way: {line}"


def test_a_traceback_without_a_named_error_is_told_by_its_last_line() -> None:
    cut = "Traceback (most recent call last):\n  File agent.py, line 1, in main"

    assert receipt_of(recording("A") + cut).cause == "did nothing:   File agent.py, line 1, in main"


@pytest.mark.parametrize("code", [124, 137])
def test_an_agent_that_was_killed_at_its_time_limit_hung(code: int) -> None:
    assert receipt_of("", code).outcome == "hung"


def test_an_agent_that_looks_for_a_default_route_without_end_hung_whatever_else_it_said() -> None:
    # Run N0, whose recording is not kept: RHEL without a default route.
    told = (
        recording("N").splitlines()[:8] + ["2026-11-22T19:26:10.348861Z INFO MainThread Primary interface is []"] * 99
    )

    receipt = receipt_of("\n".join(told), 124)

    assert receipt.outcome == "hung"
    assert receipt.cause.endswith("INFO MainThread Primary interface is []")


def test_an_exit_code_other_than_0_failed() -> None:
    receipt = receipt_of(recording("A"), 3)

    assert (receipt.outcome, receipt.cause) == ("failed", "waagent ended with exit code 3")


def test_an_agent_that_printed_no_warning_is_unknown_although_it_exited_with_0() -> None:
    assert receipt_of("all done", 0).outcome == "unknown"


def test_a_removal_that_was_asked_for_and_not_done_failed() -> None:
    log = transcript(NONCE, recording("A"), clean=["machine-id"])

    receipt = linux_receipt(log, NONCE, POLICY)

    assert (receipt.outcome, receipt.cause) == ("failed", "not removed after waagent, though asked for: passwd-backups")


def test_a_removal_that_failed_says_why() -> None:
    log = transcript(NONCE, recording("A"), clean=["machine-id"])
    why = f"\r\nsealproof[{NONCE}]: clean| rm: cannot remove 'etc/shadow-'\r\nsealproof[{NONCE}]: cleaned machine-id"

    receipt = linux_receipt(
        log.replace(f"\r\nsealproof[{NONCE}]: cleaned machine-id".encode(), why.encode()), NONCE, POLICY
    )

    assert receipt.cause.endswith("passwd-backups (rm: cannot remove 'etc/shadow-')")


CLOUD_INIT = Policy(clean=CLEAN, cloud_init=("logs",))


def told_of_cloud_init(*lines: str) -> Receipt:
    said = "".join(f"\r\nsealproof[{NONCE}]: {line}\r\n" for line in lines).encode()
    return linux_receipt(said + transcript(NONCE, recording("V")), NONCE, CLOUD_INIT)


def test_a_run_with_cloud_init_s_own_cleaning_succeeded() -> None:
    assert told_of_cloud_init("cloud-init-exit 0").outcome == "succeeded"


def test_a_transcript_without_cloud_init_s_end_is_unknown() -> None:
    assert told_of_cloud_init().outcome == "unknown"


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (("cloud-init-exit absent",), "did nothing: cloud-init is not installed"),
        (("cloud-init-exit 2",), "did nothing: cloud-init clean ended with exit code 2, so waagent was not started"),
        (("cloud-init| unrecognized arguments: --machine-id", "cloud-init-exit 2"), "did nothing: cloud-init clean"),
    ],
)
def test_cloud_init_that_failed_kept_waagent_from_its_start(lines: tuple[str, ...], cause: str) -> None:
    receipt = told_of_cloud_init(*lines)

    assert receipt.outcome == "failed"
    assert receipt.cause.startswith(cause)


@pytest.mark.parametrize("line", ["waagent-exit", "end"])
def test_a_transcript_that_ends_early_is_unknown(line: str) -> None:
    log = transcript(NONCE, recording("A"))
    cut = log[: log.index(line.encode())]

    receipt = linux_receipt(cut, NONCE, Policy())

    assert receipt.outcome == "unknown"
    assert "ends before" in receipt.cause


@pytest.mark.parametrize("log", [b"", b"\xff\xfe\x00", transcript("0" * 20, recording("A"))])
def test_a_log_without_this_launch_s_lines_is_unknown(log: bytes) -> None:
    receipt = linux_receipt(log, NONCE, Policy())

    assert (receipt.outcome, receipt.excerpt) == ("unknown", ())


def test_console_noise_before_a_line_does_not_hide_it() -> None:
    noisy = transcript(NONCE, recording("A")).replace(b"sealproof[", b"[   21.9] sealproof[")

    assert linux_receipt(noisy, NONCE, POLICY).outcome == "succeeded"


def test_an_excerpt_is_short_and_its_lines_are_too() -> None:
    receipt = receipt_of(recording("A") + ("x" * 5000 + "\n") * 100)

    assert len(receipt.excerpt) == 20
    assert max(map(len, receipt.excerpt)) == 300


@given(st.binary(max_size=400), st.integers(0, 2000))
def test_no_cut_and_no_noise_makes_a_success_of_a_failure(noise: bytes, cut: int) -> None:
    log = transcript(NONCE, recording("N"))

    assert linux_receipt(log[:cut] + b"\n" + noise, NONCE, POLICY).outcome != "succeeded"


@given(st.integers(0, len(transcript(NONCE, recording("A"))) - len(f"\nsealproof[{NONCE}]: end\r\n")))
def test_a_transcript_that_was_cut_anywhere_is_no_success(cut: int) -> None:
    assert linux_receipt(transcript(NONCE, recording("A"))[:cut], NONCE, POLICY).outcome != "succeeded"


def test_cloud_init_s_cleaning_alone_is_no_deprovisioning() -> None:
    assert receipt_of(recording("X")).outcome == "unknown"
