"""Imported machines -> the text of a scenario file, which says what in it is invented. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import yaml

from lab.imports.exported import ExportError
from lab.imports.machine import ImportedMachine
from lab.scenario import Document

_WIDTH = 120
# What a target's name can't hold: the parentheses of rg(1)
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


def scenario_text(machines: Sequence[ImportedMachine]) -> str:
    """Return a scenario with these machines. Raises `ExportError` where one lab can't hold them all."""
    subscriptions = sorted({machine.subscription.lower() for machine in machines})
    if len(subscriptions) > 1:
        raise ExportError(
            f"the VMs are in several subscriptions ({', '.join(subscriptions)}), and a scenario plays one. Import them "
            "into one file for each subscription."
        )
    azure = {"subscription_id": subscriptions[0], "location": machines[0].location or "westeurope"}
    names = ", ".join(str(machine.spec["name"]) for machine in machines)
    parts = [
        _HEADER,
        _yaml({"version": 1, "description": f"Imported from Azure: {names}. What is inside the guests is invented."}),
        _yaml({"azure": azure}),
        "pace: {operation_seconds: 0.3, retry_after: 1}\n\n",
        _locks(machines),
        "machines:\n",
        *(_machine(machine) for machine in machines),
        _yaml({"fleet": {"version": 1, "targets": _targets(machines)}}),
    ]
    return "".join(parts)


_HEADER = """\
# Made by `python -m lab import` from the ARM documents of VMs. Kept is only what the lab answers with and what checks
# judge; secrets, account names, settings of extensions and messages are left out. Names, ids and tags are as they were.
"""


def _locks(machines: Sequence[ImportedMachine]) -> str:
    found = {(lock["scope"].lower(), lock["name"].lower()): lock for machine in machines for lock in machine.locks}
    return f"{_yaml({'locks': list(found.values())})}\n" if found else ""


def _machine(machine: ImportedMachine) -> str:
    known = {key: value for key, value in machine.spec.items() if key != "guest"}
    text = textwrap.indent(_yaml([known]), "  ")
    notes = textwrap.wrap(f"Invented. {' '.join(machine.invented)}", _WIDTH - 6)
    comment = "".join(f"    # {line}\n" for line in notes)
    return f"{text}{comment}{textwrap.indent(_yaml({'guest': machine.spec['guest']}), '    ')}\n"


def _targets(machines: Sequence[ImportedMachine]) -> list[Document]:
    """Return the targets; a VM whose name another one has is named with its resource group as well."""
    names = [str(machine.target["name"]).lower() for machine in machines]
    targets: list[Document] = []
    for machine in machines:
        name = str(machine.target["name"])
        if names.count(name.lower()) > 1:
            name = f"{name}.{machine.spec['resource_group']}"
        targets.append(machine.target | {"name": _NOT_IN_A_NAME.sub("-", name)[:64]})
    return targets


def _yaml(content: object) -> str:
    return yaml.dump(
        content, Dumper=_Plain, sort_keys=False, width=_WIDTH, allow_unicode=True, default_flow_style=False
    )


class _Plain(yaml.SafeDumper):
    """Writes the same value twice where it stands twice, not an anchor and an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True
