"""What the record says of one target, and what became of it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from checks.facts import Artifact, AzureFacts, Foretold, Receipt
from reports.evidence_part import Block, Line, Part, Time
from reports.redaction import redact_lines

TargetOutcome: TypeAlias = Literal["ready", "proven", "sealed", "failed", "undetermined", "not acted"]


class Vantages(Part):
    """From where the target was seen, and how real that was."""

    azure: Literal["arm", "lab", "none"] = "none"
    guest: Literal["real", "simulated", "none"] = "none"
    disk: Literal["real", "constructed", "none"] = "none"
    look: Literal["real", "simulated", "none"] = "none"
    """What the guest saw of itself after it was sealed, in place of its disk (`witness: guest`)."""


class Reason(Part):
    """One reason why a gate is closed."""

    code: Line
    """`failed`, `undetermined`, `forecast`, `veto`, ...: what kind of reason it is; see `reports.verdict`."""
    text: Line
    remedy: Block = ""
    check: Line | None = None


class Gate(Part):
    """The decision whether the target may be generalized. `open` is None where it was never decided."""

    open: bool | None = None
    reasons: tuple[Reason, ...] = ()


class ReceiptRecord(Part):
    """What the runner saw while it generalized."""

    outcome: Literal["succeeded", "failed", "hung", "unknown"]
    cause: Line = ""
    launched_as: Line = ""
    excerpt: tuple[Line, ...] = ()
    remedy: Line = ""
    """What to do about the cause, where that is known."""

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptRecord:
        """Return the record of a receipt."""
        return cls.model_validate(
            {
                "outcome": receipt.outcome,
                "cause": receipt.cause,
                "launched_as": receipt.launched_as,
                "excerpt": tuple(redact_lines(receipt.excerpt)),
                "remedy": receipt.remedy,
            }
        )


class ForecastRecord(Part):
    """Something that identifies the source machine, and whether it was foretold to survive the step."""

    check: Line
    """The check that finds it on the stopped disk: its row says whether the forecast was right."""
    clean: Line = ""
    """The `clean` key that removes it; empty where none does."""
    what: Line
    survives: bool | None
    """None where the guest could not say enough: it then counts as surviving."""
    reason: Line = ""
    """Why nothing could be foretold."""
    remedy: Block = ""

    @classmethod
    def of(cls, foretold: Foretold) -> ForecastRecord:
        """Return the record of what was foretold."""
        told = foretold.survives
        return cls(
            check=foretold.check,
            clean=foretold.clean,
            what=foretold.what,
            survives=told.value if told.known else None,
            reason="" if told.known else told.to_json()["unknown"],
            remedy=foretold.remedy,
        )


class StepRecord(Part):
    """One event on a target's way, as its journal has it."""

    time: Time
    event: Line
    """`gate`, `launch.begin`, `launch.confirmed`, `stopped`, ...: the journal's own word."""
    text: Line = ""


class ArtifactRecord(Part):
    """A disk, a snapshot or a file that was judged by itself: which one it was."""

    format: Line
    """`managed disk`, `snapshot`, or how the file holds the disk: `vhd`, `vhdx`, `qcow2`, `raw`."""
    size_bytes: int
    unique_id: Line = ""
    """Azure's own unique id of a disk or snapshot."""
    modified: Line = ""
    """When the file was last written to, UTC."""
    sha256: Line = ""
    """Of the whole file; empty where nobody asked for it. What was read has its own in `coverage`."""

    @classmethod
    def of(cls, artifact: Artifact) -> ArtifactRecord:
        """Return the record of what was observed."""
        resource = artifact.resource
        return cls(
            format=artifact.format,
            size_bytes=artifact.size_bytes,
            unique_id="" if resource.absent else resource.value.unique_id,
            modified=artifact.modified.value_or(""),
            sha256=artifact.sha256.value_or(""),
        )


class DiskIdentity(Part):
    """Which managed OS disk a VM has."""

    id: Line
    unique_id: Line
    """Azure's own id of the disk, which a disk of the same name made later does not have."""
    size_bytes: int


class IdentityRecord(Part):
    """Which machine was seen, beyond its name: with `id` and `vm_id` of the target what an attestation is about."""

    location: Line
    os_disk: DiskIdentity | None = None
    """None where it is no managed disk, or could not be observed."""

    @classmethod
    def of(cls, azure: AzureFacts) -> IdentityRecord:
        """Return the identity of an observed VM."""
        disk = azure.os_disk.value if azure.os_disk.known and not azure.os_disk.absent else None
        return cls(
            location=azure.location,
            os_disk=DiskIdentity(id=disk.id, unique_id=disk.unique_id, size_bytes=disk.size_bytes) if disk else None,
        )


class Target(Part):
    """One VM, or one disk that others sealed, and what became of it."""

    name: Line
    id: Line
    """ARM id, or a file's path."""
    kind: Literal["vm", "disk", "snapshot", "file"] = "vm"
    artifact: ArtifactRecord | None = None
    """Which disk, snapshot or file was judged; None for a VM, and where it could not be looked at."""
    vm_id: Line = ""
    identity: IdentityRecord | None = None
    """None where the VM was not observed."""
    run: Line = ""
    """In a merged record the id of the run that this target is from; empty for the record's own run."""
    platform: Literal["linux", "windows", "unknown"] = "unknown"
    witness: Literal["disk", "guest"] = "disk"
    """What the fleet file asks for; `guest` can reach *sealed* at best."""
    vantages: Vantages = Vantages()
    gate: Gate = Gate()
    forecast: tuple[ForecastRecord, ...] = ()
    """What was foretold before the step; empty on Windows, and where the guest was not seen."""
    receipt: ReceiptRecord | None = None
    outcome: TargetOutcome = "undetermined"
    proof: tuple[Line, ...] = ()
    """Ids of the checks that passed on this target and show that deprovisioning happened."""
    started: Time | None = None
    ended: Time | None = None
    timings: dict[Line, float] = Field(default_factory=dict)
    """Step -> seconds."""
    story: tuple[StepRecord, ...] = ()
    """What was decided and done, in order: the journal's events, without what only a machine reads."""
    digests: dict[Line, Line] = Field(default_factory=dict)
    """`facts` and `journal` -> SHA-256 in hex (of the facts' file; of the journal's last entry)."""
    note: Line = ""
    """What a person should know: why it was not acted on, what to look at."""
