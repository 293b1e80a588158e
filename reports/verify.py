"""Whether an evidence folder is what a run wrote and signed: every file of it, byte for byte.

Nothing in the folder is believed before the signature was verified, and nothing that the signed list does not name is
looked at. Each file is read once; what is judged are those bytes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import rfc8785
from pydantic import ValidationError
from securesystemslib.signer import SSlibKey

from reports import attestation, strict_json
from reports.attestation import FILE_NAME, Word
from reports.errors import EvidenceError, JournalError
from reports.evidence import Evidence, Target
from reports.folder import before_name, file_name
from reports.journal import Entry, Journal, launch_intent
from reports.selection import incomplete
from reports.verdict import contradictions

_ALWAYS = frozenset({"facts", "journal"})
"""Folders of a run that may be empty: where a target was never reached."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Evidence that can be trusted as far as its signer can."""

    folder: Path
    evidence: Evidence
    result: Word
    files: int
    keyid: str


class Files(Mapping[str, bytes]):
    """Every file of an evidence folder by its path there, read anew whenever it is asked for: for who wrote them.

    The folder itself may be a link, such as `latest`. Raises `EvidenceError` for what a run does not write: links,
    devices, folders without a file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._readable():
            self._paths = dict(_files(folder.resolve(strict=True), PurePosixPath()))
        if "evidence.json" not in self._paths:
            raise EvidenceError(f"{folder} holds no evidence.json: it is not the folder of a run")

    def __getitem__(self, name: str) -> bytes:
        path = self._paths[name]
        with self._readable():
            return path.read_bytes()

    def __contains__(self, name: object) -> bool:
        # Mapping's own would read the file.
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EvidenceError(f"{self._folder} can't be read: {error.strerror or error}") from None


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return every file of an evidence folder, each read once: for who must not trust that they stay as they are."""
    return dict(Files(folder))


def verify(folder: Path, key: SSlibKey, *, allow_lab: bool = False) -> Verified:
    """Return what the folder proves. Raises `EvidenceError` with every reason not to trust it, one a line."""
    return verify_files(folder, read_folder(folder), key, allow_lab=allow_lab)


def verify_files(folder: Path, content: Mapping[str, bytes], key: SSlibKey, *, allow_lab: bool = False) -> Verified:
    """As `verify`, of files that were read already; `folder` names them."""
    files = dict(content)
    try:
        envelope = files.pop(FILE_NAME)
    except KeyError:
        raise EvidenceError(
            f"there is no {FILE_NAME}: the run was not signed, so anybody may have written it"
        ) from None
    payload = attestation.unseal(envelope, key)
    signed = strict_json.loads(payload)
    complaints = list(_files_that_differ(_listed(signed), files))
    if complaints:
        raise EvidenceError("\n".join(complaints))
    evidence = parse(files["evidence.json"])
    complaints = [*_lab(evidence, allow_lab=allow_lab), *inconsistencies(evidence, files)]
    if not complaints and rfc8785.dumps(attestation.statement(evidence, files)) != payload:
        complaints.append(
            f"what the attestation says is not what the record says: {_difference(evidence, files, signed)}"
        )
    if complaints:
        raise EvidenceError("\n".join(complaints))
    return Verified(folder, evidence, attestation.result(evidence), len(files), key.keyid)


