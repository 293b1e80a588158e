"""The kernel that machines made from the image start: the one that was tested here."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest


@check(
    "LNX-KERNEL-001",
    "the running kernel is the one that starts next",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Every machine made from the image starts a kernel that nobody has seen boot.",
    fix="Restart the VM, see that it works, and run again.",
    source="our own inference: an image starts the boot loader's default",
    grade="X",
)
def check_kernel_current(guest: LinuxGuest) -> list[Problem]:
    running, default = guest.kernel.running_kernel.value, guest.kernel.default_kernel.value
    if running == default:
        return []
    return [problem(observed=f"{running} runs", expected=default, where="uname -r and the boot loader's default")]


@check(
    "LNX-KERNEL-002",
    "no restart is pending",
    phase="pre",
    platform="linux",
    severity="warning",
    why="An update takes effect only at the first boot of each new machine, untested, where it may fail.",
    fix="Restart the VM, and run again.",
    source="our own inference: an image starts what is installed, not what runs",
    grade="X",
)
def check_kernel_restart_done(guest: LinuxGuest) -> list[Problem]:
    if not guest.kernel.reboot_pending.value_or(False):
        return []
    where = "/run/reboot-required, needs-restarting or zypper needs-rebooting"
    return [problem(observed="a restart is pending", expected="no pending restart", where=where)]
