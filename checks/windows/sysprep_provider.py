"""Functions that programs have registered with Sysprep, to be called in its passes."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_STATES = {
    "missing": "there is no such file",
    "hidden": "the file is hidden",
    "malformed": "the text names no function",
}


@check(
    "WIN-PROVIDER-001",
    "every function that is registered with Sysprep can be loaded",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep calls them all. At one that it can't load it stalls for a quarter of an hour, goes round for ever, or "
    "stops with 0x80070002; a hidden VMAgentDisabler.dll and a missing DscCore.dll are known for it.",
    fix="attrib -H FILE for a hidden file. For a missing one install its program again (the Azure VM agent, Windows "
    "Management Framework), or remove the value below "
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\SysPrepExternal.",
    source="https://github.com/hashicorp/packer/issues/9261",
    grade="I",
)
def check_provider_loadable(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(
            observed=_STATES.get(item.state, item.state),
            expected="a file that Sysprep can load",
            where=f"SysPrepExternal, {item.phase}: {item.provider}",
        )
        for item in guest.providers.broken_providers.value_or(())
    ]
