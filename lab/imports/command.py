"""`python -m lab import`: its options, and what it prints."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from lab.imports.exported import Exported, ExportError, read_azure, read_files
from lab.imports.machine import ImportedMachine, imported_machine
from lab.imports.scenario_text import scenario_text
from lab.imports.sieve import printable
from lab.scenario_loader import load_scenario
from runners.errors import UsageError
from runners.fleet import fleet_from_mapping
from runners.resource_id import ResourceId
from runners.way_in import WayIn

_AT_MOST = 40
_WAY = (
    ("--arm-endpoint", "URL", "the Azure Resource Manager to read from (default: the public one)"),
    ("--authority", "URL", "who gives its tokens (default: what the endpoint itself names)"),
    ("--ca", "FILE", "certificates to trust instead of the public authorities', PEM"),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--file",
        dest="files",
        type=Path,
        action="append",
        default=[],
        help="JSON that REST or `az vm get-instance-view`, `az disk show`, `az vm extension list`, `az lock list` "
        "printed; repeatable",
    )
    parser.add_argument(
        "--vm",
        dest="machines",
        metavar="ARM_ID",
        action="append",
        default=[],
        help="read this VM from Azure, as whoever the environment or `az login` says; repeatable",
    )
    for option, metavar, meaning in _WAY:
        parser.add_argument(option, metavar=metavar, help=f"with --vm: {meaning}")
    parser.add_argument("--output", type=Path, required=True, help="the scenario file to write (.yaml)")
    parser.add_argument("--overwrite", action="store_true", help="replace the output file where there is one")


def run(options: argparse.Namespace) -> str:
    """Write the scenario and return what to tell the user. Raises `SealproofError`; then nothing was written."""
    output: Path = options.output
    if output.suffix not in (".yaml", ".yml"):
        raise ExportError(f"--output {output}: a scenario file ends in .yaml, else --lab takes it for a name.")
    if output.exists() and not options.overwrite:
        raise ExportError(f"--output {output}: there is such a file. Choose another name, or add --overwrite.")
    if bool(options.files) == bool(options.machines):
        raise ExportError(
            "give either --file FILE for documents that you have, or --vm ARM_ID to read them from Azure."
        )
    for vm in options.machines:
        try:
            ResourceId.of_vm(vm)
        except ValueError as error:
            raise ExportError(f"--vm {error}.") from None
    exported = read_files(options.files) if options.files else _from_azure(options)
    machines = [imported_machine(item) for item in exported]
    _write(output, scenario_text(machines))
    return _report(output, machines)


def _from_azure(options: argparse.Namespace) -> list[Exported]:
    from runners.azure import Arm
    from runners.surroundings import azure

    with azure(_way(options)) as surroundings:
        arm = Arm(surroundings.cloud, surroundings.credential)
        try:
            return [read_azure(arm, vm) for vm in options.machines]
        finally:
            arm.close()


def _way(options: argparse.Namespace) -> WayIn:
    try:
        return WayIn(arm_endpoint=options.arm_endpoint, authority=options.authority, ca=options.ca)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ExportError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['ctx']['error']}.") from None


def _write(output: Path, text: str) -> None:
    """Write the file only once it loads, with its fleet."""
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.stem}-", suffix=".yaml")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ExportError(f"--output {output}: it can't be written: {error.strerror}.") from None
    draft = Path(name)
    try:
        scenario = load_scenario(draft)
        fleet_from_mapping(scenario.fleet, f"the fleet of {output}")
        draft.replace(output)
    except UsageError as error:
        told = str(error).replace(str(draft), str(output)).replace(draft.name, output.name)
        raise ExportError(f"what was read makes no scenario, so nothing was written: {told}") from None
    finally:
        draft.unlink(missing_ok=True)


def _report(output: Path, machines: Sequence[ImportedMachine]) -> str:
    lines = [f"Wrote {output}: {len(machines)} machine(s)."]
    for machine in machines:
        lines += ["", f"{machine.spec['name']} ({machine.spec['platform']})"]
        lines += [f"  invented: {sentence}" for sentence in machine.invented]
        lines += _listed("left out, as it may hold a secret or name a person", machine.left_out.secrets)
        lines += _listed("left out, as neither the lab nor a check reads it", machine.left_out.others)
        tags = machine.spec["model"]["inline"].get("tags") or {}
        if tags:
            names = ", ".join(printable(key) for key in sorted(tags))
            lines.append(f"  kept as they are: the tags {names}. Look at them before you share the file.")
    lines += ["", f"Judge it: sealproof --lab {output} --observe"]
    return "\n".join(lines)


def _listed(title: str, paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    more = [f"    and {len(paths) - _AT_MOST} more"] if len(paths) > _AT_MOST else []
    return [f"  {title}:", *(f"    {path}" for path in paths[:_AT_MOST]), *more]
