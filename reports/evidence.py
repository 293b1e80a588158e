"""The record of a run: typed, frozen and versioned. Every report is a rendering of it.

`docs/evidence.md` explains the keys to users; `docs/evidence.schema.json` is `json_schema()`. All text is bounded and
made visible as it enters, since much of it was said by a guest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Literal, TypeAlias

from pydantic import (
    Field,
    model_validator,
)

from checks.facts import Coverage
from reports.evidence_part import Block, Line, Part, Time
from reports.evidence_row import ProblemRecord, Result, Rule, Waiver, WaiverState
from reports.evidence_target import (
    ArtifactRecord,
    DiskIdentity,
    ForecastRecord,
    Gate,
    IdentityRecord,
    Reason,
    ReceiptRecord,
    StepRecord,
    Target,
    TargetOutcome,
    Vantages,
)
from reports.text import encoded

__all__ = [
    "SCHEMA",
    "ArtifactRecord",
    "Block",
    "CoverageRecord",
    "DiskIdentity",
    "Evidence",
    "ForecastRecord",
    "Gate",
    "IdentityRecord",
    "Line",
    "MergedRun",
    "Mode",
    "PlainTestRecord",
    "ProblemRecord",
    "Reason",
    "ReceiptRecord",
    "Result",
    "Rule",
    "Run",
    "Selected",
    "StepRecord",
    "Target",
    "TargetOutcome",
    "Time",
    "Vantages",
    "VolumeRecord",
    "Waiver",
    "WaiverState",
    "canonical_chunks",
    "canonical_json",
    "json_schema",
    "utc",
]
"""Also what stands in files of its own: whoever reads the record needs one import."""

SCHEMA: Literal["sealproof.evidence/1"] = "sealproof.evidence/1"

Mode: TypeAlias = Literal["observe", "generalize", "confirm"]


class Selected(Part):
    """What one query found in Azure, once, before anything was looked at."""

    query: Line
    """Its conditions, as `group:rg-images and tag:release=2026-11`."""
    subscription: Line
    ids: tuple[Line, ...]
    """ARM ids of the VMs, sorted; also of those that another share of the fleet takes."""
    count: int
    at: Time


class Run(Part):
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


class PlainTestRecord(Part):
    """What one of a team's plain tests said. Anything but *passed* closed the gates of the targets that it is about."""

    test: Line
    """Folder, file and name: `rules/test_ssh.py::test_port[win01]`."""
    target: Line | None = None
    """The target's name; None where it counts for every target."""
    outcome: Literal["passed", "failed", "skipped", "xfailed", "xpassed", "rerun", "deselected", "not run"]
    reason: Line = ""


class VolumeRecord(Part):
    """One volume of a stopped disk; `reason` says why it could not be read."""

    name: Line
    filesystem: Line
    reason: Line = ""


class CoverageRecord(Part):
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


class MergedRun(Part):
    """A run whose evidence was joined with others'."""

    run: Run
    evidence: Line
    """SHA-256 of its evidence.json in hex; the file is in `merged/<run id>/`."""
    signed_by: Line = ""
    """Id of the key whose signature was verified when it was joined; empty where it was not signed."""


class Evidence(Part):
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
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """Yield the canonical file piece by piece: that of a large fleet is large, too."""
        long: dict[str, tuple[Part, ...]] = {"results": self.results, "targets": self.targets}
        frame = self.model_copy(update=dict.fromkeys(long, ()))
        rest = canonical_json(frame.model_dump(mode="json", by_alias=True))
        # Part by part: all of them as one tree would take many times the room of the file. No string holds a line end.
        for name, parts in long.items():
            head, empty, rest = rest.partition(f'\n  "{name}": []'.encode())
            yield head + empty[:-1]
            for number, part in enumerate(parts):
                text = canonical_json(part.model_dump(mode="json", by_alias=True))[:-1].replace(b"\n", b"\n    ")
                yield (b",\n    " if number else b"\n    ") + text
            yield b"\n  ]" if parts else b"]"
        yield rest

    @classmethod
    def from_bytes(cls, data: bytes) -> Evidence:
        """Read the canonical file. Raises pydantic's `ValidationError`, which names the key that is wrong."""
        return cls.model_validate_json(data)


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return `value` as the bytes that evidence files hold. Raises TypeError or ValueError for what JSON can't hold."""
    return b"".join(canonical_chunks(value))


def canonical_chunks(value: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield what `canonical_json` returns piece by piece."""
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
    return encoded(chain(encoder.iterencode(value), "\n"))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of evidence.json; committed as docs/evidence.schema.json."""
    schema = Evidence.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def utc(time: datetime) -> str:
    """Return a time as reports write it: `2026-11-22 20:15:03 UTC`."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
