"""The scripts that act in a guest: committed files with a few checked values put in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from checks.facts import Policy
from runners.errors import StepError
from runners.generalize.guest_look import look_question
from runners.generalize.removals import removal
from runners.observe.identity import uuids

_FOLDER = Path(__file__).parent / "scripts"
AGENT_SECONDS = 300
"""Time limit of waagent in the guest; on some systems it never returns by itself."""

_ABSOLUTE = re.compile(r"/[A-Za-z0-9._+/-]{1,200}")  # /usr/sbin/waagent
_NONCE = re.compile(r"[0-9a-f]{16,64}")
_KEY = re.compile(r"[a-z][a-z-]{0,40}")


def launch_linux(nonce: str, agent: str, policy: Policy, machine: str = "") -> str:
    """Return the shell script that starts waagent, detached, then cleans and powers off, as the fleet file asks.

    `agent` is the path that the guest itself gave, so it is checked before it becomes part of a command: `StepError`
    for one that is not a plain absolute path. `machine`: the vmId that the script has to find in the firmware before it
    does anything; empty where the channel can't lead to another machine.
    """
    if not _ABSOLUTE.fullmatch(agent):
        raise StepError(
            f"the guest names {agent[:80]!r} as its waagent, which is not a plain absolute path: not launched"
        )
    parts = {
        "MACHINE": _same_machine(machine),
        "CLOUD_INIT": _cloud_init(policy.cloud_init),
        "LOOK": _look(nonce) if policy.witness == "guest" else "",
        "REMOVALS": "".join(_removal(key) for key in _plain(policy.clean)),
        "AGENT": agent,
        "OPTION": "-deprovision+user" if policy.removes_user else "-deprovision",
        "AGENT_SECONDS": str(AGENT_SECONDS),
    }
    return render("launch.sh", nonce, policy.clean, **parts)


def _same_machine(vm_id: str) -> str:
    if not vm_id:
        return ""
    try:
        uuid, swapped = uuids(vm_id)
    except ValueError:
        raise StepError(f"the vmId {vm_id!r} is no UUID, so no machine can be compared with it: not launched") from None
    return _filled("machine.sh", UUID=uuid, SWAPPED=swapped)


def _cloud_init(options: Sequence[str] | None) -> str:
    """Return the commands that have cloud-init clean up after itself. It removes its state without any option."""
    if options is None:
        return ""
    return _filled("cloud_init.sh", CLOUD_INIT_OPTIONS=" ".join(f"--{key}" for key in _plain(options)))


def _look(nonce: str) -> str:
    """Return the commands by which the guest looks at itself and tells the console what it saw."""
    return _filled("look_frame.sh", QUESTION=look_question(nonce, read_script("look.sh")).rstrip())


def _removal(key: str) -> str:
    """Return the commands of a `clean` key, in a subshell of their own that ends at their first error."""
    return f'(\nset -e\n{removal(key).commands}) >"$output" 2>&1\ncleaned {key} $?\n'


def _plain(keys: Sequence[str]) -> Sequence[str]:
    if not all(_KEY.fullmatch(key) for key in keys):
        raise StepError(f"the keys {keys!r} can't be put into a script")
    return keys


def render(file: str, nonce: str, clean: Sequence[str], **values: str) -> str:
    """Return a script of scripts/ with values put in: the caller has checked them."""
    if not _NONCE.fullmatch(nonce):
        raise StepError(f"nonce {nonce!r} can't be put into a script")
    return _filled(file, **values, CLEAN=" ".join(clean), NONCE=nonce)


def read_script(file: str) -> str:
    """Return a script of scripts/ as it is."""
    return (_FOLDER / file).read_text(encoding="utf-8")


def _filled(file: str, **values: str) -> str:
    text = read_script(file)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
