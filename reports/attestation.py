"""The attestation of a run: an in-toto Statement with a test-result, in a DSSE envelope that one key signed.

Pure: `statement` is computed from the bytes of the evidence folder and nothing else, so whoever has the folder can
compute it again. docs/attestation.md says what it proves.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import rfc8785
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from reports import strict_json
from reports.errors import EvidenceError
from reports.evidence import Evidence, Result, Target, canonical_json
from reports.folder import file_name
from reports.journal import Journal
from reports.verdict import exit_code, hinders

FILE_NAME = "attestation.json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

# The order of the curve P-256. If (r, s) is a signature, so is (r, order - s): only the smaller of the two is taken.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Word = Literal["PASSED", "WARNED", "FAILED"]


def statement(evidence: Evidence, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the in-toto Statement of a run. `files`: every file of its folder but the attestation, by its path there.

    Raises `JournalError` where a journal is not what was written.
    """
    lists = _lists(evidence)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [_subject(evidence, target) for target in evidence.targets],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"result": result(evidence), "configuration": list(_configuration(evidence, files)), **lists},
    }


def result(evidence: Evidence) -> Word:
    """Return the one word. PASSED is for targets that were sealed and seen to be, and without any reservation.

    Whatever kept a target from that is FAILED, a target that is only *ready* too: nothing was done to it. Waivers,
    warnings, what is no blocker and could not be observed, and *sealed* without the disk's witness make it WARNED.
    """
    if exit_code(evidence) != 0 or evidence.run.mode == "observe":
        return "FAILED"
    proven = all(target.outcome == "proven" for target in evidence.targets)
    return "PASSED" if proven and not _lists(evidence)["warnedTests"] else "WARNED"


def identity(evidence: Evidence, target: Target) -> dict[str, Any]:
    """Return what identifies a target: its VM and OS disk, or the disk, snapshot or file.

    Its SHA-256 in RFC 8785 form is the subject's digest.
    """
    known = target.identity.model_dump(mode="json") if target.identity else None
    artifact = target.artifact.model_dump(mode="json") if target.artifact else None
    return {
        "endpoint": evidence.run.endpoint,
        "lab": evidence.run.lab,
        "kind": target.kind,
        "id": target.id,
        "vm_id": target.vm_id,
        "machine": known,
        "artifact": artifact,
    }


def seal(payload: Mapping[str, Any], signer: CryptoSigner) -> bytes:
    """Return the signed envelope as a file's bytes."""
    envelope = Envelope(rfc8785.dumps(dict(payload)), PAYLOAD_TYPE, {})
    signature = envelope.sign(signer)
    r, s = decode_dss_signature(bytes.fromhex(signature.signature))
    return _envelope(envelope.payload, signature.keyid, encode_dss_signature(r, min(s, _ORDER - s)))


def unseal(data: bytes, key: SSlibKey) -> bytes:
    """Return the payload that `key` signed, byte for byte. Raises `EvidenceError` where it did not.

    Of all ways to write an envelope only the one that `seal` writes is taken, so that no byte can be changed.
    """
    try:
        body = strict_json.loads(data)
        payload = base64.b64decode(body["payload"], validate=True)
        (signature,) = body["signatures"]
        keyid, signed = str(signature["keyid"]), base64.b64decode(signature["sig"], validate=True)
        canonical = _envelope(payload, keyid, signed)
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{FILE_NAME} is no envelope of this form ({type(error).__name__})") from None
    if canonical != data:
        raise EvidenceError(f"{FILE_NAME} is not written as Sealproof writes it: it was changed after it was signed")
    if keyid != key.keyid:
        raise EvidenceError(f"it was signed by another key: {keyid[:16]}..., and the key given is {key.keyid[:16]}...")
    try:
        Envelope(payload, PAYLOAD_TYPE, {keyid: Signature(keyid, signed.hex())}).verify([key], 1)
        _, s = decode_dss_signature(signed)
    except (VerificationError, ValueError):
        raise EvidenceError("the signature does not fit: the attestation was changed, or another key made it") from None
    if s > _ORDER // 2:
        raise EvidenceError("the signature was rewritten into its mirror image")
    return payload


def _envelope(payload: bytes, keyid: str, signature: bytes) -> bytes:
    return canonical_json(
        {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode("ascii")}],
        }
    )


def _subject(evidence: Evidence, target: Target) -> dict[str, Any]:
    record = identity(evidence, target)
    # A policy that matches by name can't take a lab's VM for Azure's; one that matches by digest can't anyway.
    name = f"lab:{target.id}" if evidence.run.lab else target.id
    return {
        "name": name,
        "digest": {"sha256": hashlib.sha256(rfc8785.dumps(record)).hexdigest()},
        "annotations": {"identity": record, "outcome": target.outcome, "target": target.name},
    }


def _configuration(evidence: Evidence, files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    """Pin what the run was told, every file, and the end of every journal."""
    run = evidence.run
    for name, digest in sorted(run.digests.items()):
        notes = {"commit": run.commits[name]} if name in run.commits else {}
        yield _pinned("input", name, digest, **notes)
    targets = {f"journal/{file_name(target.name)}.jsonl": target for target in evidence.targets}
    heads = {}
    for name in sorted(files):
        content = files[name]
        yield _pinned("file", name, hashlib.sha256(content).hexdigest())
        if name in targets:
            target = targets[name]
            entries = Journal.parse(Path(name), content, genesis=target.run or run.id)
            head = entries[-1].hash if entries else ""
            heads[name] = _pinned("journal-head", target.name, head, entries=len(entries))
    yield from (heads[name] for name in targets if name in heads)


def _pinned(kind: str, name: str, digest: str, **notes: Any) -> dict[str, Any]:
    return {"name": f"{kind}:{name}", "digest": {"sha256": digest}, **({"annotations": notes} if notes else {})}


def _lists(evidence: Evidence) -> dict[str, list[str]]:
    """Return the names of what passed, warned and failed; what does not apply is in none of them."""
    targets = {target.name: target for target in evidence.targets}
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for row in evidence.results:
        if row.outcome != "not applicable":
            lists[_list_of(row, targets.get(row.target))].append(f"{row.check}@{row.target}")
    for test in evidence.tests:
        kind = "passedTests" if test.outcome == "passed" else "failedTests"
        lists[kind].append(f"{test.test}@{test.target or '*'}")
    return {kind: sorted(names) for kind, names in lists.items()}


def _list_of(row: Result, target: Target | None) -> str:
    if row.outcome == "passed":
        return "passedTests"
    return "failedTests" if target is None or hinders(row, target) else "warnedTests"
