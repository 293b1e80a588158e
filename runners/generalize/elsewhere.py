"""Whether a launch can reach another machine than the one that was consented to. Pure.

Run Command is tied to the VM by Azure. Any other channel names a host by itself, and an address may lead elsewhere by
the time of the launch; so the very script that launches compares the UUID in the firmware with the vmId before it does
anything (`uuids` in runners/observe/identity.py), and gives up on another machine.
"""

from __future__ import annotations

from runners.fleet import Target

_BY_UUID = {"linux": ("ssh", "safe-ssh", "paramiko"), "windows": ("winrm",)}
"""Channels whose launch script makes that comparison, by platform."""


def launches_by_uuid(target: Target) -> bool:
    """Return whether the launch itself has to find the vmId in the machine's firmware."""
    return target.channel != "run-command"


def elsewhere(target: Target, platform: str) -> str:
    """Return why a launch might reach another machine than the one that was consented to; empty when it can't."""
    if not launches_by_uuid(target) or target.channel.partition("://")[0] in _BY_UUID.get(platform, ()):
        return ""
    able = ", ".join(f"{name}://" for name in _BY_UUID.get(platform, ()))
    return (
        f"this version launches on {platform} through {able + ' or' if able else 'nothing but'} Run Command, and "
        "the `channel` in the fleet file names a host by itself in another way. Leave the key out to generalize"
    )
