"""The whole question, asked of real shells on planted files, through the forms and limits of Run Command."""

from __future__ import annotations

import asyncio
import base64
import random
import stat
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from runners.errors import FrameError, UsageError
from runners.guest.channel import Output
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.run_command import RunCommandChannel
from runners.guest.script import PROBES, RawAnswers, ask, load_probes, question
from tests.runners.guest.machines import (
    SHELLS,
    InstantScheduler,
    LinuxRunCommand,
    PlantedGuest,
    need_shell,
)
from tests.runners.guest.planted import CANARY, FILES, LINKS, PATH

LINUX = tuple(sorted(path.stem for path in (PROBES / "linux").glob("*.sh")))


def planted(folder: Path, shell: Sequence[str] = ("sh",)) -> LinuxRunCommand:
    return LinuxRunCommand(PlantedGuest(folder, FILES, shell=shell, links=LINKS, path=PATH))


def asked(azure: LinuxRunCommand, extra: Sequence[Path] = ()) -> RawAnswers:
    return asyncio.run(ask(RunCommandChannel(azure, InstantScheduler()), "linux", extra=extra))


def noise(folder: Path, kilobytes: int) -> Path:
    """Return a user's own probe whose answer hardly compresses."""
    text = base64.b64encode(random.Random(7).randbytes(kilobytes * 768)).decode()
    probe = folder / "noise.sh"
    probe.write_text("cat <<'EOF'\n" + "\n".join(text[at : at + 76] for at in range(0, len(text), 76)) + "\nEOF\n")
    return probe


def waiting(azure: LinuxRunCommand) -> list[Path]:
    """Return what is left in /run, but for the notes of the `mount` that planted the guest."""
    return sorted(file for file in (azure.guest.root / "run").iterdir() if file.name != "mount")


@pytest.mark.parametrize("shell", SHELLS)
def test_an_ordinary_guest_answers_in_one_invocation(tmp_path: Path, shell: str) -> None:
    azure = planted(tmp_path, need_shell(shell))
    raw = asked(azure)
    assert raw.invocations == 1
    assert tuple(raw.answers) == LINUX
    assert b"ovf_name=azureuser\n" in raw.answers["ovf_account"]
    assert raw.cut == frozenset()
    assert waiting(azure) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_long_answer_waits_in_run_and_is_fetched_page_by_page(tmp_path: Path, shell: str) -> None:
    azure = planted(tmp_path, need_shell(shell))
    extra = noise(tmp_path, 8)
    raw = asked(azure, [extra])
    assert raw.invocations == 3
    assert raw.answers["noise"].decode().splitlines() == extra.read_text().splitlines()[1:-1]
    assert all(len(printed) < 4096 for printed in azure.printed)
    assert waiting(azure) == []


def test_a_waiting_answer_is_for_root_alone(tmp_path: Path) -> None:
    azure = planted(tmp_path)
    probes = load_probes("linux", [noise(tmp_path, 8)])
    azure.guest.run(question("linux", probes, "ab" * 8, 3840))
    (frame,) = waiting(azure)
    assert stat.S_IMODE(frame.stat().st_mode) == 0o600


def test_a_waiting_answer_that_nobody_fetched_is_removed_by_the_next_question(tmp_path: Path) -> None:
    azure = planted(tmp_path)
    probes = load_probes("linux", [noise(tmp_path, 8)])
    azure.guest.run(question("linux", probes, "ab" * 8, 3840))
    asked(azure)
    assert waiting(azure) == []


def test_an_answer_of_more_than_eight_pages_is_refused_by_the_guest(tmp_path: Path) -> None:
    azure = planted(tmp_path)
    with pytest.raises(
        FrameError, match=r"run-command: the guest could not answer: the answer needs 1[0-9] pages.*\(noise\): they may"
    ):
        asked(azure, [noise(tmp_path, 40)])
    assert waiting(azure) == []


def test_a_waiting_answer_that_vanished_is_an_error(tmp_path: Path) -> None:
    azure = planted(tmp_path)

    class Forgetful:
        name = "forgetful"
        answer_limit = 4096

        async def run(self, script: str) -> Output:
            output = Output(azure.guest.run(script).stdout.decode())
            for file in waiting(azure):
                file.unlink()
            return output

    with pytest.raises(FrameError, match=r"page 2: /run/sealproof-[0-9a-f]{16}\.frame is gone"):
        asyncio.run(ask(Forgetful(), "linux", extra=[noise(tmp_path, 8)]))


def test_an_answer_cut_by_the_channel_is_never_parsed(tmp_path: Path) -> None:
    azure = planted(tmp_path)

    class Greedy:
        """Says that it lets through more than it does."""

        name = "greedy"
        answer_limit = 100_000

        async def run(self, script: str) -> Output:
            return Output(azure.guest.run(script).stdout.decode()[-4096:])

    with pytest.raises(FrameError, match="kept only the end"):
        asyncio.run(ask(Greedy(), "linux", extra=[noise(tmp_path, 8)]))


def test_no_secret_leaves_the_guest(tmp_path: Path) -> None:
    azure = planted(tmp_path)
    raw = asked(azure)
    everything = b"\n".join(raw.answers.values()) + b"".join(azure.printed)
    assert CANARY.encode() not in everything
    assert b"$y$" not in everything


