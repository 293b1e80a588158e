"""Parameters of Run Command: how a script comes by them in the guest.

Recorded in test_vm_run_command_with_parameters: on Linux the action passes the values in order as arguments of the
script, names or no names. Read in the handler of managed Run Command for Linux (Azure/run-command-handler-linux): named
parameters are environment variables, unnamed ones arguments, empty ones are left out, protected ones come last.
Documented for Windows: named parameters of the script. Our own: named parameters of the action are environment
variables as well, and `$0` is the guest's own file, not the agent's.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.arm import errors

# such as arg1 or BACKUP_SHARE: what a shell takes as a variable and PowerShell as a parameter
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. The name may be empty."""

    name: str
    value: str


def parameters_of(content: Any, key: str) -> tuple[Parameter, ...]:
    """Return the parameters of a request's list under `key`. Raises `ArmError` where it is no such list."""
    listed = content.get(key) or []
    if not isinstance(listed, list):
        raise errors.body_invalid(f"{key} is a list of names and values")
    parameters = []
    for item in listed:
        pair = (item.get("name") or "", item.get("value") or "") if isinstance(item, dict) else (None, None)
        name, value = pair
        if not isinstance(name, str) or not isinstance(value, str):
            raise errors.body_invalid(f"{key} is a list of names and values")
        if name and not _NAME.fullmatch(name):
            raise errors.not_in_the_lab(f"the parameter name '{name}': a shell can't take it as a variable's name")
        parameters.append(Parameter(name, value))
    return tuple(parameters)


def with_arguments(platform: str, script: str, parameters: Sequence[Parameter]) -> str:
    """Return `script` as the action runs it: on Linux every value is an argument, named ones are variables too."""
    if platform == "windows":
        return _powershell(script, parameters)
    return _shell(script, [item for item in parameters if item.name], [item.value for item in parameters])


def with_variables(platform: str, script: str, parameters: Sequence[Parameter]) -> str:
    """Return `script` as managed Run Command runs it: on Linux named parameters are variables, the rest arguments."""
    if platform == "windows":
        return _powershell(script, parameters)
    given = [item for item in parameters if item.value]
    return _shell(script, [item for item in given if item.name], [item.value for item in given if not item.name])


def _shell(script: str, variables: Sequence[Parameter], arguments: Sequence[str]) -> str:
    lines = [f"export {item.name}={shlex.quote(item.value)}" for item in variables]
    if arguments:
        lines.append(f"set -- {shlex.join(arguments)}")
    if not lines:
        return script
    top, rest = _split(script)
    return "\n".join([*top, *lines, rest])


def _powershell(script: str, parameters: Sequence[Parameter]) -> str:
    if not parameters:
        return script
    # a script's own param() must come first, so it is called as a block instead of being led by assignments
    quoted = [(item.name, "'" + item.value.replace("'", "''") + "'") for item in parameters]
    passed = " ".join(f"-{name} {value}" if name else value for name, value in quoted)
    top, rest = _split(script)
    return "\n".join([*top, "& {", rest, f"}} {passed}"])


def _split(script: str) -> tuple[list[str], str]:
    """Return the comment lines at the top, which tell what the script is, and the rest."""
    lines = script.split("\n")
    count = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return lines[:count], "\n".join(lines[count:])
