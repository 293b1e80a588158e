"""The record of a run: typed, frozen and versioned. Every report is a rendering of it.

`docs/evidence.md` explains the keys to users; `docs/evidence.schema.json` is `json_schema()`. All text is bounded and
made visible as it enters, since much of it was said by a guest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from checks.catalogue import Metadata, Phase, Severity
from checks.facts import Artifact, AzureFacts, Coverage, Foretold, Receipt
from checks.judgement import Judgement, Outcome
from reports.redaction import redact_lines
from reports.text import BLOCK_LIMIT, LINE_LIMIT, block, line

SCHEMA: Literal["sealproof.evidence/1"] = "sealproof.evidence/1"

Mode: TypeAlias = Literal["observe", "generalize", "confirm"]
WaiverState: TypeAlias = Literal["used", "unused", "expired", "not yet", "unknown check", "unknown target", "refused"]
TargetOutcome: TypeAlias = Literal["ready", "proven", "sealed", "failed", "undetermined", "not acted"]

Line = Annotated[str, AfterValidator(line), WithJsonSchema({"type": "string", "maxLength": LINE_LIMIT})]
"""One line; hidden characters are escaped and the rest is cut with a mark."""
Block = Annotated[str, AfterValidator(block), WithJsonSchema({"type": "string", "maxLength": BLOCK_LIMIT})]
"""As `Line`, with line ends."""
Time = Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC))]
"""A time with its zone, kept as UTC."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Selected(_Part):
    """What one query found in Azure, once, before anything was looked at."""

    query: Line
    """Its conditions, as `group:rg-images and tag:release=2026-11`."""
    subscription: Line
    ids: tuple[Line, ...]
    """ARM ids of the VMs, sorted; also of those that another share of the fleet takes."""
    count: int
    at: Time


class Run(_Part):
    """Who ran what, where, when, with which inputs."""

    id: Line
    mode: Mode
    endpoint: Line
    """Base URL of the Azure Resource Manager that was asked."""
    lab: bool
    """True where that is not shown to be one of Azure's own clouds: then nothing here is a proof about Azure."""
    tenant: Line = ""
    principal: Line = ""
    versions: dict[Line, Line] = Field(default_factory=dict)
    """Name -> version: sealproof, python, azure-mgmt-compute, ..."""
    digests: dict[Line, Line] = Field(default_factory=dict)
    """What the run was told -> SHA-256 in hex: catalogue, fleet, waivers, custom checks."""
    commits: dict[Line, Line] = Field(default_factory=dict)
    """`waivers` -> the git commit that holds that very file, or why there is none."""
    arguments: tuple[Line, ...] = ()
    shard: Line = ""
    """Which share of the fleet it took, as `3/8`; empty for all of it."""
    selected: tuple[Selected, ...] = ()
    """What queries (`--select`, `select`) found; `digests` has one over all of it."""
    started: Time
    ended: Time | None = None
    """None while the run is not over; such a record never exits 0."""


class Vantages(_Part):
    """From where the target was seen, and how real that was."""

    azure: Literal["arm", "lab", "none"] = "none"
    guest: Literal["real", "simulated", "none"] = "none"
    disk: Literal["real", "constructed", "none"] = "none"
    look: Literal["real", "simulated", "none"] = "none"
    """What the guest saw of itself after it was sealed, in place of its disk (`witness: guest`)."""


class Reason(_Part):
    """One reason why a gate is closed."""

    code: Line
    """`failed`, `undetermined`, `forecast`, `veto`, ...: what kind of reason it is; see `reports.verdict`."""
    text: Line
    remedy: Block = ""
    check: Line | None = None


class Gate(_Part):
    """The decision whether the target may be generalized. `open` is None where it was never decided."""

    open: bool | None = None
    reasons: tuple[Reason, ...] = ()


class ReceiptRecord(_Part):
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


class ForecastRecord(_Part):
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


class StepRecord(_Part):
    """One event on a target's way, as its journal has it."""

    time: Time
    event: Line
    """`gate`, `launch.begin`, `launch.confirmed`, `stopped`, ...: the journal's own word."""
    text: Line = ""


class ArtifactRecord(_Part):
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


class DiskIdentity(_Part):
    """Which managed OS disk a VM has."""

    id: Line
    unique_id: Line
    """Azure's own id of the disk, which a disk of the same name made later does not have."""
    size_bytes: int


