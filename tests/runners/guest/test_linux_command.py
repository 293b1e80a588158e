"""The command that runs a script in a POSIX shell: within Linux's limit, and the script that was meant or nothing."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from runners.guest.linux_command import linux_command
from runners.guest.script import load_probes, question
from tests.runners.guest.machines import SHELLS, need_shell

ARGUMENT_LIMIT = 128 * 1024
SCRIPT = """\
it='it'"'"'s "%s" \\n'
printf '%s $0\\n' "$it"
cat <<'END'
two  words
END
exit 3
"""


def run(shell: str, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*need_shell(shell), "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_runs_as_it_was_written(shell: str) -> None:
    done = run(shell, linux_command(SCRIPT))
    assert (done.returncode, done.stdout) == (3, 'it\'s "%s" \\n $0\ntwo  words\n')


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("lost", [4, 40, 4000])
def test_of_a_script_that_did_not_arrive_whole_nothing_is_run(shell: str, lost: int) -> None:
    whole = linux_command("echo first\n" + "".join(f"echo {number}\n" for number in range(5000)))
    packed = whole.split()[2]
    done = run(shell, whole.replace(packed, packed[:-lost]))
    assert (done.returncode, done.stdout) == (1, "")
    assert "so nothing was run" in done.stderr


def test_the_question_fits_into_one_argument_behind_sudo_and_ssh() -> None:
    command = linux_command(question("linux", load_probes("linux"), "ab" * 8, 512 * 1024))
    for program in ("sh -c", "sudo /bin/sh -c", "ssh host"):
        command = f"{program} {shlex.quote(command)}"
    assert len(command.encode()) < ARGUMENT_LIMIT / 2
