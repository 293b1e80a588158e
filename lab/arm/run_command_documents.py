"""The commands that the action Run Command knows, as documents: RunShellScript and RunPowerShellScript.

Shape and texts are those of the public API's example (RunCommand_Get). Azure has more commands of its own; the lab runs
these two only, and what it does not run it does not list.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.json_response import ArmJson, value_list

_SCHEMA = "http://schema.management.azure.com/schemas/2016-11-17/runcommands.json"
_PARAMETERS = [{"name": f"arg{number}", "type": "string", "defaultValue": f"value{number}"} for number in (1, 2)]
_SHELL = ['arg1="$1"', 'arg2="$2"', "echo This is a sample script with parameters $arg1 $arg2"]
_POWERSHELL = [
    "param(",
    "    [string]$arg1,",
    "    [string]$arg2",
    ")",
    "Write-Host This is a sample script with parameters $arg1 $arg2",
]
_COMMANDS = (
    (
        "RunPowerShellScript",
        "Windows",
        "Executes a PowerShell script",
        "Custom multiline PowerShell script",
        _POWERSHELL,
    ),
    ("RunShellScript", "Linux", "Executes a Linux shell script", "Custom multiline shell script", _SHELL),
)


async def list_location(call: Call) -> Response:
    """GET the commands, without their scripts."""
    call.cloud.check_group(call.name("subscription"))
    hidden = ("script", "parameters")
    return value_list([{key: value for key, value in item.items() if key not in hidden} for item in _documents()])


async def get(call: Call) -> Response:
    """GET one command."""
    call.cloud.check_group(call.name("subscription"))
    wanted = call.name("command").lower()
    for document in _documents():
        if document["id"].lower() == wanted:
            return ArmJson(document)
    raise errors.entity_missing()


def _documents() -> list[dict[str, Any]]:
    return [
        {
            "script": script,
            "parameters": _PARAMETERS,
            "$schema": _SCHEMA,
            "id": name,
            "osType": platform,
            "label": label,
            "description": f"{what} should be defined in script property. "
            "Optional parameters can be set in parameters property.",
        }
        for name, platform, label, what, script in _COMMANDS
    ]
