"""The folder that a run leaves: `evidence/<run id>/`, and `evidence/latest` that points at it.

Files appear whole or not at all: each is written beside its place, synced, and renamed into it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from reports.errors import FolderError
from reports.evidence import Evidence, canonical_json
from reports.redaction import redact_all

LATEST = "latest"
_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_HAS_MARK = re.compile(r".*-[0-9a-f]{8}")
# Names that Windows keeps for devices, with any extension: "con", "com1.json".
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


class EvidenceFolder:
    """The evidence of one run, on disk.

    Makes `root/run_id/` with `facts/` and `journal/`. Raises `FolderError` where it exists already or can't be made.
    `root/latest` points here from the first `write_evidence` on, so whatever it points at holds a record.
    """

    def __init__(self, root: Path, run_id: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", run_id):
            raise FolderError(f"the run id {run_id!r} can't name a folder: use letters, digits, dots and dashes.")
        self.root = root
        self.run_id = run_id
        self.path = root / run_id
        self._pointed_at = False
        try:
            root.mkdir(parents=True, exist_ok=True)
            self.path.mkdir()
            for name in ("facts", "journal"):
                (self.path / name).mkdir()
            sync_folder(root)
        except FileExistsError as error:
            raise FolderError(
                f"could not make the evidence folder {self.path}: {error.filename} exists already. "
                "Evidence is never overwritten: use another folder (--evidence DIR) or another run id."
            ) from error
        except OSError as error:
            raise _unwritable("make the evidence folder", self.path, error) from error

    def journal_path(self, target: str) -> Path:
        """Return where the journal of the target named `target` belongs."""
        return self.path / "journal" / f"{file_name(target)}.jsonl"

    def write_evidence(self, evidence: Evidence) -> Path:
        """Write evidence.json, replacing what was there, and return its path."""
        path = self.write("evidence.json", evidence.chunks())
        if not self._pointed_at:
            point_latest(self.root, self.run_id)
            self._pointed_at = True
        return path

    def write_before(self, target: str, document: Mapping[str, Any]) -> str:
        """Write before/<target>.json and return the SHA-256 of its bytes in hex."""
        data = canonical_json(document)
        self.write(before_name(target), data)
        return hashlib.sha256(data).hexdigest()

    def write_facts(self, target: str, facts: Mapping[str, Any]) -> str:
        """Write facts/<target>.json and return the SHA-256 of its bytes in hex.

        Raises `FolderError` for facts that JSON can't hold, naming the target.
        """
        try:
            data = canonical_json(redact_all(facts))
        except (TypeError, ValueError) as error:
            raise FolderError(
                f"could not write the facts of {target}: {error}. "
                "Facts must be plain JSON (see checks.facts.plain); this is a defect in the code that observed them."
            ) from error
        self.write(f"facts/{file_name(target)}.json", data)
        return hashlib.sha256(data).hexdigest()

    def write(self, name: str, data: bytes | Iterable[bytes]) -> Path:
        """Write a file below this folder, whole or not at all, and return its path. `name` may have folders."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or any(part == ".." or "\\" in part or ":" in part for part in parts):
            raise FolderError(f"{name!r} is not a file name below the evidence folder {self.path}.")
        path = self.path.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            # An empty folder is nothing that a run leaves.
            with suppress(OSError):
                path.parent.rmdir()
            raise _unwritable("write", path, error) from error
        return path


def before_name(target: str) -> str:
    """Return where it stands in the folder on what the target named `target` was launched."""
    return f"before/{file_name(target)}.json"


def file_name(target: str) -> str:
    """Return a file name, without extension, for a target's name.

    A plain lower-case name is kept. Any other (upper case, other characters, too long, a Windows device) is rewritten
    and marked with eight hex digits of its SHA-256, so two targets never share a file, not even where case is ignored.
    """
    if _SAFE_NAME.fullmatch(target) and not _HAS_MARK.fullmatch(target) and not _DEVICE.fullmatch(target):
        return target
    digest = hashlib.sha256(target.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    plain = re.sub(r"[^a-z0-9._-]+", "-", target.lower()).strip(".-")[:60]
    return f"{plain or 'target'}-{digest}" if not _DEVICE.fullmatch(plain) else f"target-{plain}-{digest}"


def write_whole(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write `data`, in one piece or in several, beside `path`, sync it, and rename it into place. Raises OSError."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with scratch.open("xb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def point_latest(root: Path, run_id: str) -> None:
    """Let `root/latest` point at a run: a symbolic link, or a file that holds the run id where links are impossible."""
    latest = root / LATEST
    scratch = root / f".{LATEST}.{secrets.token_hex(4)}"
    try:
        try:
            scratch.symlink_to(run_id, target_is_directory=True)
        except (OSError, NotImplementedError):
            write_whole(latest, f"{run_id}\n".encode())
            return
        try:
            scratch.replace(latest)
        except OSError:
            scratch.unlink(missing_ok=True)
            raise
        sync_folder(root)
    except OSError as error:
        raise _unwritable("point", latest, error) from error


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    # A rename is durable once its folder is. Windows can't open a folder, and needs no such step.
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(doing: str, path: Path, error: OSError) -> FolderError:
    return FolderError(
        f"could not {doing} {path}: {error.strerror or error}. "
        "Nothing is done to any VM without evidence: make room, mend the permissions, or choose another folder "
        "with --evidence DIR."
    )
