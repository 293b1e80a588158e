"""The machine id: systemd's and D-Bus's name for one installation."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxDisk
from checks.parts import problems_of

_BLANK = ("missing", "empty", "uninitialized")
# An empty regular file would be no id either, but dbus-uuidgen refuses to fill it, so only these two are good.
_DBUS_BLANK = ("missing", "link")


@check(
    "LNX-MACHINE-001",
    "the machine id is blank",
    phase="post",
    platform="linux",
    severity="blocker",
    why="With an id in the image all its machines share one: they get the same DHCP lease, overwrite each other in "
    "monitoring and mix their journals. waagent leaves the id alone on almost every distribution.",
    fix="Add machine-id to the target's clean in the fleet file, then seal again.",
    source="https://www.freedesktop.org/software/systemd/man/machine-id.html and a recorded run of waagent 2.7.3",
    grade="T",
)
def check_machine_id_blank(disk: LinuxDisk) -> list[Problem]:
    return problems_of(lambda: _systemd(disk), lambda: _dbus(disk))


def _systemd(disk: LinuxDisk) -> list[Problem]:
    state = disk.machine_id.value_or("missing")
    return [] if state in _BLANK else [_kept(state, "missing, empty or uninitialized", "/etc/machine-id")]


def _dbus(disk: LinuxDisk) -> list[Problem]:
    state = disk.dbus_machine_id.value_or("missing")
    return [] if state in _DBUS_BLANK else [_kept(state, "missing or a symbolic link", "/var/lib/dbus/machine-id")]


def _kept(state: str, expected: str, where: str) -> Problem:
    return problem(observed=state, expected=expected, where=where)
