"""The reader process's raw report -> typed facts of the stopped disk.

The report comes from a process that parsed hostile bytes, so nothing in it is believed beyond its form: known fields
only, each with its type and a bound. A report that breaks the form is no observation at all.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from checks.facts import (
    Coverage,
    DiskAccess,
    DiskAccounts,
    DiskAgents,
    DiskLeftovers,
    DiskSecrets,
    DiskVolume,
    Fact,
    LinuxDisk,
    LinuxIdentities,
    LinuxSecrets,
    LinuxState,
    PasswordField,
    SysprepLog,
    WindowsDisk,
)
from runners.errors import DiskError
from runners.observe.disk_record import disk_record
from runners.observe.raw_fact import Name, Names, Word
from runners.observe.raw_fact import Raw as _Raw
from runners.observe.raw_fact import Strict as _Strict
from runners.observe.remains import IdentitiesModel, SecretsModel, StateModel, record

R = TypeVar("R")
T = TypeVar("T")

_LARGEST_REPORT = 4 * 1024 * 1024

Line = Annotated[str, StringConstraints(max_length=512)]
Count = Annotated[int, Field(ge=0, lt=1 << 63)]
Number = Annotated[int, Field(ge=0, lt=1 << 64)]
IdentityState = Literal["set", "empty", "uninitialized"]


_Topic = Annotated[dict[Word, _Raw[Any]], Field(max_length=50)]


class _Volume(_Strict):
    name: Line
    filesystem: Literal["ext2", "ext3", "ext4", "xfs", "ntfs", "fat", "swap", "lvm", "none", "unreadable"]
    reason: Line


class _Coverage(_Strict):
    size_bytes: Count
    bytes_read: Count
    files_examined: Count
    volumes: Annotated[list[_Volume], Field(max_length=128)]
    read_sha256: Word = ""
    isolation: Annotated[list[Word], Field(max_length=20)]
    requests: Count = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    remarks: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    gaps: Annotated[list[Line], Field(max_length=200)] = Field(default_factory=list)
    peak_memory_bytes: Count = 0


class _Password(_Strict):
    account: Word
    kind: Literal["hash", "locked", "empty"]


_Passwords = Annotated[list[_Password], Field(max_length=5000)]
_Accounts = Annotated[dict[Word, Annotated[list[Word], Field(max_length=6)]], Field(max_length=5000)]


_SudoAccounts = Annotated[dict[Word, Annotated[list[Name], Field(max_length=20)]], Field(max_length=500)]


class _LinuxFacts(_Strict):
    agent_folder: _Raw[Names]
    agent_log_failure: _Raw[Line]
    accounts: _Raw[_Accounts]
    human_accounts: _Raw[Names]
    homes: _Raw[Names]
    password_fields: _Raw[_Passwords]
    password_backup_fields: _Raw[_Passwords]
    machine_id: _Raw[IdentityState]
    dbus_machine_id: _Raw[IdentityState | Literal["link"]]
    hostname: _Raw[Line]
    host_keys: _Raw[Names]
    sudo_accounts: _Raw[_SudoAccounts]
    shell_histories: _Raw[Names]
    cloud_instances: _Raw[Names]
    secrets: SecretsModel
    identities: IdentitiesModel
    state: StateModel


class _WindowsFacts(_Strict):
    image_state: _Raw[Line]
    image_state_file: _Raw[Line]
    setup_type: _Raw[Number]
    setup_command: _Raw[Line]
    setup_in_progress: _Raw[Number]
    oobe_in_progress: _Raw[Number]
    generalization_state: _Raw[Number]
    cleanup_state: _Raw[Number]
    success_tag: _Raw[Word]
    error_lines: _Raw[Annotated[list[Line], Field(max_length=20)]]
    log: _Topic
    accounts: _Topic
    secrets: _Topic
    access: _Topic
    agents: _Topic
    leftovers: _Topic


class _LinuxReport(_Strict):
    platform: Literal["linux"]
    coverage: _Coverage
    facts: _LinuxFacts


class _WindowsReport(_Strict):
    platform: Literal["windows"]
    coverage: _Coverage
    facts: _WindowsFacts


def parse(report: bytes | dict[str, Any]) -> LinuxDisk | WindowsDisk:
    """Return the facts in a report of `runners.disk.reader.examine`, as it is or as JSON.

    Raises `DiskError` for a report that is malformed, too large, or says more than it should.
    """
    raw = _load(report)
    model: type[_LinuxReport | _WindowsReport] = _WindowsReport if raw.get("platform") == "windows" else _LinuxReport
    try:
        checked = model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))[:200]
        raise DiskError(
            f"the reader process's report is malformed at {where or 'its top'} ({first['msg'][:200]}); nothing of it "
            "was used"
        ) from None
    return _linux(checked) if isinstance(checked, _LinuxReport) else _windows(checked)


def _load(report: bytes | dict[str, Any]) -> dict[str, Any]:
    if isinstance(report, dict):
        return report
    if len(report) > _LARGEST_REPORT:
        raise DiskError(f"the reader process's report has {len(report)} bytes, more than the {_LARGEST_REPORT} allowed")
    try:
        raw = json.loads(report)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise DiskError("the reader process's report is no JSON object; nothing of it was used")
    return raw


def _linux(report: _LinuxReport) -> LinuxDisk:
    facts = report.facts
    return LinuxDisk(
        coverage=_coverage(report.coverage),
        agent_folder=_tuple(facts.agent_folder),
        agent_log_failure=facts.agent_log_failure.fact(),
        accounts=_accounts(facts.accounts),
        human_accounts=_tuple(facts.human_accounts),
        homes=_tuple(facts.homes),
        password_fields=_passwords(facts.password_fields),
        password_backup_fields=_passwords(facts.password_backup_fields),
        machine_id=_text(facts.machine_id),
        dbus_machine_id=_text(facts.dbus_machine_id),
        hostname=facts.hostname.fact(),
        host_keys=_tuple(facts.host_keys),
        sudo_accounts=_accounts(facts.sudo_accounts),
        shell_histories=_tuple(facts.shell_histories),
        cloud_instances=_tuple(facts.cloud_instances),
        secrets=record(LinuxSecrets, facts.secrets),
        identities=record(LinuxIdentities, facts.identities),
        state=record(LinuxState, facts.state),
    )


def _windows(report: _WindowsReport) -> WindowsDisk:
    facts = report.facts
    return WindowsDisk(
        coverage=_coverage(report.coverage),
        image_state=facts.image_state.fact(),
        image_state_file=facts.image_state_file.fact(),
        setup_type=facts.setup_type.fact(),
        setup_command=facts.setup_command.fact(),
        setup_in_progress=facts.setup_in_progress.fact(),
        oobe_in_progress=facts.oobe_in_progress.fact(),
        generalization_state=facts.generalization_state.fact(),
        cleanup_state=facts.cleanup_state.fact(),
        success_tag=facts.success_tag.fact(),
        error_lines=_tuple(facts.error_lines),
        log=_record(SysprepLog, "log", facts.log),
        accounts=_record(DiskAccounts, "accounts", facts.accounts),
        secrets=_record(DiskSecrets, "secrets", facts.secrets),
        access=_record(DiskAccess, "access", facts.access),
        agents=_record(DiskAgents, "agents", facts.agents),
        leftovers=_record(DiskLeftovers, "leftovers", facts.leftovers),
    )


def _record(kind: type[R], where: str, topic: dict[str, _Raw[Any]]) -> R:
    return disk_record(kind, f"facts.{where}", {name: raw.fact() for name, raw in topic.items()})


def _coverage(raw: _Coverage) -> Coverage:
    return Coverage(
        size_bytes=raw.size_bytes,
        bytes_read=raw.bytes_read,
        files_examined=raw.files_examined,
        volumes=tuple(DiskVolume(item.name, item.filesystem, item.reason) for item in raw.volumes),
        read_sha256=raw.read_sha256,
        isolation=tuple(raw.isolation),
        requests=raw.requests,
        seconds=raw.seconds,
        remarks=tuple(raw.remarks),
        gaps=tuple(raw.gaps),
        peak_memory_bytes=raw.peak_memory_bytes,
    )


def _tuple(raw: _Raw[list[str]]) -> Fact[tuple[str, ...]]:
    return _replaced(raw, tuple(raw.value or ()))


def _text(raw: _Raw[Any]) -> Fact[str]:
    return _replaced(raw, str(raw.value))


def _accounts(raw: _Raw[dict[str, list[str]]]) -> Fact[dict[str, tuple[str, ...]]]:
    return _replaced(raw, {name: tuple(files) for name, files in (raw.value or {}).items()})


def _passwords(raw: _Raw[list[_Password]]) -> Fact[tuple[PasswordField, ...]]:
    return _replaced(raw, tuple(PasswordField(item.account, item.kind) for item in raw.value or ()))


def _replaced(raw: _Raw[Any], value: T) -> Fact[T]:
    """Return the fact with `value` in the place of its raw value; absent and unknown stay what they are."""
    return Fact.of(value) if raw.value is not None else raw.fact()
