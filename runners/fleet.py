"""The fleet: the targets of one run, and how each is to be treated. docs/fleet.md describes the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from reports.document import Place
from reports.mistakes import Mistake, mistakes_of
from runners.cloud import AZURE_CLOUDS
from runners.document import read_document
from runners.errors import FleetError, UsageError
from runners.resource_id import ResourceId
from runners.selector import Selector
from runners.treatment import Treatment
from runners.way_in import WayIn

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Names become file names and pytest ids: web-01, golden_2022.v3
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


T = TypeVar("T", bound=Treatment)
Kind = Literal["vm", "disk", "snapshot", "file"]
"""What a target is."""
_SUBJECTS = ("id", "disk", "snapshot", "file")
"""The keys of which every target has one."""


class Target(Treatment):
    """One VM, or a disk that others sealed, and how it is treated."""

    name: str = Field(description="a name for reports and file names")
    id: str = Field("", description="the VM's ARM id")
    disk: str | None = Field(None, description="the ARM id of a managed disk that others sealed")
    snapshot: str | None = Field(None, description="the ARM id of a snapshot of a disk that others sealed")
    file: Annotated[Path, Field(strict=False)] | None = Field(None, description="an image that others sealed, a file")
    vm_id: str | None = Field(None, description="the VM's own vmId; giving it is the consent to generalize it")

    @field_validator("name")
    @classmethod
    def _name_is_plain(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(
                f"{value[:80]!r} is no target name. Use 1 to 64 letters, digits, '.', '_' and '-', beginning with "
                "a letter or digit: names become file names"
            )
        return value

    @field_validator("id")
    @classmethod
    def _id_is_a_vm(cls, value: str) -> str:
        ResourceId.of_vm(value)
        return value

    @field_validator("disk")
    @classmethod
    def _disk_is_a_disk(cls, value: str | None) -> str | None:
        if value is not None:
            ResourceId.of_kind(value, "disks")
        return value

    @field_validator("snapshot")
    @classmethod
    def _snapshot_is_a_snapshot(cls, value: str | None) -> str | None:
        if value is not None:
            ResourceId.of_kind(value, "snapshots")
        return value

    @field_validator("vm_id")
    @classmethod
    def _vm_id_is_a_guid(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _GUID.fullmatch(value):
            raise ValueError(f"{value[:80]!r} is no vmId. It is a GUID; az vm show --ids ID --query vmId prints it")
        return value.lower()

    @model_validator(mode="after")
    def _winrm_has_its_password(self) -> Target:
        places = [place for place in (self.channel_password_env, self.channel_password_file) if place is not None]
        if self.channel.startswith("winrm://") and len(places) != 1:
            raise ValueError(
                "a winrm:// channel needs its account's password, which never stands in this file. Give "
                "channel_password_env, the name of an environment variable, or channel_password_file, and not both"
            )
        return self

    @model_validator(mode="after")
    def _is_one_thing(self) -> Target:
        given = [key for key in _SUBJECTS if getattr(self, key)]
        if not given:
            raise ValueError(
                "it names nothing. Give id, a VM's ARM id; or, to confirm what others sealed, one of disk, snapshot "
                "(ARM ids) and file (a path)"
            )
        if len(given) > 1:
            raise ValueError(f"it has {' and '.join(given)}, and a target is one thing. Leave one of them")
        if self.vm_id is not None and not self.id:
            raise ValueError(f"it is a {self.kind}, and a vm_id is a VM's. Leave vm_id out")
        return self

    @property
    def kind(self) -> Kind:
        """What the target is."""
        return "vm" if self.id else "disk" if self.disk else "snapshot" if self.snapshot else "file"

    @property
    def subject(self) -> str:
        """What is judged: an ARM id, or a file's path."""
        return self.id or self.disk or self.snapshot or str(self.file)

    @property
    def subscription_id(self) -> str:
        """The subscription's GUID, from the ARM id."""
        return ResourceId.parse(self.id).subscription

    @property
    def resource_group(self) -> str:
        """The resource group's name, from the ARM id. ARM compares it without regard to case."""
        return ResourceId.parse(self.id).group

    @property
    def vm_name(self) -> str:
        """The VM's name, from the ARM id. ARM compares it without regard to case."""
        return ResourceId.parse(self.id).name


class Fleet(BaseModel):
    """The targets of one run."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    targets: tuple[Target, ...]
    selectors: tuple[Selector, ...] = ()
    """What is still to be found in Azure; nothing once it was."""
    cloud: WayIn = WayIn()
    """Which Azure its targets are in; Azure's public cloud where the file says nothing."""
    source: str = ""
    """Where the fleet comes from, for messages: a path, `--target`, or a scenario."""
    digest: str = ""
    """SHA-256 of the fleet file's bytes; empty where there is no file."""


