"""What a run attests, for a signer that is not ours: a CI system's keyless one signs it with the job's own identity."""

from __future__ import annotations

from pathlib import Path

from reports import attestation
from reports.errors import EvidenceError
from reports.evidence import canonical_json
from reports.verify import inconsistencies, parse, read_folder


def predicate(folder: Path, *, allow_lab: bool = False) -> bytes:
    """Return the predicate (in-toto test-result v0.1) of a run's folder as JSON.

    Raises `EvidenceError` where the folder does not fit together, and for a lab's run unless that is allowed:
    nobody may sign what the run itself would not have.
    """
    files = {name: data for name, data in read_folder(folder).items() if name != attestation.FILE_NAME}
    evidence = parse(files["evidence.json"])
    if evidence.run.lab and not allow_lab:
        raise EvidenceError(
            "it is a lab's run, which proves nothing about Azure: give --allow-lab to attest it as that"
        )
    against = "\n".join(inconsistencies(evidence, files))
    if against:
        raise EvidenceError(against)
    return canonical_json(attestation.statement(evidence, files)["predicate"])
