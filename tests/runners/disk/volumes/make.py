"""Make the XFS volumes beside this file: `sudo python -m tests.runners.disk.volumes.make`.

They are written by a Linux kernel on loop devices, so that the reader is tested with what the kernel writes. Needs
root, a kernel with XFS, and xfsprogs. `seen.json` has what that kernel saw, and what xfs_logprint says of each log.

    folders     every form of folder, link and file, over two allocation groups
    mounted     copied while it was mounted: its last changes are in the log only
    read-only   copied after it was remounted read-only, as a system does at shutdown
    wrapped     copied while it was mounted, after its log had been written round
    padded      unmounted after its log had been written round, in stripe units
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
Seen = tuple[str, str, bytes]
"""Path, kind, and content or target."""
_MIB = 1024 * 1024
_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    # mkfs.xfs makes file systems of less than 300 MiB only for the tests of XFS itself, which it knows by these.
    "TEST_DIR": "/tmp",
    "TEST_DEV": "/dev/null",
    "QA_CHECK_FS": "1",
}


def run(*command: str | Path) -> str:
    return subprocess.run(command, env=_ENVIRONMENT, check=True, capture_output=True, text=True).stdout


def make(volume: Path, groups: int, *options: str) -> None:
    with volume.open("wb") as file:
        file.truncate(groups * 16 * _MIB)
    run("mkfs.xfs", "-q", "-f", "-L", "data", "-d", f"agcount={groups}", *options, volume)


@contextmanager
def mounted(volume: Path, *options: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        run("mount", "-o", ",".join(("loop", *options)), volume, folder)
        try:
            yield Path(folder)
        finally:
            run("umount", folder)


def folders(root: Path) -> None:
    """Fill a volume with every form that a folder, a link and a file can have."""
    for name, count in (("empty", 0), ("short", 3), ("block", 60), ("leaf", 200), ("node", 700), ("holes", 600)):
        (root / name).mkdir()
        for number in range(count):
            (root / name / f"a-name-of-some-length-so-that-there-are-many-blocks-{number:04}").touch()
    for number in range(50, 570):
        (root / "holes" / f"a-name-of-some-length-so-that-there-are-many-blocks-{number:04}").unlink()
    for number in range(40):  # XFS spreads folders over its allocation groups
        (root / f"folder-{number}").mkdir()
        (root / f"folder-{number}" / "file").write_text(f"{number}\n")
    (root / "short-link").symlink_to("block/file")
    (root / "long-link").symlink_to("x" * 900)
    (root / "reserved").write_bytes(b"hello")
    with (root / "reserved").open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, 40960)
    with (root / "pieces").open("wb") as file, (root / "between").open("wb") as other:
        for number in range(60):
            file.seek(number * 8192)
            for each in (file, other):
                each.write(bytes([number + 1]) * 4096)
                each.flush()
                os.fsync(each.fileno())


def busy(root: Path, count: int) -> None:
    for number in range(count):
        (root / f"busy-{number}").touch()
    run("sync", "-f", root)
    for number in range(count):
        (root / f"busy-{number}").unlink()
    run("sync", "-f", root)


def listing(root: Path) -> dict[str, str]:
    """Return what the kernel sees: name in the root -> digest of all paths below, with their kinds and contents."""
    found: dict[str, list[Seen]] = {}
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            kind, content = "link", str(path.readlink()).encode()
        elif path.is_dir():
            kind, content = "folder", b""
        else:
            kind, content = "file", path.read_bytes()
        name = str(path.relative_to(root))
        found.setdefault(name.partition("/")[0], []).append((name, kind, content))
    return {name: digest(entries) for name, entries in found.items()}


def digest(entries: list[Seen]) -> str:
    """Return one digest of paths, kinds and contents, in any order."""
    whole = hashlib.sha256()
    for name, kind, content in sorted(entries):
        whole.update(f"{name} {kind} {len(content)} ".encode() + content)
    return whole.hexdigest()[:16]


def keep(name: str, volume: Path, seen: dict[str, object]) -> None:
    # "    log tail: 4013 head: 4013 state: <CLEAN>"
    told = re.search(r"head: (\d+) state: <(\w+)>", run("xfs_logprint", "-t", volume))
    assert told is not None
    seen[name] = {"head": int(told[1]), "state": told[2]}
    (HERE / f"{name}.xfs.xz").write_bytes(lzma.compress(volume.read_bytes(), preset=9))


def main() -> None:
    logs: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        volume = Path(folder) / "volume"
        make(volume, 2)
        with mounted(volume) as root:
            folders(root)
        with mounted(volume, "ro") as root:
            seen = listing(root)
        keep("folders", volume, logs)
        make(volume, 1)
        with mounted(volume) as root:
            busy(root, 20)
            keep("mounted", volume, logs)
            run("mount", "-o", "remount,ro", root)
            keep("read-only", volume, logs)
        for name, options in (("wrapped", ()), ("padded", ("-l", "su=64k"))):
            make(volume, 1, *options)
            for _ in range(4):
                with mounted(volume) as root:
                    busy(root, 2500)
            with mounted(volume) as root:
                busy(root, 500)
                if name == "wrapped":
                    keep(name, volume, logs)
            if name == "padded":
                keep(name, volume, logs)
    (HERE / "seen.json").write_text(json.dumps({"logs": logs, "folders": seen}, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
