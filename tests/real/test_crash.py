"""Nothing of a machine outlives its owner, even one that is killed."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from lab.guests.real import RealGuest
from lab.guests.real.cache import cache_folder

pytestmark = pytest.mark.real

OWNER = """
import signal
from lab.guests.real import RealGuest
guest = RealGuest.from_scenario("doomed", {})
guest.start()
print(guest._folder, flush=True)
signal.pause()
"""


def qemu_of(folder: str) -> list[int]:
    """Return the ids of QEMU processes on the disk of this folder."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words.startswith(b"qemu-system") and folder.encode() in words:
            found.append(int(command.parent.name))
    return found


def test_killed_owner_leaves_no_machine_and_its_disk_goes_with_the_next() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, cwd=root) as owner:
        assert owner.stdout is not None
        folder = owner.stdout.readline().decode().strip()
        (qemu,) = qemu_of(folder)
        ended = os.pidfd_open(qemu)
        owner.kill()
    assert select.select([ended], [], [], 30)[0]
    os.close(ended)
    assert Path(folder).exists()
    RealGuest.from_scenario("next", {}).close()
    assert list((cache_folder() / "machines").glob(Path(folder).name)) == []
