"""An image of the real guest: the files that one build leaves, and the digest of its recipe."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.guests.real.hardware import QEMU

HERE = Path(__file__).resolve().parent
RECIPE = HERE / "recipe"
SUITE = "bookworm"


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image: read-only, shared by all machines."""

    folder: Path

    @property
    def disk(self) -> Path:
        """The raw disk."""
        return self.folder / "disk.raw"

    @property
    def kernel(self) -> Path:
        """The kernel of the root file system, which QEMU boots directly."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The kernel's first file system."""
        return self.folder / "initrd.img"

    @property
    def state(self) -> Path:
        """Memory and devices of the machine as it was when it had booted: a new machine goes on from there."""
        return self.folder / "state"

    @property
    def serial(self) -> Path:
        """The serial log of that boot."""
        return self.folder / "serial.log"

    @property
    def ssh_key(self) -> Path:
        """Private key that opens azureuser's account. Made for this image, on this host."""
        return self.folder / "id_ed25519"


def recipe_digest() -> str:
    """Return a digest of all that decides how the image comes out, except Debian's archive of the day.

    QEMU's version is in it, since one version need not read the saved state of another.
    """
    digest = hashlib.sha256(subprocess.check_output([QEMU, "--version"]))  # noqa: S603 - fixed arguments
    for part in sorted([HERE / "build.py", HERE / "hardware.py", *RECIPE.iterdir()]):
        digest.update(part.name.encode() + b"\0" + hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()[:16]
