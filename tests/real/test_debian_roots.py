"""The Linux probes as they are, in root file systems made of Debian's own packages, under their own sh and tools.

A root file system is no machine: nothing booted in it, so what only a running system tells is unknown, with a reason.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from checks.facts import LinuxGuest
from lab.guests.real.build import _host_apt_options
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.script import RawAnswers, load_probes, question
from runners.observe.guest_linux import parse_linux
from tests.runners.probes.linux_machine import reason

NONCE = "ab" * 8
MIRROR = "http://deb.debian.org/debian"
VERSIONS = {"bookworm": "12", "trixie": "13"}


@pytest.fixture(scope="module", params=VERSIONS)
def debian(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, LinuxGuest]:
    """Return a suite of Debian, and what its root file system says when it is asked all that a guest is asked."""
    if not shutil.which("mmdebstrap"):
        pytest.skip("mmdebstrap is not installed here: lab/guests/real/needs.sh installs it")
    suite: str = request.param
    folder = tmp_path_factory.mktemp(suite)
    root = folder / "root"
    root.mkdir()
    archive = folder / "root.tar"
    build = ["mmdebstrap", "--variant=minbase", "--include=initramfs-tools", *_host_apt_options(), suite, str(archive)]
    built = subprocess.run([*build, MIRROR], capture_output=True, text=True, check=False)
    assert built.returncode == 0, f"mmdebstrap could not make {suite}: {built.stderr[-300:]}"
    command = ["tar", "-xf", str(archive), "-C", str(root), "--exclude=./dev/*"]
    subprocess.run(command, check=True)
    return suite, _asked(root)


def _asked(root: Path) -> LinuxGuest:
    probes = load_probes("linux")
    (root / "root/question").write_text(question("linux", probes, NONCE, 500_000))
    # The host's /proc and /sys as a guest has them, and its devices only as an empty folder with null.
    inside = (
        f"mount --rbind /proc {root}/proc && mount --rbind /sys {root}/sys && touch {root}/dev/null && "
        f"mount --bind /dev/null {root}/dev/null && exec chroot {root} /bin/sh /root/question"
    )
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", inside]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stderr == ""
    answers = read_payload(open_pages([read_page(done.stdout, NONCE, 1)]), [probe.name for probe in probes]).raw
    return parse_linux(RawAnswers({name: raw for name, raw in answers.items() if raw is not None}, frozenset(), {}, 1))


def test_the_distribution_is_known(debian: tuple[str, LinuxGuest]) -> None:
    suite, guest = debian
    assert guest.distribution.value == "debian"
    assert guest.distribution_version.value == VERSIONS[suite]
    assert guest.uid_min.value == 1000


def test_what_is_not_installed_is_absent(debian: tuple[str, LinuxGuest]) -> None:
    _, guest = debian
    assert guest.agent.absent
    assert guest.cloud_init.cloud_init_status.absent
    assert guest.cloud_init.datasources.absent
    assert guest.deprovision.bad_switches.absent
    assert guest.crypttab_entries.absent


def test_what_needs_a_running_system_says_that_it_is_unknown(debian: tuple[str, LinuxGuest]) -> None:
    _, guest = debian
    assert "which kernel starts next" in reason(guest.kernel.initramfs_missing)
    assert "does not say which modules" in reason(guest.modules.unloadable_modules)


def test_each_fact_was_looked_for(debian: tuple[str, LinuxGuest]) -> None:
    _, guest = debian
    silent = [name for name, fact in guest.facts().items() if "printed 0 values" in reason(fact)]
    assert silent == []
    assert [name for name, fact in guest.facts().items() if "unexpected form" in reason(fact)] == []
