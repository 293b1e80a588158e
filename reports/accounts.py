"""What `verify` says of an evidence folder, on one screen: what it proves, and what it does not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from reports.errors import EvidenceError
from reports.evidence import Evidence, Target, utc
from reports.notices import meaning, order_of_interest
from reports.text import line
from reports.verify import Verified

_MOST = 8
_NOT = """\
It does not prove
  - anything about an image that was made from that VM or disk later: the subject is the VM as it was seen;
  - that the disk was not changed after it was read, or that the VM's name still leads to the same machine;
  - when it happened: the times are those of the signer's clock;
  - more than the signer's word: whoever has the private key can sign anything.
"""


def account(verified: Verified) -> str:
    """Return what evidence that was verified proves."""
    evidence = verified.evidence
    run = evidence.run
    states = Counter(item.state for item in evidence.waivers)
    lines = [
        f"VERIFIED: {verified.folder}",
        f"result: {verified.result}; verdict: {evidence.verdict} ({meaning(evidence)})",
        "",
        f"It proves that the holder of key {verified.keyid[:16]}... signed this record, and that none of its "
        f"{verified.files} files",
        "was changed, added or taken away since. The record is complete: each of the "
        f"{len(evidence.planned or ())} planned checks has one",
        "row for each target, and facts and journals fit to it. It says:",
        f"  run {run.id}, mode {run.mode}, {utc(run.started)}, Sealproof {run.versions.get('sealproof', '?')}",
        f"  asked: {run.endpoint} as {run.principal or '?'}",
    ]
    targets = order_of_interest(evidence.targets)
    lines += [f"  {_target(target)}" for target in targets[:_MOST]]
    if len(targets) > _MOST:
        lines.append(f"  and {len(targets) - _MOST} more targets")
    if states:
        lines.append(f"  waivers: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}")
    if run.lab:
        lines += ["", "LAB: it is no run against Azure's own cloud, and PROVES NOTHING ABOUT ANY VM IN AZURE."]
    return "\n".join(line(text, 240) for text in lines) + f"\n\n{_NOT}{_reservation(evidence)}"


def refusal(folder: Path, error: EvidenceError) -> str:
    """Return why evidence is not trusted."""
    reasons = str(error).splitlines()
    shown = [f"  - {line(text, 300)}" for text in reasons[:20]]
    more = [f"  - and {len(reasons) - 20} more"] if len(reasons) > 20 else []
    return "\n".join([f"REFUSED: {line(str(folder))} can't be trusted:", *shown, *more, ""])


def _target(target: Target) -> str:
    disk = target.identity.os_disk if target.identity else None
    return f"{target.outcome}: {target.id}, vmId {target.vm_id or '?'}, OS disk {disk.unique_id if disk else '?'}"


def _reservation(evidence: Evidence) -> str:
    if evidence.run.mode == "observe":
        return "  - that any VM was sealed: the run only looked before the step, so its result is FAILED.\n"
    if any(target.outcome == "sealed" for target in evidence.targets):
        return "  - what a stopped disk holds where a target is *sealed*: nobody read it.\n"
    return ""
