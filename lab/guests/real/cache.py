"""Where images and machines of the real guest live, and who holds which of them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from lab.guests.real.build import build
from lab.guests.real.host import require_tools
from lab.guests.real.image import SUITE, Image, recipe_digest

REPOSITORY = Path(__file__).resolve().parents[3]


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where images and machines live: $SEALPROOF_CACHE, or .cache/real in the repository."""
    named = environment.get("SEALPROOF_CACHE")
    return Path(named).resolve() if named else REPOSITORY / ".cache" / "real"


def debian_bookworm(cache: Path) -> Image:
    """Return the image, building it when the cache has none of this recipe (about three minutes).

    Raises `MissingTools`, or `RealGuestError` when a step of the build fails.
    """
    require_tools()
    image = _image(cache)
    if not image.folder.exists():
        with locked(cache / "build.lock"):
            if not image.folder.exists():
                build(cache, image.folder)
    return image


def is_built(cache: Path) -> bool:
    """Return whether the cache has the image, so that a machine starts without a build. Raises `MissingTools`."""
    require_tools()
    return _image(cache).folder.exists()


def _image(cache: Path) -> Image:
    return Image(cache / f"debian-{SUITE}-{recipe_digest()}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock on the file `path`, waiting for whoever holds it. The kernel drops it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def claimed_folder(cache: Path) -> tuple[Path, TextIO]:
    """Return a new folder for one machine, and the open lock that says it is in use.

    Folders whose owner died without cleaning up (SIGKILL) are known by their free lock, and go first.
    """
    machines = cache / "machines"
    with locked(cache / "machines.lock"):
        for left in machines.glob("*/lock"):
            if _is_free(left):
                shutil.rmtree(left.parent, ignore_errors=True)
        machines.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="vm-", dir=machines))
        claim = (folder / "lock").open("w")
        fcntl.flock(claim, fcntl.LOCK_EX)
    return folder, claim


def _is_free(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
