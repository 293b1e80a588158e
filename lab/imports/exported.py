"""The ARM documents of a VM, from wherever they come: sorted, and in ARM's own shape.

Files may hold what REST answers, one document or a list `{"value": [...]}`, or what the Azure CLI prints: `az vm show`,
`az vm get-instance-view`, `az disk show`, `az vm extension list`, `az lock list`. The CLI lifts `properties` to the top
and adds `resourceGroup`; `raw` puts that back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.scenario import Document
from runners.errors import UsageError

if TYPE_CHECKING:
    from runners.azure import Arm

_MACHINE = "microsoft.compute/virtualmachines"
_DISK = "microsoft.compute/disks"
_EXTENSION = "microsoft.compute/virtualmachines/extensions"
_LOCK = "microsoft.authorization/locks"
_VIEW = "view"
# What stands beside `properties` in ARM's documents of these kinds; the CLI has all else there as well
_BESIDE_PROPERTIES = frozenset(
    {"id", "name", "type", "location", "tags", "zones", "identity", "plan", "sku", "kind", "etag", "resources"}
    | {"extendedLocation", "managedBy", "managedByExtended", "placement", "resourceGroup", "systemData"}
)
# The CLI's names of properties whose own names are taken at the top
_RENAMED = {"typePropertiesType": "type"}


class ExportError(UsageError):
    """Documents can't be imported. The text names the file or the VM and what to do."""


@dataclass(slots=True)
class Exported:
    """The documents of one VM. What was not given is None or empty."""

    model: Document
    source: str
    """Where it comes from, for a reader: a file name, or the ARM endpoint."""
    view: Document | None = None
    disk: Document | None = None
    extensions: list[Document] | None = None
    locks: list[Document] = field(default_factory=list)


def read_files(paths: Iterable[Path]) -> list[Exported]:
    """Return the VMs whose documents are in the files. Raises `ExportError`."""
    files = list(paths)
    documents = [(path, document) for path in files for document in _documents(path)]
    machines: dict[str, Exported] = {}
    for path, document in documents:
        if _kind(path, document) == _MACHINE:
            _add_machine(machines, path, document)
    if not machines:
        raise ExportError(
            f"{', '.join(str(path) for path in files)}: there is no VM. Give the file that "
            "`az vm get-instance-view` or GET .../virtualMachines/NAME?$expand=instanceView printed."
        )
    for path, document in documents:
        _add(machines, path, document)
    return list(machines.values())


def read_azure(arm: Arm, vm: str) -> Exported:
    """Return the documents of a VM as ARM gives them now. Raises `AzureError`, which says what could not be read."""
    model = raw(arm.virtual_machine(vm))
    disk = os_disk_id(model)
    return Exported(
        model,
        arm.cloud.endpoint,
        view=arm.instance_view(vm),
        disk=arm.disk(disk) if disk else None,
        extensions=[raw(item) for item in arm.extensions(vm)],
        locks=[raw(item) for scope in (vm, disk) if scope for item in arm.locks(scope)],
    )


def _documents(path: Path) -> Iterator[Document]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} can't be read: {error}") from None
    except json.JSONDecodeError as error:
        raise ExportError(
            f"{path}:{error.lineno}: this is not JSON: {error.msg}. Give what `az ... -o json` or REST printed."
        ) from None
    if isinstance(content, Mapping) and isinstance(content.get("value"), list) and "type" not in content:
        content = content["value"]
    for item in content if isinstance(content, list) else [content]:
        if not isinstance(item, dict):
            raise ExportError(f"{path}: a JSON object, or a list of them, is expected; it holds {str(item)[:40]!r}.")
        yield item


def _kind(path: Path, document: Document) -> str:
    """Return the type of a document in lower case; `view` for a bare instance view, which has none."""
    kind = str(document.get("type", "")).lower()
    if kind in (_MACHINE, _DISK, _EXTENSION, _LOCK):
        return kind
    if not kind and "id" not in document and isinstance(document.get("statuses"), list):
        return _VIEW
    raise ExportError(
        f"{path}: this is neither a VM, an instance view, a disk, an extension nor a lock, but "
        f"{str(document.get('type', 'a document without a type'))[:80]!r}. Leave the file out."
    )


def _add_machine(machines: dict[str, Exported], path: Path, document: Document) -> None:
    model = raw(document)
    key = _id(path, model).lower()
    view = model["properties"].pop("instanceView", None)
    resources = model.pop("resources", None)
    known = machines.setdefault(key, Exported(model, str(path)))
    known.view = known.view or view
    if isinstance(resources, list):
        extensions = [raw(item) for item in resources if isinstance(item, dict)]
        known.extensions = [item for item in extensions if item["properties"].get("publisher")]


def _add(machines: Mapping[str, Exported], path: Path, document: Document) -> None:
    """Put a document that is no VM to the VM that it belongs to; locks to every VM, which are sorted later."""
    kind = _kind(path, document)
    if kind == _VIEW:
        if len(machines) > 1:
            raise ExportError(
                f"{path}: an instance view does not say whose it is, and there are {len(machines)} VMs. Give what "
                "`az vm get-instance-view` prints of each, which holds the VM as well."
            )
        next(iter(machines.values())).view = document
        return
    if kind == _MACHINE:
        return
    found = raw(document)
    identity = _id(path, found).lower()
    for key, machine in machines.items():
        if kind == _LOCK:
            machine.locks.append(found)
        elif kind == _DISK and identity == os_disk_id(machine.model).lower():
            machine.disk = found
        elif kind == _EXTENSION and identity.startswith(f"{key}/extensions/"):
            listed = machine.extensions or []
            machine.extensions = [item for item in listed if _id(path, item).lower() != identity] + [found]


def raw(document: Document) -> Document:
    """Return the document in ARM's shape, `properties` in their place. Pure."""
    if isinstance(document.get("properties"), dict):
        return {**document, "properties": dict(document["properties"])}
    lifted = {_RENAMED.get(key, key): item for key, item in document.items() if key not in _BESIDE_PROPERTIES}
    return {key: item for key, item in document.items() if key in _BESIDE_PROPERTIES} | {"properties": lifted}


def os_disk_id(model: Document) -> str:
    """Return the ARM id of the OS disk; empty where it is no managed disk."""
    value: Any = model.get("properties")
    for key in ("storageProfile", "osDisk", "managedDisk", "id"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return str(value or "")


def _id(path: Path, document: Document) -> str:
    identity = document.get("id")
    if not isinstance(identity, str):
        raise ExportError(f"{path}: a document of type {str(document.get('type'))[:80]!r} has no `id`.")
    return identity