class _FleetFile(BaseModel):
    """The top of a fleet file; its parts are validated one by one, so that every mistake is found."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: int = Field(description="the version of this format: 1")
    defaults: dict[str, Any] | None = Field(None, description="what holds for every target that does not say otherwise")
    cloud: Any = Field(None, description="which Azure the targets are in")
    targets: list[dict[str, Any]] = Field(min_length=1, description="the VMs, or how to find them, as a list")

    @field_validator("version")
    @classmethod
    def _version_is_ours(cls, value: int) -> int:
        if value != 1:
            raise ValueError(
                f"it is {value}, and this Sealproof reads version 1. Use the Sealproof that the file is for"
            )
        return value


def load_fleet(path: Path) -> Fleet:
    """Read and validate a fleet file.

    Raises `FleetError` that lists every mistake: `file:line`, what is wrong, what to do.
    """
    try:
        document = read_document(path, "fleet file")
    except UsageError as error:
        raise FleetError(str(error)) from None
    fleet = _validate(document.data, document.source, document.line)
    targets = tuple(_placed(target, path.parent) for target in fleet.targets)
    selectors = tuple(_placed(selector, path.parent) for selector in fleet.selectors)
    fleet = fleet.model_copy(update={"targets": targets, "selectors": selectors})
    cloud = fleet.cloud
    if cloud.ca is not None:
        cloud = cloud.model_copy(update={"ca": path.parent / cloud.ca})
    return fleet.model_copy(update={"digest": document.digest, "cloud": cloud})


def _placed(target: T, folder: Path) -> T:
    """Return the entry with the paths of its files, which start at the fleet file."""
    update: dict[str, Any] = {}
    if (file := target.channel_password_file) is not None:
        update["channel_password_file"] = folder / file
    if isinstance(target, Target) and target.file is not None:
        update["file"] = folder / target.file
    if (file := target.sysprep.password_file) is not None:
        update["sysprep"] = target.sysprep.model_copy(update={"password_file": folder / file})
    return target.model_copy(update=update)


def fleet_from_mapping(data: Mapping[str, Any], source: str) -> Fleet:
    """Validate a fleet that is no file of its own, such as a scenario's. `source` names it in `FleetError`."""
    return _validate(dict(data), source, lambda _: 0)


def _validate(data: Any, source: str, line: Callable[[Place], int]) -> Fleet:
    mistakes: list[Mistake] = []
    if not isinstance(data, dict):
        raise FleetError(f"{source}: a fleet is a mapping with the keys version and targets. See docs/fleet.md.")
    try:
        _FleetFile.model_validate(data)
    except ValidationError as error:
        mistakes += mistakes_of(error, (), _FleetFile)
    defaults = data.get("defaults")
    if isinstance(defaults, dict):
        try:
            Treatment.model_validate(defaults)
        except ValidationError as error:
            mistakes += mistakes_of(error, ("defaults",), Treatment)
            defaults = {}
    else:
        defaults = {}
    cloud, wrong = _cloud(data.get("cloud"))
    mistakes += wrong
    targets: dict[int, Target] = {}
    selectors: list[Selector] = []
    entries = data.get("targets")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            continue
        kind = Selector if "select" in entry else Target
        try:
            read = kind.model_validate({**defaults, **entry})
        except ValidationError as error:
            mistakes += mistakes_of(error, ("targets", index), kind)
            continue
        if isinstance(read, Target):
            targets[index] = read
        else:
            selectors.append(read)
    mistakes += _repeated(targets)
    if mistakes:
        found = sorted(((line(item.place), item.text) for item in mistakes), key=lambda pair: pair[0])
        raise FleetError(
            "\n".join(f"{source}:{number}: {text}" if number else f"{source}: {text}" for number, text in found)
        )
    return Fleet(targets=tuple(targets.values()), selectors=tuple(selectors), cloud=cloud, source=source)


def _cloud(said: Any) -> tuple[WayIn, list[Mistake]]:
    """Return what the key `cloud` says, a name or a mapping, with the mistakes in it."""
    names = ", ".join(AZURE_CLOUDS)
    if said is None:
        return WayIn(), []
    if isinstance(said, str) and said in AZURE_CLOUDS:
        return WayIn(arm_endpoint=AZURE_CLOUDS[said].endpoint), []
    if not isinstance(said, dict):
        text = f"cloud: it is {str(said)[:60]!r}. Write {names}, or a mapping with {', '.join(WayIn.model_fields)}."
        return WayIn(), [Mistake(("cloud",), text)]
    try:
        return WayIn.model_validate(said), []
    except ValidationError as error:
        return WayIn(), mistakes_of(error, ("cloud",), WayIn)


def _repeated(targets: Mapping[int, Target]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    for key in ("name", *_SUBJECTS, "vm_id"):
        first: dict[str, Target] = {}
        for index, target in targets.items():
            value = getattr(target, key)
            if not value:
                continue
            case = "" if isinstance(value, Path) else " (case does not count)"
            other = first.setdefault(str(value).lower() if case else str(value), target)
            if other is not target:
                text = f"targets[{index}].{key}: target {other.name!r} has {str(value)!r} already{case}."
                mistakes.append(Mistake(("targets", index, key), text))
    return mistakes