@pytest.mark.parametrize("tool", ["gzip", "base64", "sha256sum"])
def test_a_guest_without_a_tool_says_which(tmp_path: Path, tool: str) -> None:
    script = question("linux", load_probes("linux"), "ab" * 8, 3840)
    script = script.replace("for tool in ", f"for tool in missing-{tool} ", 1)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"sealproof-error[{'ab' * 8}]: missing-{tool} is not installed in this guest")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_probe_harms_no_other(tmp_path: Path, shell: str) -> None:
    azure = planted(tmp_path, need_shell(shell))
    rude = tmp_path / "a-rude-one.sh"
    rude.write_text("set -eu\ncd /\nLC_ALL=xx\nprintf 'broken' >&2\nfact before it\nexit 3\n")
    raw = asked(azure, [rude])
    assert raw.answers["a-rude-one"] == b"before=it"
    assert raw.failed["a-rude-one"] == 3
    assert raw.answers["system"].startswith(b"distribution=debian\n")


def test_a_probe_that_prints_too_much_is_cut_out_alone(tmp_path: Path) -> None:
    loud = tmp_path / "loud.sh"
    loud.write_text("printf '%070000d' 0\n")
    raw = asked(planted(tmp_path / "guest"), [loud])
    assert raw.cut == {"loud"}
    assert "loud" not in raw.answers
    assert raw.answers["system"].startswith(b"distribution=debian\n")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("text", "answer", "failed"),
    [
        ("true", b"", {}),
        ("printf 'a\\n\\nb\\n\\n\\n'", b"a\n\nb", {}),
        ("printf 7; false", b"7", {"own": 1}),
        ("echo 1; exit 255", b"1", {"own": 255}),
        ("set -e; false; echo not reached", b"", {"own": 1}),
        ("grep nothing /dev/null || true", b"", {}),
        ("head -c 65536 /dev/zero | tr '\\0' a", b"a" * 65536, {}),
    ],
)
def test_an_answer_comes_with_its_exit_status(
    tmp_path: Path, shell: str, text: str, answer: bytes, failed: dict[str, int]
) -> None:
    own = tmp_path / "own.sh"
    own.write_text(text)
    done = subprocess.run(
        [*need_shell(shell), "-c", question("linux", load_probes("linux", [own])[-1:], "ab" * 8, 100_000)],
        capture_output=True,
        check=True,
    )
    answers = read_payload(open_pages([read_page(done.stdout.decode(), "ab" * 8, 1)]), ["own"])
    assert (answers.raw, answers.failed) == ({"own": answer}, failed)


def test_an_answer_of_lines_that_is_too_long_is_never_taken_for_whole(tmp_path: Path) -> None:
    own = tmp_path / "own.sh"
    own.write_text("yes 7 | head -c 70000")
    script = question("linux", load_probes("linux", [own])[-1:], "ab" * 8, 100_000)
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert read_payload(open_pages([read_page(done.stdout.decode(), "ab" * 8, 1)]), ["own"]).raw == {"own": None}


def test_each_probe_is_sent_after_its_mark() -> None:
    probes = load_probes("linux")
    script = question("linux", probes, "ab" * 8, 3840)
    for probe in probes:
        assert f"# probe: {probe.name} {probe.digest}\n" in script


def test_the_digests_are_those_of_the_files(tmp_path: Path) -> None:
    own = tmp_path / "own.ps1"
    own.write_bytes(b"@{}\r\n")
    probe = load_probes("windows", [own])[-1]
    assert (probe.name, probe.digest) == ("own", sha256(b"@{}\r\n").hexdigest())


def test_a_probe_of_the_other_platform_is_left_out(tmp_path: Path) -> None:
    assert [probe.name for probe in load_probes("linux", [tmp_path / "own.ps1"])] == list(LINUX)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("system.sh", b"", "already a probe named system"),
        ("Mine.sh", b"", "a probe's file name is a-z"),
        ("mine.sh", b"\xff", "can't be read as UTF-8"),
    ],
)
def test_an_unusable_probe_is_a_users_mistake(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        load_probes("linux", [file])


def test_every_question_has_a_nonce_of_its_own() -> None:
    class Recorder:
        name = "recorder"
        answer_limit = 4096

        def __init__(self) -> None:
            self.scripts: list[str] = []

        async def run(self, script: str) -> Output:
            self.scripts.append(script)
            return Output("")

    channel = Recorder()
    for _ in range(2):
        with pytest.raises(FrameError, match="printed nothing"):
            asyncio.run(ask(channel, "linux"))
    nonces = {line for script in channel.scripts for line in script.splitlines() if line.startswith("# nonce: ")}
    assert len(nonces) == 2


def test_this_machine_itself_answers_in_a_well_formed_frame() -> None:
    script = question("linux", load_probes("linux"), "ab" * 8, 100_000)
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stderr == b""

    class Once:
        name = "once"
        answer_limit = 100_000

        async def run(self, script: str) -> Output:
            return Output(done.stdout.decode())

    raw = asyncio.run(ask(Once(), "linux", nonce="ab" * 8))
    assert tuple(raw.answers) == LINUX
