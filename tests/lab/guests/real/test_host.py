"""What the host must have for real guests."""

import subprocess
from pathlib import Path

import pytest

from lab.guests.real import MissingTools, host
from lab.guests.real.errors import RealGuestError
from runners.errors import UsageError


def test_lacking_tools_are_named_as_debian_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host, "PATH", str(tmp_path))
    with pytest.raises(MissingTools) as told:
        host.require_tools()
    assert "make real" in str(told.value)
    assert "sudo apt-get install dosfstools e2fsprogs fakeroot gdisk mmdebstrap" in str(told.value)
    assert isinstance(told.value, UsageError)


def test_only_what_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program, _ in host.needed():
        if program != "mmdebstrap":
            (tmp_path / program).touch(mode=0o755)
    monkeypatch.setattr(host, "PATH", str(tmp_path))
    with pytest.raises(MissingTools, match=r"apt-get install mmdebstrap$"):
        host.require_tools()


def test_other_systems_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(MissingTools, match=r"x86_64 and this is Linux on aarch64\..*--lab=demo"):
        host.require_tools()


def test_failed_tool_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    with pytest.raises(RealGuestError, match=r"failed in sh \(exit code 3\): no such suite"):
        host.run_tool(["sh", "-c", "echo no such suite >&2; exit 3"], log)
    assert log.read_text() == "no such suite\n"


def test_installer_says_nothing_where_all_is_there_and_what_it_installs_where_not(tmp_path: Path) -> None:
    script = Path(host.NEEDS).with_name("needs.sh")
    (tmp_path / "needs.sh").write_text(script.read_text())
    (tmp_path / "host-tools.txt").write_text("sh dash\n")
    quiet = subprocess.run(["sh", tmp_path / "needs.sh"], capture_output=True, text=True, check=True)
    assert quiet.stdout + quiet.stderr == ""
    (tmp_path / "host-tools.txt").write_text("sh dash\nno-such-program some-package\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "apt-get").write_text("#!/bin/sh\necho apt-get $*\n")
    (tmp_path / "bin" / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    for program in ("apt-get", "sudo"):
        (tmp_path / "bin" / program).chmod(0o755)
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    told = subprocess.run(["sh", tmp_path / "needs.sh"], capture_output=True, text=True, check=True, env={"PATH": path})
    assert "installing: some-package" in told.stderr
    assert "apt-get install -y -qq --no-install-recommends some-package" in told.stdout
