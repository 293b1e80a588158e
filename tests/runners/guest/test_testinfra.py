"""The channel through testinfra, on this very machine."""

from __future__ import annotations

import asyncio
import os

import pytest

from runners.errors import ChannelError
from runners.guest.channel import Output
from runners.guest.script import ask, load_probes
from runners.guest.testinfra import TestinfraChannel
from tests.runners.guest.machines import InstantScheduler
from tests.runners.guest.test_windows_command import long_script


def run(host_spec: str, script: str) -> Output:
    return asyncio.run(TestinfraChannel(host_spec, InstantScheduler()).run(script))


def test_a_script_runs_and_both_streams_come_back_whole() -> None:
    output = run("local://", "printf 'it'\"'\"'s %s\\n' '$HOME \"x\"'\necho trouble >&2\nexit 3\n")
    assert output == Output('it\'s $HOME "x"\n', "trouble\n")


def test_output_that_is_no_text_is_replaced_not_refused() -> None:
    assert run("local://", "printf 'a\\377b'").stdout == "a�b"


def test_the_question_is_answered_through_testinfra() -> None:
    if os.geteuid() != 0 and not os.access("/run", os.W_OK):
        pytest.skip("a question that may have to wait in /run needs root")
    raw = asyncio.run(ask(TestinfraChannel("local://", InstantScheduler()), "linux"))
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


def test_the_channel_is_named_for_its_backend() -> None:
    assert TestinfraChannel("winrm://host", InstantScheduler(), platform="windows").name == "winrm"


def test_a_piece_that_can_not_be_laid_down_is_a_channel_error() -> None:
    # This machine has no powershell.exe, so the first piece fails as it does where a disk is full.
    channel = TestinfraChannel("local://", InstantScheduler(), platform="windows")
    with pytest.raises(
        ChannelError, match=r"piece 1 of 3 could not be laid down.*reach this guest through Run Command"
    ):
        asyncio.run(channel.run(long_script()))
