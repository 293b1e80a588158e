"""What an earlier run left of a target in its evidence folder: enough to finish what it launched (`--resume DIR`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from checks.facts import Observation
from reports.errors import JournalError
from reports.evidence import Evidence, Result
from reports.folder import before_name, file_name
from reports.journal import Entry, Head, Journal, launch_intent
from runners.errors import UsageError
from runners.generalize.claim_tag import ClaimTag
from runners.generalize.launch import Launch, Launched
from runners.observe.restore import restored_observation


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run's journal and facts say of one target. The journal's chain was verified."""

    run: str
    folder: Path
    entries: tuple[Entry, ...]
    launched: Launched | None = None
    """None where it launched nothing."""
    vm_id: str = ""
    """Which machine it launched on, and the unique id of that machine's OS disk; empty where it launched nothing."""
    os_disk: str = ""
    before: Observation | None = None
    """What it launched on."""
    rows: tuple[Result, ...] = ()
    """How it judged that."""

    @property
    def head(self) -> Head:
        """The end of its journal."""
        return Head(self.entries[-1].hash, len(self.entries)) if self.entries else Head(self.run, 0)

    def wrote(self, claim: ClaimTag) -> bool:
        """Return whether this run wrote that claim, and with this journal."""
        count = claim.journal.count
        known = 0 < count <= len(self.entries) and self.entries[count - 1].hash == claim.journal.hash
        return claim.run.lower() == self.run.lower() and known


def load_earlier(folders: Sequence[Path], endpoint: str) -> dict[str, Earlier]:
    """Return what the runs in these folders left, by the target's ARM id in lower case.

    `endpoint`: the Azure Resource Manager that is asked now. Raises `UsageError` for what is no evidence of a run that
    generalized there, or was changed since.
    """
    found: dict[str, Earlier] = {}
    for folder in folders:
        evidence = _evidence(folder)
        if evidence.run.mode != "generalize":
            raise UsageError(f"--resume {folder}: that run was in mode {evidence.run.mode} and launched nothing.")
        if evidence.run.endpoint != endpoint:
            raise UsageError(
                f"--resume {folder}: that run asked {evidence.run.endpoint}, and this one asks {endpoint}: its targets "
                "are not the same VMs. Give the same --arm-endpoint, or `cloud` in the fleet file."
            )
        for target in evidence.targets:
            earlier = _earlier(folder, evidence.run.id, target.name)
            # What such a run finished was launched by yet another one, whose folder it is that tells.
            if all(entry.event != "resumed" for entry in earlier.entries):
                found[target.id.lower()] = earlier
    return found


def _evidence(folder: Path) -> Evidence:
    path = folder / "evidence.json"
    try:
        return Evidence.from_bytes(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"--resume {folder}: {path} can't be read: {error.strerror}. Give the evidence folder of the run that "
            "launched the step: evidence/RUN, whose name is that run's id."
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"--resume {folder}: {path} is no evidence of this version: {where}: {first['msg']}."
        ) from None


def _earlier(folder: Path, run: str, name: str) -> Earlier:
    path = folder / "journal" / f"{file_name(name)}.jsonl"
    if not path.exists():
        return Earlier(run, folder, ())  # it did not get that far
    try:
        entries = Journal.read(path, genesis=run, cut=True)
    except JournalError as error:
        raise UsageError(f"--resume {folder}: {error}") from None
    intent = launch_intent(entries)
    launched = launched_of(entries)
    if intent is None or launched is None:
        return Earlier(run, folder, entries)
    document = _document(folder, name, intent.data)
    try:
        before = restored_observation(document)
        rows = tuple(Result.model_validate(row) for row in document["rows"])
    except ValueError as error:
        raise UsageError(f"--resume {folder}: what it launched {name} on can't be read: {error}.") from None
    vm_id, os_disk = str(intent.data["vm_id"]), str(intent.data["os_disk"])
    return Earlier(run, folder, entries, launched, vm_id, os_disk, before, rows)


def launched_of(entries: Sequence[Entry]) -> Launched | None:
    """Return what a journal says of a launch that may have been carried out; None where there was none."""
    intent = launch_intent(entries)
    return None if intent is None else _launched(entries, intent)


def _launched(entries: Sequence[Entry], intent: Entry) -> Launched:
    confirmed = next((item.data for item in entries[intent.seq :] if item.event == "launch.confirmed"), None)
    launch = Launch(
        datetime.fromisoformat(intent.time),
        launched_as=str((confirmed or {}).get("launched_as", "")),
        started=_started(confirmed or {}),
        confirmed=confirmed is not None,
    )
    flagging = any(item.event == "generalize.intent" for item in entries)
    return Launched(launch, str(intent.data["nonce"]), flagging)


def _started(confirmed: Mapping[str, Any]) -> datetime | None:
    text = confirmed.get("started")
    return datetime.fromisoformat(text) if text else None


def _document(folder: Path, name: str, intent: Mapping[str, Any]) -> dict[str, Any]:
    path = folder / before_name(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--resume {folder}: {path} can't be read: {error.strerror}.") from None
    digest = hashlib.sha256(data).hexdigest()
    if digest != intent.get("before"):
        raise UsageError(
            f"--resume {folder}: {path} is not the file that the journal names: its SHA-256 is {digest}, and was "
            f"{intent.get('before')}. It was changed, so it proves nothing: resume without it is not possible; "
            "--take-over alone says what the VM shows."
        )
    document: dict[str, Any] = json.loads(data)
    return document
