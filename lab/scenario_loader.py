"""Reading a scenario file: YAML to checked models, documents resolved, patched and filled in."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lab.gallery import merged, scenario_files
from lab.merge_patch import merge
from lab.principal import Principal
from lab.scenario import DocumentSource, LockSpec, Machine, MachineSpec, Scenario, ScenarioError, ScenarioFile
from lab.scenario_names import scenario_mistakes
from reports.document import Document
from reports.mistakes import mistakes_of
from runners.document import read_document
from runners.errors import UsageError

_HOME = Path(__file__).parent / "scenarios"
# such as ${name} in "/subscriptions/${subscription_id}/resourceGroups/${resource_group}"
_PLACEHOLDER = re.compile(r"\$\{([a-z_]+)\}")


def scenario_names() -> tuple[str, ...]:
    """Return the names of the lab's own scenarios and galleries."""
    files = {path.stem for path in scenario_files(_HOME)}
    return tuple(sorted(files | {path.name for path in _HOME.iterdir() if path.is_dir() and scenario_files(path)}))


def load_scenario(source: str | Path) -> Scenario:
    """Return the scenario named `source` (`demo`, `mixed`, ...), or the one in the file `source`.

    A folder is a gallery: the scenarios of all its files in one. Raises `ScenarioError`, which names the file, the line
    and what to do.
    """
    path = _locate(source)
    if path.is_dir():
        return merged(path, [_load_file(file) for file in scenario_files(path)])
    return _load_file(path)


def _load_file(path: Path) -> Scenario:
    try:
        document = read_document(path, "scenario")
        file = _validate(document)
    except UsageError as error:
        raise ScenarioError(str(error)) from None
    return _resolve(path, document, file)


def _locate(source: str | Path) -> Path:
    if isinstance(source, str) and source in scenario_names():
        return file if (file := _HOME / f"{source}.yaml").is_file() else _HOME / source
    path = Path(source)
    if path.is_dir() and not scenario_files(path):
        raise ScenarioError(f"no scenario '{source}': the folder holds no scenario files (*.yaml). Check the path.")
    if not path.exists():
        raise ScenarioError(
            f"no scenario '{source}': it is no file, no folder, and none of the lab's own "
            f"({', '.join(scenario_names())}). Give one of these names, or the path of a scenario file or of a folder "
            "of them."
        )
    return path


def _validate(document: Document) -> ScenarioFile:
    try:
        file = ScenarioFile.model_validate(document.data)
    except ValidationError as error:
        mistakes = mistakes_of(error, (), ScenarioFile)
    else:
        mistakes = scenario_mistakes(file)
        if not mistakes:
            return file
    found = sorted((document.line(item.place), item.text) for item in mistakes)
    raise ScenarioError("\n".join(f"{document.source}:{line}: {text}" for line, text in found))


def _resolve(path: Path, document: Document, file: ScenarioFile) -> Scenario:
    documents = _Documents(path)
    common = {
        "tenant_id": str(file.azure.tenant_id),
        "subscription_id": str(file.azure.subscription_id),
        "location": file.azure.location,
    }
    machines: list[Machine] = []
    locks = [_fill_lock(lock, common, f"{path}: locks") for lock in file.locks]
    for index, spec in enumerate(file.machines):
        where = f"{path}:{document.line(('machines', index))}: machine '{spec.name}'"
        values = common | _machine_values(spec, common["subscription_id"])
        machine = _resolve_machine(documents, spec, values, where)
        if any(machine.id.lower() == other.id.lower() for other in machines):
            raise ScenarioError(f"{where}: there are two machines with the id {machine.id}. Rename one of them.")
        machines.append(machine)
        locks += [_fill_lock(lock, values, where) for lock in spec.locks]
    _check_fleet(path, document, file, machines)
    return Scenario(
        name=path.stem,
        path=path,
        description=file.description,
        azure=file.azure,
        pace=file.pace,
        behaviour=file.behaviour,
        locks=tuple(locks),
        principals=tuple(_fill_principal(principal, common, f"{path}: principals") for principal in file.principals),
        throttling=file.throttling,
        faults=file.faults,
        machines=tuple(machines),
        fleet=file.fleet or _fleet_of(machines),
    )


def _fleet_of(machines: Iterable[Machine]) -> dict[str, Any]:
    """Return the fleet of a scenario that says none: every machine, with default treatment."""
    targets = [
        {"name": item.name, "platform": item.spec.platform, "id": item.id, "vm_id": str(item.spec.vm_id)}
        for item in machines
    ]
    return {"version": 1, "targets": targets}


def _machine_values(spec: MachineSpec, subscription: str) -> dict[str, str]:
    group = f"/subscriptions/{subscription}/resourceGroups/{spec.resource_group}"
    disk = f"{spec.name}_OsDisk_1_{spec.vm_id.hex}"
    return {
        "name": spec.name,
        "resource_group": spec.resource_group,
        "group_id": group,
        "vm_id": str(spec.vm_id),
        "id": f"{group}/providers/Microsoft.Compute/virtualMachines/{spec.name}",
        "disk_name": disk,
        "disk_id": f"{group}/providers/Microsoft.Compute/disks/{disk}",
        "disk_unique_id": str(uuid.uuid5(spec.vm_id, "os disk")),
    }