def parse(content: bytes) -> Evidence:
    """Return the record, read in the one way in which it can be read. Raises `EvidenceError`."""
    try:
        strict_json.loads(content)
        return Evidence.from_bytes(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise EvidenceError(f"evidence.json is no record of this version: {where}: {first['msg']}") from None
    except ValueError as error:
        raise EvidenceError(f"evidence.json is no record: {error}") from None


def inconsistencies(evidence: Evidence, files: Mapping[str, bytes]) -> Iterator[str]:
    """Find where record, facts and journals do not fit together, or something that was planned is missing."""
    if evidence.run.ended is None:
        yield "the run never ended, so its record is not whole"
    if evidence.planned is None:
        yield "the record states no plan, so nobody can tell whether it is complete"
    yield from contradictions(evidence)
    yield from incomplete(evidence)
    yield from _runs_that_differ(evidence, files)
    expected = {"facts": set[str](), "journal": set[str](), "before": set[str]()}
    for target in evidence.targets:
        yield from _facts_that_differ(target, files, expected["facts"])
        yield from _journal_that_differs(evidence, target, files, expected["journal"])
        expected["before"].add(before_name(target.name))
    for folder, names in expected.items():
        for name in files:
            if name.startswith(f"{folder}/") and name not in names:
                yield f"{name} belongs to no target of the record"


def _files(folder: Path, below: PurePosixPath) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    if not found and str(below) not in {".", *_ALWAYS}:
        raise EvidenceError(f"{below}/ is an empty folder, which no run leaves")
    for entry in found:
        name = below / entry.name
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from _files(folder / entry.name, name)
        elif stat.S_ISREG(mode):
            yield str(name), folder / entry.name
        else:
            raise EvidenceError(f"{name} is a link or a device, not a file: a run writes neither")


def _listed(signed: Any) -> dict[str, str]:
    """Return the digests of the files that the signer listed, by path."""
    try:
        pinned = signed["predicate"]["configuration"]
        named = [(item["name"], item["digest"]["sha256"]) for item in pinned if item["name"].startswith("file:")]
    except (KeyError, TypeError, AttributeError):
        raise EvidenceError("the key signed something else than the attestation of a run") from None
    return {name.removeprefix("file:"): digest for name, digest in named}


def _files_that_differ(listed: Mapping[str, str], files: Mapping[str, bytes]) -> Iterator[str]:
    for name in sorted(listed.keys() | files.keys()):
        if name not in files:
            yield f"{name} is missing"
        elif name not in listed:
            yield f"{name} is extra: the run that was signed did not leave it"
        elif sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} was changed"


def _lab(evidence: Evidence, *, allow_lab: bool) -> Iterator[str]:
    lab = evidence.run.lab or any(target.vantages.azure == "lab" for target in evidence.targets)
    if lab and not allow_lab:
        yield "it is a lab's run, which proves nothing about Azure: give --allow-lab to verify it as that"


def _runs_that_differ(evidence: Evidence, files: Mapping[str, bytes]) -> Iterator[str]:
    """Find where a merged record does not fit to the runs that it says it was made of."""
    runs = {item.run.id: item.evidence for item in evidence.merged}
    for run, digest in runs.items():
        name = f"merged/{run}/evidence.json"
        if name not in files or sha256(files[name]).hexdigest() != digest:
            yield f"{name} is not the record that was merged"
    for target in evidence.targets:
        if target.run not in (runs or {""}):
            yield f"{target.name} is said to be from run {target.run or '(this one)'}, which was not merged into this"


def _facts_that_differ(target: Target, files: Mapping[str, bytes], expected: set[str]) -> Iterator[str]:
    name = f"facts/{file_name(target.name)}.json"
    expected.add(name)
    digest = target.digests.get("facts")
    if (name in files) != (digest is not None):
        yield f"{name}: the record {'names it, and it is not there' if digest else 'does not name it'}"
    elif digest is not None and sha256(files[name]).hexdigest() != digest:
        yield f"{name} is not the one that the record names"


def _journal_that_differs(
    evidence: Evidence, target: Target, files: Mapping[str, bytes], expected: set[str]
) -> Iterator[str]:
    name = f"journal/{file_name(target.name)}.jsonl"
    expected.add(name)
    head = target.digests.get("journal")
    if (name in files) != (head is not None):
        yield f"{name}: the record {'names it, and it is not there' if head else 'does not name it'}"
        return
    if head is None:
        return
    genesis = target.run or evidence.run.id
    try:
        entries = Journal.parse(Path(name), files[name], genesis=genesis)
    except JournalError as error:
        yield str(error)
        return
    if head != (entries[-1].hash if entries else genesis):
        yield f"{name} does not end as the record says: its tail was cut off, or it was written anew"
    yield from _before_that_differs(target, entries, files)


def _before_that_differs(target: Target, entries: Sequence[Entry], files: Mapping[str, bytes]) -> Iterator[str]:
    """Find that on what a target was launched is not what its journal names. What Azure refused was no launch."""
    launched = launch_intent(entries)
    if launched is None:
        return
    name = before_name(target.name)
    if name not in files:
        yield f"{name} is not there, and the journal says that the step was launched on it"
    elif sha256(files[name]).hexdigest() != launched.data.get("before"):
        yield f"{name} is not the one that the journal names"


def _difference(evidence: Evidence, files: Mapping[str, bytes], signed: Mapping[str, Any]) -> str:
    """Return the names of the parts in which the signed statement is another one than the folder's."""
    computed = attestation.statement(evidence, files)
    parts = [key for key in computed if computed[key] != signed.get(key)]
    return ", ".join(parts) or "the order or the form of its keys"