class IdentityRecord(_Part):
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


class Target(_Part):
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


class ProblemRecord(_Part):
    """One way in which a target breaks a rule."""

    observed: Line
    expected: Line
    where: Line

    @property
    def sentence(self) -> str:
        """The problem as reports say it: `/etc/shadow-: a hash (expected: none)`."""
        return f"{self.where.rstrip(':')}: {self.observed} (expected: {self.expected})"


class Waiver(_Part):
    """A written permission to go on although a check failed."""

    check: Line
    target: Line
    vm_id: Line = ""
    reason: Line
    approver: Line
    approved_on: date
    expires: date
    state: WaiverState = "unused"
    """What became of it. `refused`: the check can't be waived, or only warns, so that there is nothing to excuse."""


class Rule(_Part):
    """What a check asks for, in the words of its author. The record has it once, not in every row."""

    title: Line = ""
    why: Block = ""
    fix: Block = ""
    source: Line = ""
    grade: Line = ""
    """How sure the source is: a letter, see docs/checks.md."""
    remedied_by: Literal["prepare"] | None = None
    """Set where our own preparation removes the problem: before that, a failure does not close the gate."""

    @classmethod
    def of(cls, metadata: Metadata) -> Rule:
        """Return the rule of a check."""
        return cls.model_validate({name: getattr(metadata, name) for name in cls.model_fields})


class Result(_Part):
    """What one check says of one target. Every planned (check, target) has exactly one."""

    check: Line
    target: Line
    """The target's name."""
    phase: Phase
    severity: Severity
    outcome: Outcome
    problems: tuple[ProblemRecord, ...] = ()
    reason: Line = ""
    waiver: Waiver | None = None
    _rule: Rule = PrivateAttr(default_factory=Rule)

    @classmethod
    def of(
        cls, judgement: Judgement, target: str, *, outcome: Outcome | None = None, waiver: Waiver | None = None
    ) -> Result:
        """Return the row of a judgement on the target named `target`; `outcome` replaces the judged one (*waived*)."""
        metadata = judgement.check.metadata
        row = cls(
            check=metadata.id,
            target=target,
            phase=metadata.phase,
            severity=metadata.severity,
            outcome=outcome or judgement.outcome,
            problems=tuple(
                ProblemRecord(observed=item.observed, expected=item.expected, where=item.where)
                for item in judgement.problems
            ),
            reason=judgement.reason,
            waiver=waiver,
        )
        return row.ruled(_rule_of(metadata))

    def ruled(self, rule: Rule) -> Result:
        """Return this row, which knows its rule from now on. The rule is no part of the row's own JSON."""
        self._rule = rule
        # There may be hundreds of thousands of rows, and each would keep its own list of the fields that it was given.
        object.__setattr__(self, "__pydantic_fields_set__", _ROW_FIELDS)
        return self

    @property
    def rule(self) -> Rule:
        """What the check asks for."""
        return self._rule


_ROW_FIELDS = set(Result.model_fields)


@lru_cache(maxsize=4096)
def _rule_of(metadata: Metadata) -> Rule:
    return Rule.of(metadata)


class PlainTestRecord(_Part):
    """What one of a team's plain tests said. Anything but *passed* closed the gates of the targets that it is about."""

    test: Line
    """Folder, file and name: `rules/test_ssh.py::test_port[win01]`."""
    target: Line | None = None
    """The target's name; None where it counts for every target."""
    outcome: Literal["passed", "failed", "skipped", "xfailed", "xpassed", "rerun", "deselected", "not run"]
    reason: Line = ""


class VolumeRecord(_Part):
    """One volume of a stopped disk; `reason` says why it could not be read."""

    name: Line
    filesystem: Line
    reason: Line = ""


