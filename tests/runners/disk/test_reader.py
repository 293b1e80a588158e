"""The reader process: its walls, and what happens when it crashes, hangs, or asks for too much."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.images.linux import HASH
from runners.disk import reader
from runners.disk.reader import Limits, examine, ready
from runners.errors import DiskError, ReaderKilledError
from runners.observe.disk import parse
from tests.runners.disk.disks import ImageSource
from tests.runners.disk.processes import children

ROOT = Path(__file__).resolve().parents[3]


class Watched(ImageSource):
    """A source that does something to the reader process at its second request."""

    def __init__(self, image: str, act: Any) -> None:
        self.before = children()
        super().__init__(image, self._look)
        self._act = act

    def _look(self, number: int) -> None:
        if number == 1:
            (process,) = children() - self.before
            self._act(process)


def killing(with_signal: signal.Signals) -> Any:
    return lambda process: os.kill(process, with_signal)


def test_the_process_holds_no_environment_no_file_and_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "must-not-be-inherited")
    seen: dict[str, Any] = {}

    def look(process: int) -> None:
        place = Path(f"/proc/{process}")
        seen["environment"] = (place / "environ").read_bytes()
        seen["command"] = (place / "cmdline").read_bytes()
        seen["files"] = {str(item.readlink()).partition(":")[0] for item in (place / "fd").iterdir()}
        seen["folder"] = str((place / "cwd").readlink())
        seen["network"] = (place / "net/dev").read_text()

    report = examine(Watched("linux-sealed", look), "linux")
    assert seen["environment"] == b""
    assert seen["files"] == {"pipe", "/dev/null"}
    assert seen["folder"] == "/"
    assert b"must-not-be-inherited" not in seen["command"]
    isolation = set(report["coverage"]["isolation"])
    assert isolation >= {"no-environment", "memory", "cpu", "no-new-files", "no-core-dump", "no-file-writes"}
    if "network-namespace" in isolation:
        assert "eth0" not in seen["network"]
        assert seen["network"].count(":") == 1, "only a loopback that is down"


def test_the_report_says_how_much_was_read() -> None:
    source = ImageSource("linux-sealed")
    coverage = examine(source, "linux")["coverage"]
    assert coverage["size_bytes"] == source.size
    assert coverage["bytes_read"] == source.bytes_read > 0
    assert coverage["files_examined"] > 5


@pytest.mark.parametrize("name", ["linux-configured", "linux-residue", "linux-unsealed"])
def test_no_password_hash_leaves_the_process(name: str) -> None:
    report = str(examine(ImageSource(name), "linux"))
    assert "'hash'" in report, "the disk has a hash, and the report says so"
    for part in (HASH, HASH[:20], HASH[-20:], "$y$"):
        assert part not in report


def test_a_crash_is_no_observation() -> None:
    with pytest.raises(DiskError, match="crashed with signal 11"):
        examine(Watched("linux-sealed", killing(signal.SIGSEGV)), "linux")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_somebody_killed_is_told_from_one_that_crashed(number: signal.Signals) -> None:
    with pytest.raises(ReaderKilledError, match="gave no answer"):
        examine(Watched("linux-sealed", killing(number)), "linux")


def test_running_out_of_processor_time_is_said_and_is_nobody_s_kill() -> None:
    with pytest.raises(DiskError, match="60 s of processor time") as caught:
        examine(Watched("linux-sealed", killing(signal.SIGXCPU)), "linux")
    assert not isinstance(caught.value, ReaderKilledError)


def test_the_system_s_own_signal_tells_that_the_processor_time_is_used_up() -> None:
    busy = "from runners.disk.process.isolation import isolate\nisolate(1 << 30, 1)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", busy], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -signal.SIGXCPU


def test_a_process_that_stops_answering_is_stopped_in_time() -> None:
    source = Watched("linux-sealed", killing(signal.SIGSTOP))
    with pytest.raises(DiskError, match=r"not read within 0\.5 s"):
        examine(source, "linux", limits=Limits(wall_seconds=0.5))
    assert children() == source.before


def test_the_time_of_a_slow_source_counts() -> None:
    now = [0.0]

    def slow(_: int) -> None:
        now[0] += 200.0

    with pytest.raises(DiskError, match="not read within 300 s"):
        examine(ImageSource("linux-sealed", slow), "linux", clock=lambda: now[0])


def test_memory_is_limited() -> None:
    with pytest.raises(DiskError, match=r"memory|no answer"):
        examine(ImageSource("linux-sealed"), "linux", limits=Limits(memory_bytes=20 * 1024 * 1024))


def test_a_process_that_wants_too_much_of_the_disk_is_stopped() -> None:
    source = ImageSource("windows-sealed")
    with pytest.raises(DiskError, match="asked for more than 200000 bytes"):
        examine(source, "windows", limits=Limits(read_bytes=200_000))
    assert source.bytes_read <= 200_000


def test_an_answer_that_is_too_long_is_not_read() -> None:
    with pytest.raises(DiskError, match="100 are allowed"):
        examine(ImageSource("linux-sealed"), "linux", limits=Limits(answer_bytes=100))


def test_an_error_of_the_source_is_passed_on_and_the_process_ends() -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise DiskError("the SAS expired")

    before = children()
    with pytest.raises(DiskError, match="the SAS expired"):
        examine(ImageSource("linux-sealed", fail), "linux")
    assert children() == before


def test_a_python_without_dissect_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    base = str(getattr(sys, "_base_executable", sys.executable))
    lacks = subprocess.run([base, "-I", "-c", "import dissect.volume"], capture_output=True, check=False).returncode
    if not lacks:
        pytest.skip("the Python below this virtual environment has dissect itself")
    monkeypatch.setattr(sys, "executable", base)
    with pytest.raises(DiskError, match=r"pip install -e '\.\[disk\]'"):
        examine(ImageSource("linux-sealed"), "linux")


def test_an_interpreter_that_cannot_be_started_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DiskError, match="/nowhere/python"):
        examine(ImageSource("linux-sealed"), "linux")


def test_the_harness_itself_never_imports_dissect() -> None:
    program = (
        "import sys; import runners.disk.reader, runners.disk.source, runners.observe.disk; "
        "print([name for name in sys.modules if name.startswith('dissect')])"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_unknown_platform_is_refused() -> None:
    with pytest.raises(DiskError, match="plan9"):
        examine(ImageSource("linux-sealed"), "plan9")


def test_the_report_is_what_the_parser_takes() -> None:
    assert parse(examine(ImageSource("linux-sealed"), "linux")).coverage.volumes


def test_the_reader_tells_beforehand_that_it_can_read() -> None:
    before = children()
    ready()
    assert children() == before


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("import sys; sys.modules['dissect'] = None; {}", r"package dissect is not installed.*\[disk\]"),
        ("import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20)); {}", "the reader process"),
        ("import sys; sys.exit(3)", "exit code 3"),
    ],
    ids=["no package", "no limits", "no start"],
)
def test_the_reader_tells_beforehand_that_it_can_not_read(
    monkeypatch: pytest.MonkeyPatch, start: str, told: str
) -> None:
    monkeypatch.setattr(reader, "_START", start.format(reader._START))
    with pytest.raises(DiskError, match=told):
        ready()


def test_a_report_without_coverage_is_no_readiness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "examine", lambda *_, **__: {"facts": {}})
    with pytest.raises(DiskError, match="without saying what it read"):
        ready()
