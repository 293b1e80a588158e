"""The channel through testinfra, on this very machine."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import testinfra

from runners.errors import ChannelError
from runners.guest.channel import Output
from runners.guest.script import ask, load_probes
from runners.guest.testinfra import TestinfraChannel
from runners.password import find_password
from tests.runners.guest.test_windows_command import long_script


def run(host_spec: str, script: str) -> Output:
    return asyncio.run(TestinfraChannel(host_spec).run(script))


def test_a_script_runs_and_both_streams_come_back_whole() -> None:
    output = run("local://", "printf 'it'\"'\"'s %s\\n' '$HOME \"x\"'\necho trouble >&2\nexit 3\n")
    assert output == Output('it\'s $HOME "x"\n', "trouble\n")


def test_a_script_longer_than_any_argument_runs() -> None:
    assert run("local://", "#" * 200_000 + "\necho reached\n").stdout == "reached\n"


def test_a_host_that_hangs_is_a_channel_error_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    over = tmp_path / "over"
    places = asyncio.Semaphore(1)
    hanging = TestinfraChannel("local://", within=timedelta(seconds=0.3), places=places)

    async def one_after_another() -> Output:
        with pytest.raises(ChannelError, match=r"no answer within 0\.005 minutes.*look whether the host hangs"):
            await hanging.run(f"until [ -e {over} ]; do sleep 0.1; done")
        return await TestinfraChannel("local://", places=places).run("echo reached")

    assert asyncio.run(one_after_another()).stdout == "reached\n"
    over.touch()


def test_ssh_is_told_to_ask_nobody_and_to_give_up_who_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\necho "$@"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    told = run("ssh://builder@golden", "true").stdout
    assert "-o BatchMode=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=4" in told


def test_output_that_is_no_text_is_replaced_not_refused() -> None:
    assert run("local://", "printf 'a\\377b'").stdout == "a�b"


def test_the_question_is_answered_through_testinfra() -> None:
    if os.geteuid() != 0 and not os.access("/run", os.W_OK):
        pytest.skip("a question that may have to wait in /run needs root")
    raw = asyncio.run(ask(TestinfraChannel("local://"), "linux"))
    assert raw.invocations == 1
    assert set(raw.answers) == {probe.name for probe in load_probes("linux")}


@pytest.mark.parametrize(
    "host_spec", ["nonsense://x", "ssh://root@127.0.0.1:1", "paramiko://root@127.0.0.1:1", "winrm://u:p@127.0.0.1:1"]
)
def test_a_host_that_cannot_be_reached_is_a_channel_error(host_spec: str) -> None:
    with pytest.raises(ChannelError, match="Check that the host is up"):
        run(host_spec, "echo reached")


def test_a_password_in_the_host_specification_is_not_in_the_error() -> None:
    with pytest.raises(ChannelError) as raised:
        run("nonsense://user:CANARY@host", "true")
    assert "CANARY" not in str(raised.value)


class Host:
    """testinfra's host with a backend as the WinRM one: it quotes its password, as an error may."""

    def __init__(self) -> None:
        self.backend = self
        self.conn_args: dict[str, str | None] = {"password": None}

    def run(self, *_: str) -> object:
        raise RuntimeError(f"rejected: {self.conn_args['password']}")


def test_a_password_reaches_the_backend_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    host, specs = Host(), []

    def get_host(spec: str, **_more: str) -> Host:
        specs.append(spec)
        return host

    monkeypatch.setattr(testinfra, "get_host", get_host)
    channel = TestinfraChannel("winrm://builder@golden", password=lambda: "CANARY")

    with pytest.raises(ChannelError, match=r"rejected: \*\*\*"):
        asyncio.run(channel.run("x"))
    assert (host.conn_args["password"], specs) == ("CANARY", ["winrm://builder@golden"])


def test_a_password_that_is_not_where_it_should_be_is_a_channel_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEALPROOF_TEST", raising=False)
    find = partial(find_password, "the channel winrm://builder@golden", "SEALPROOF_TEST", None)
    channel = TestinfraChannel("winrm://builder@golden", password=find)

    with pytest.raises(ChannelError, match="is to be in the environment variable SEALPROOF_TEST"):
        asyncio.run(channel.run("x"))


def test_the_channel_is_named_for_its_backend() -> None:
    assert TestinfraChannel("winrm://host", platform="windows").name == "winrm"


def test_a_piece_that_can_not_be_laid_down_is_a_channel_error() -> None:
    # This machine has no powershell.exe, so the first piece fails as it does where a disk is full.
    channel = TestinfraChannel("local://", platform="windows")
    with pytest.raises(
        ChannelError, match=r"piece 1 of 3 could not be laid down.*reach this guest through Run Command"
    ):
        asyncio.run(channel.run(long_script()))
