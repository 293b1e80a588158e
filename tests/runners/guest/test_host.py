"""testinfra's `host` over a channel that carries no exit code and at most 4,096 bytes: real shells and commands."""

from __future__ import annotations

import base64
import gzip
import pwd
import re
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from runners.errors import ChannelError, FrameError
from runners.guest.channel import Output
from runners.guest.command import BYTE_LIMIT, command_script, read_result
from runners.guest.host import guest_host, host_for
from tests.runners.guest.machines import SHELLS, TAIL, need_shell

NASTY = 'it\'s "$HOME" `id` \\ \\n \x0c\u2028 é %s\t!* ;&|\n\nend\n'
NONCE = "ab" * 8


class RunCommand:
    """Runs scripts in a shell of this machine, line by line and cut as Azure's Run Command does."""

    def __init__(self, shell: Sequence[str] = ("sh",)) -> None:
        self.shell = shell
        self.scripts = 0

    def __call__(self, script: str) -> Output:
        self.scripts += 1
        lines = "\n".join(script.splitlines())
        done = subprocess.run([*self.shell, "-c", lines], capture_output=True, check=False)
        return Output(done.stdout[-TAIL:].decode(), done.stderr[-TAIL:].decode())


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest) -> Any:
    return guest_host(RunCommand(need_shell(request.param)), "linux", name="golden01")


def test_a_command_has_its_exit_status_and_both_streams(host: Any) -> None:
    result = host.run("echo out; echo err >&2; exit 3")
    assert (result.rc, result.stdout, result.stderr) == (3, "out\n", "err\n")


def test_a_command_that_prints_nothing_and_succeeds_is_that(host: Any) -> None:
    result = host.run("true")
    assert (result.rc, result.stdout_bytes, result.stderr_bytes) == (0, b"", b"")


@pytest.mark.parametrize("text", [NASTY, "", "a" * 20_000, "}:" + NONCE + "{sealproof-command:1:"])
def test_any_argument_arrives_as_it_is(host: Any, text: str) -> None:
    assert host.run("printf %%s %s", text).stdout == text


def test_bytes_come_back_as_they_are(host: Any) -> None:
    assert host.run("printf 'a\\0b\\377'").stdout_bytes == b"a\0b\xff"
    assert host.run("printf 'a\\377'").stdout == "a\ufffd"


def test_a_killed_command_has_the_shells_exit_status(host: Any) -> None:
    assert host.run("kill -9 $$").rc == 137


def test_a_command_that_reads_its_input_finds_none(host: Any) -> None:
    assert host.run("cat; echo end").stdout == "end\n"


def test_modules_of_testinfra_work_through_it() -> None:
    host = guest_host(RunCommand(), "linux")
    root = pwd.getpwnam("root")
    assert host.file("/etc/passwd").mode == 0o644
    assert host.file("/nowhere").exists is False
    assert (host.user("root").uid, host.user("root").home) == (0, root.pw_dir)
    assert host.system_info.type == "linux"
    assert host.package("no-such-package").is_installed is False


def test_what_is_not_asked_twice_costs_no_command_twice() -> None:
    run = RunCommand()
    host = guest_host(run, "linux")
    assert host.system_info.type == "linux"
    before = run.scripts
    assert host.system_info.distribution
    assert run.scripts == before


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("head -c 5000 /dev/urandom", r"\d+ bytes packed, and 3840 come back"),
        ("head -c 5000 /dev/urandom >&2", r"\d+ bytes packed, and 3840 come back"),
        (f"head -c {BYTE_LIMIT + 1} /dev/zero", f"more than {BYTE_LIMIT} bytes to its standard output"),
        (f"head -c {BYTE_LIMIT * 3} /dev/zero >&2", f"more than {BYTE_LIMIT} bytes to its standard error"),
    ],
)
def test_too_much_output_is_an_error_and_never_cut(host: Any, command: str, told: str) -> None:
    with pytest.raises(
        FrameError, match=f"running a command in golden01: .*{told}; let it print less.*The command: head -c "
    ):
        host.run(command)


def test_as_much_as_is_taken_comes_back_whole(host: Any) -> None:
    assert host.run(f"head -c {BYTE_LIMIT} /dev/zero").stdout_bytes == bytes(BYTE_LIMIT)


def test_an_answer_that_the_channel_cut_is_an_error() -> None:
    host = guest_host(lambda script: Output(RunCommand()(script).stdout[-20:], "disk full"), "linux")
    with pytest.raises(FrameError, match=r"start was cut off.*standard error ends with: disk full"):
        host.run("true")


def test_a_guest_without_a_tool_says_which() -> None:
    def run(script: str) -> Output:
        return RunCommand()(script.replace("for tool in ", "for tool in missing-gzip ", 1))

    with pytest.raises(FrameError, match="missing-gzip is not installed in this guest"):
        guest_host(run, "linux").run("true")


def test_what_the_channel_raises_is_raised() -> None:
    def run(_script: str) -> Output:
        raise ChannelError("the VM is busy")

    with pytest.raises(ChannelError, match="the VM is busy"):
        guest_host(run, "linux").run("true")


@pytest.mark.parametrize("stream", ["", "H4sIAAAA", "!!!!", base64.b64encode(b"no gzip").decode()])
def test_a_damaged_result_is_an_error(stream: str) -> None:
    with pytest.raises(FrameError):
        read_result(f"{{sealproof-command:1:{NONCE}:0:{stream}:{stream}:{NONCE}}}", NONCE)


def test_a_result_of_another_command_is_an_error() -> None:
    printed = RunCommand()(command_script("linux", "true", "cd" * 8, 3840)).stdout
    with pytest.raises(FrameError, match="answers another question"):
        read_result(printed, NONCE)


# Windows: what is sent can be looked at here; no Windows runs it in our tests.


def test_a_windows_command_is_sent_as_it_is() -> None:
    sent: list[str] = []

    def run(script: str) -> Output:
        sent.append(script)
        nonce = re.search(r"^# nonce: (\w+)$", script, re.MULTILINE)
        assert nonce
        packed = base64.b64encode(gzip.compress(b"True\r\n")).decode()
        return Output(f"{{sealproof-command:1:{nonce[1]}:-1073741819:{packed}:{packed}:{nonce[1]}}}\r\n")

    result = guest_host(run, "windows").run("dir %s %s", "C:\\Program Files", "C:/x")
    packed = re.search(r"^\$packed='([^']+)'$", sent[0], re.MULTILINE)
    assert packed
    assert base64.b64decode(packed[1]).decode() == 'dir "C:\\Program Files" C:/x'
    assert (result.rc, result.stdout) == (-1073741819, "True\r\n")


@pytest.mark.parametrize("argument", ['a"b', "%PATH%", "a\nb"])
def test_what_nothing_quotes_on_windows_is_refused(argument: str) -> None:
    host = guest_host(lambda _script: Output(""), "windows")
    with pytest.raises(ValueError, match=r"cmd\.exe protects no double quote"):
        host.run("echo %s", argument)


def test_a_host_of_another_channel_is_testinfras_own() -> None:
    host = host_for("local://", lambda _script: Output(""), "linux")
    assert host.backend.get_connection_type() == "local"
    assert host_for("run-command", lambda _script: Output(""), "linux", name="g").backend.get_hostname() == "g"
