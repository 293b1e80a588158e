"""Command lines that run a script on Windows: within cmd.exe's limit, and they give the script that was meant."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re

import pytest

from runners.guest.script import load_probes, question
from runners.guest.windows_command import COMMAND_LIMIT, windows_commands

TOKEN = "ab" * 8


def long_script() -> str:
    """Return a script that no packing shortens to one command."""
    return base64.b64encode(random.Random(7).randbytes(15_000)).decode()


def unpacked(commands: list[str]) -> str:
    """Return the script that Windows would run, read from the commands as Windows would read them."""
    *before, last = commands
    if not before:
        (packed,) = re.findall(r"FromBase64String\('([^']*)'\)", last)
    else:
        laid = [re.findall(r"AppendAllText\((.*), '([^']*)'\)\"\Z", command) for command in before]
        assert len({file for ((file, _),) in laid}) == 1
        assert f"$f = {laid[0][0][0]};" in last
        assert last.index("[IO.File]::Delete($f)") < last.index("-ne '") < last.index("FromBase64String($p)")
        packed = "".join(piece for ((_, piece),) in laid)
        assert f"-ne '{hashlib.sha256(packed.encode()).hexdigest()}'" in last
    return gzip.decompress(base64.b64decode(packed)).decode()


@pytest.mark.parametrize(
    ("script", "count"),
    [("Get-Date", 1), (long_script(), 4), (question("windows", load_probes("windows"), "ab" * 8, 3840), None)],
    ids=["short", "long", "the question"],
)
def test_the_commands_carry_the_script(script: str, count: int | None) -> None:
    commands = windows_commands(script, TOKEN)

    assert unpacked(commands) == script
    assert count in (None, len(commands))


@pytest.mark.parametrize("script", ["Get-Date", long_script()], ids=["short", "long"])
def test_no_command_is_too_long_or_holds_what_cmd_would_change(script: str) -> None:
    for command in windows_commands(script, TOKEN):
        assert len(command) <= COMMAND_LIMIT
        assert "%" not in command
        assert command.count('"') == 2


def test_the_file_is_named_for_this_script_alone() -> None:
    assert f"'sealproof-{TOKEN}.part'" in windows_commands(long_script(), TOKEN)[0]