def _resolve_machine(documents: _Documents, spec: MachineSpec, values: Mapping[str, str], where: str) -> Machine:
    def complete(source: DocumentSource, default: str, what: str) -> dict[str, Any]:
        filled = _fill(documents.load(source, default, f"{where}, {what}"), values, f"{where}, {what}")
        if not isinstance(filled, dict):
            raise ScenarioError(f"{where}, {what}: the document must be a JSON object.")
        return filled

    model = complete(spec.model, f"{spec.platform}-vm", "model")
    disk = complete(spec.os_disk, f"{spec.platform}-os-disk", "os_disk")
    named = model.get("properties", {}).get("storageProfile", {}).get("osDisk", {}).get("managedDisk", {}).get("id", "")
    if named.lower() != str(disk.get("id", "")).lower():
        raise ScenarioError(
            f"{where}: the model's osDisk.managedDisk.id is '{named}', but the os_disk document's id is "
            f"'{disk.get('id', '')}'. Make them the same; ${{disk_id}} stands for {values['disk_id']}."
        )
    if str(model.get("id", "")).lower() != values["id"].lower():
        raise ScenarioError(f"{where}: the model's id is '{model.get('id', '')}'; it must be {values['id']}.")
    return Machine(
        spec=spec,
        where=where,
        id=values["id"],
        model=model,
        instance_view=complete(spec.instance_view, f"{spec.platform}-instance-view", "instance_view"),
        os_disk=disk,
        extensions=tuple(complete(source, "", f"extensions[{index}]") for index, source in enumerate(spec.extensions)),
    )


class _Documents:
    """The shared documents: beside the scenario file first, then the lab's own."""

    def __init__(self, scenario: Path) -> None:
        self._folders = (scenario.parent / "documents", _HOME / "documents")

    def load(self, source: DocumentSource, default: str, where: str) -> Any:
        """Return the document of `source` with its patch applied."""
        if source.inline is not None:
            return merge(source.inline, source.patch)
        name = source.document or default
        if not name:
            raise ScenarioError(f"{where}: give `document: NAME` or `inline: {{...}}`.")
        for folder in self._folders:
            path = folder / f"{name}.json"
            if path.is_file():
                return merge(self._parse(path), source.patch)
        known = sorted({path.stem for folder in self._folders for path in folder.glob("*.json")})
        raise ScenarioError(f"{where}: there is no document '{name}'. Known documents: {', '.join(known)}.")

    @staticmethod
    def _parse(path: Path) -> Any:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise ScenarioError(f"{path}:{error.lineno}: this is not JSON: {error.msg}. Correct the file.") from None


def _fill(value: Any, values: Mapping[str, str], where: str) -> Any:
    """Return `value` with each ${placeholder} in its strings replaced."""
    if isinstance(value, dict):
        return {key: _fill(item, values, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, values, where) for item in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ScenarioError(f"{where}: unknown placeholder {match[0]}. Known: {', '.join(sorted(values))}.")
        return values[match[1]]

    return _PLACEHOLDER.sub(replace, value)


def _fill_lock(lock: LockSpec, values: Mapping[str, str], where: str) -> LockSpec:
    scope = str(_fill(lock.scope, values, where)).rstrip("/")
    if not scope.lower().startswith(f"/subscriptions/{values['subscription_id']}".lower()):
        raise ScenarioError(
            f"{where}: the lock '{lock.name}' is on '{scope}', which is not in this subscription. Give an ARM id that "
            f"starts with /subscriptions/{values['subscription_id']}, or a placeholder such as ${{group_id}}."
        )
    return lock.model_copy(update={"scope": scope})


def _fill_principal(principal: Principal, values: Mapping[str, str], where: str) -> Principal:
    roles = tuple(
        role.model_copy(update={"scope": str(_fill(role.scope, values, f"{where}: {principal.name}"))})
        for role in principal.roles
    )
    return principal.model_copy(update={"roles": roles})


def _check_fleet(path: Path, document: Document, file: ScenarioFile, machines: list[Machine]) -> None:
    """Raise where a target of the fleet section names no machine of this scenario, or another vm_id."""
    by_id = {machine.id.lower(): machine for machine in machines}
    targets = file.fleet.get("targets", [])
    for index, target in enumerate(targets if isinstance(targets, list) else []):
        if not isinstance(target, dict):
            continue
        where = (
            f"{path}:{document.line(('fleet', 'targets', index))}: target '{target.get('name')}' of the fleet section"
        )
        machine = by_id.get(str(target.get("id", "")).lower())
        if machine is None:
            raise ScenarioError(
                f"{where}: no machine of this scenario has the id {target.get('id')}. "
                f"The machines are: {', '.join(sorted(item.id for item in machines))}."
            )
        pinned = target.get("vm_id")
        if pinned is not None and str(pinned).lower() != str(machine.spec.vm_id):
            raise ScenarioError(f"{where}: its vm_id is {pinned}, the machine's is {machine.spec.vm_id}.")
