"""Evidence folders as runs leave them, small and made in no time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from securesystemslib.signer import CryptoSigner, SSlibKey

from reports import attestation, summary
from reports.evidence import Evidence, Result
from reports.folder import EvidenceFolder, file_name
from reports.journal import Journal
from reports.verify import read_folder
from tests.reports.samples import STARTED

SIGNER = CryptoSigner.generate_ecdsa()
KEY: SSlibKey = SIGNER.public_key


def whole(evidence: Evidence) -> Evidence:
    """Return the evidence with its plan, and a row for each check and target: what was not sampled does not apply."""
    first: dict[str, Result] = {}
    for row in evidence.results:
        first.setdefault(row.check, row)
    there = {(row.check, row.target) for row in evidence.results}
    made = [
        first[check].model_copy(update={"target": target.name, "outcome": "not applicable", "problems": ()})
        for target in evidence.targets
        for check in first
        if (check, target.name) not in there
    ]
    return evidence.model_copy(update={"planned": tuple(sorted(first)), "results": (*evidence.results, *made)})


def left_by(root: Path, evidence: Evidence, *, signer: CryptoSigner | None = SIGNER) -> Path:
    """Write the folder of a run with this record, whole, with facts and journals, and sign it; return its path."""
    folder = EvidenceFolder(root, evidence.run.id)
    targets = []
    for target in evidence.targets:
        ticks = iter(STARTED + timedelta(seconds=count) for count in range(9))
        journal = Journal.create(folder.journal_path(target.name), evidence.run.id, lambda ticks=ticks: next(ticks))  # type: ignore[misc]
        journal.append("gate", {"open": True, "target": target.name})
        before = folder.write_before(target.name, {"vm_id": target.vm_id})
        journal.append("launch.intent", {"nonce": "6f1c", "before": before})
        facts = folder.write_facts(target.name, {"before": {"azure": {"vm_id": target.vm_id}}})
        targets.append(target.model_copy(update={"digests": {"facts": facts, "journal": journal.head.hash}}))
    evidence = whole(evidence).model_copy(update={"targets": tuple(targets)})
    folder.write_evidence(evidence)
    folder.write(summary.FILE_NAME, summary.render(evidence))
    if signer:
        statement = attestation.statement(evidence, read_folder(folder.path))
        folder.write(attestation.FILE_NAME, attestation.seal(statement, signer))
    return folder.path


def journal_of(folder: Path, target: str) -> Path:
    """Return where the journal of a target is."""
    return folder / "journal" / f"{file_name(target)}.jsonl"
