"""Merging on disk: the folders of shards are read, verified where they are signed, and joined in a new one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner, SSlibKey

from reports import attestation
from reports.errors import EvidenceError
from reports.folder import EvidenceFolder
from reports.merge import Shard, merge, write
from reports.render import RENDERINGS
from reports.verify import Files, parse, read_folder, verify_files


def merge_folders(
    folders: Sequence[Path], out: Path, key: SSlibKey | None, signer: CryptoSigner | None, *, allow_lab: bool
) -> Path:
    """Join the evidence of runs below `out`, signed where `signer` is given, and return the new folder.

    Raises `EvidenceError` for what can't be trusted or does not belong together, before anything is written.
    """
    shards = [_shard(folder, key, allow_lab=allow_lab) for folder in folders]
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-merged-{secrets.token_hex(3)}"
    evidence = merge(shards, run_id)
    if signer and evidence.run.lab and not allow_lab:
        raise EvidenceError("these are a lab's runs: --allow-lab signs them as that")
    folder = EvidenceFolder(out, run_id)
    write(folder, evidence, shards)
    for name, render in RENDERINGS.items():
        folder.write(name, render(evidence))
    if signer:
        statement = attestation.statement(evidence, Files(folder.path))
        folder.write(attestation.FILE_NAME, attestation.seal(statement, signer))
    return folder.path


def _shard(folder: Path, key: SSlibKey | None, *, allow_lab: bool) -> Shard:
    files = read_folder(folder)
    if attestation.FILE_NAME not in files:
        return Shard(parse(files["evidence.json"]), files)
    if key is None:
        raise EvidenceError(f"{folder} is signed: give the public key that verifies it (--key)")
    try:
        verified = verify_files(folder, files, key, allow_lab=allow_lab)
    except EvidenceError as error:
        raise EvidenceError("\n".join(f"{folder}: {text}" for text in str(error).splitlines())) from None
    return Shard(verified.evidence, files, verified.keyid)
