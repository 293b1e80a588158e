"""Which git commit a file is from, asked of git itself."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

_PATIENCE_SECONDS = 10


def commit_of(path: Path) -> str:
    """Return the commit that is checked out and holds this very file, or why there is none, in words.

    Only object ids are asked for: nothing that a repository's configuration or hooks could make run is run.
    """
    git = shutil.which("git")
    if git is None:
        return "not known: git is not installed"
    try:
        commit = _asked(git, path, "HEAD")
        blob = _asked(git, path, f"HEAD:./{path.name}")
        content = path.read_bytes()
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.decode("utf-8", "replace").split())
        return f"in no commit: {said[:200]}" if said else "in no commit"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"not known: git could not be asked ({type(error).__name__})"
    kind = hashlib.sha1(usedforsecurity=False) if len(blob) == 40 else hashlib.sha256()
    kind.update(b"blob %d\0" % len(content) + content)
    return commit if kind.hexdigest() == blob else f"not committed: it differs from the file in commit {commit}"


def _asked(git: str, path: Path, name: str) -> str:
    command = [git, "-C", str(path.parent), "rev-parse", "--verify", "--quiet", "--end-of-options", name]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE_SECONDS)  # noqa: S603 - fixed
    return answer.stdout.decode("ascii", "replace").strip()