class CoverageRecord(_Part):
    """What the reader saw of a target's stopped disk."""

    size_bytes: int
    bytes_read: int
    files_examined: int
    volumes: tuple[VolumeRecord, ...] = ()
    read_sha256: Line = ""
    """SHA-256 over what was read of the disk: what the findings rest on, and no digest of the whole."""
    isolation: tuple[Line, ...] = ()
    requests: int = 0
    """How often the disk was asked for bytes."""
    seconds: float = 0.0
    """From the start of the reader process to its answer."""
    remarks: tuple[Line, ...] = ()
    """How the disk was read."""
    gaps: tuple[Line, ...] = ()
    """What could not be looked at on volumes that were read, and the facts that are unknown for it."""
    peak_memory_bytes: int = 0
    """The most memory that the reader had in use; 0 where the system does not say."""

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageRecord:
        """Return the record of a reader's coverage."""
        return cls(
            size_bytes=coverage.size_bytes,
            bytes_read=coverage.bytes_read,
            files_examined=coverage.files_examined,
            volumes=tuple(
                VolumeRecord(name=item.name, filesystem=item.filesystem, reason=item.reason)
                for item in coverage.volumes
            ),
            read_sha256=coverage.read_sha256,
            isolation=coverage.isolation,
            requests=coverage.requests,
            seconds=coverage.seconds,
            remarks=coverage.remarks,
            gaps=coverage.gaps,
            peak_memory_bytes=coverage.peak_memory_bytes,
        )

    @property
    def complete(self) -> bool:
        """True when something was read, and no volume was unreadable."""
        unreadable = any(volume.filesystem == "unreadable" or volume.reason for volume in self.volumes)
        return bool(self.volumes) and self.files_examined > 0 and self.bytes_read > 0 and not unreadable


class MergedRun(_Part):
    """A run whose evidence was joined with others'."""

    run: Run
    evidence: Line
    """SHA-256 of its evidence.json in hex; the file is in `merged/<run id>/`."""
    signed_by: Line = ""
    """Id of the key whose signature was verified when it was joined; empty where it was not signed."""


class Evidence(_Part):
    """The record of a run."""

    schema_: Literal["sealproof.evidence/1"] = Field(default=SCHEMA, alias="schema")
    run: Run
    verdict: TargetOutcome
    planned: tuple[Line, ...] | None = None
    """Ids of the checks that every target must have a row of; None in records that state no plan."""
    merged: tuple[MergedRun, ...] = ()
    """The runs whose evidence was joined into this one; empty for a run's own record."""
    targets: tuple[Target, ...] = ()
    checks: dict[Line, Rule] = Field(default_factory=dict)
    """Check id -> what it asks for."""
    results: tuple[Result, ...] = ()
    tests: tuple[PlainTestRecord, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    coverage: dict[Line, CoverageRecord] = Field(default_factory=dict)
    """Target name -> what was read of its disk."""

    @model_validator(mode="after")
    def _rule_the_rows(self) -> Evidence:
        for row in self.results:
            if row.check in self.checks:
                row.ruled(self.checks[row.check])
        return self

    def rows(self) -> dict[str, list[Result]]:
        """Return the rows by target's name, in their order; every target has an entry. One pass: keep the answer."""
        found: dict[str, list[Result]] = {target.name: [] for target in self.targets}
        for row in self.results:
            found.setdefault(row.target, []).append(row)
        return found

    def to_bytes(self) -> bytes:
        """Return the canonical file: JSON with sorted keys, two spaces, UTF-8, one line end at the end."""
        frame = self.model_copy(update={"results": ()})
        data = canonical_json(frame.model_dump(mode="json", by_alias=True))
        if not self.results:
            return data
        # Row by row: all of them as one tree would take many times the room of the file. No string holds a line end.
        head, _, tail = data.partition(b'\n  "results": []')
        rows = (canonical_json(row.model_dump(mode="json"))[:-1].replace(b"\n", b"\n    ") for row in self.results)
        return head + b'\n  "results": [\n    ' + b",\n    ".join(rows) + b"\n  ]" + tail

    @classmethod
    def from_bytes(cls, data: bytes) -> Evidence:
        """Read the canonical file. Raises pydantic's `ValidationError`, which names the key that is wrong."""
        return cls.model_validate_json(data)


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return `value` as the bytes that evidence files hold. Raises TypeError or ValueError for what JSON can't hold."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
    # A guest's JSON can hold half of a surrogate pair; it has no UTF-8, and its backslash form is its JSON escape.
    return (text + "\n").encode("utf-8", "backslashreplace")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of evidence.json; committed as docs/evidence.schema.json."""
    schema = Evidence.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def utc(time: datetime) -> str:
    """Return a time as reports write it: `2026-11-22 20:15:03 UTC`."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
