"""Security switches of a Linux guest: SELinux and FIPS."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.parts import problems_of


@check(
    "LNX-SELINUX-001",
    "SELinux runs as it is configured, and no relabelling waits",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Clones start in the configured mode, which nobody tested here. A relabelling that waits makes the first boot "
    "of each clone take minutes and restart; files without labels can make log-ins fail.",
    fix="Restart the VM so that a waiting relabelling is done, and set SELINUX= in /etc/selinux/config to what "
    "getenforce shows.",
    source="our own inference from how SELinux starts",
    grade="X",
)
def check_security_selinux_settled(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _mode(guest), lambda: _relabel(guest))


def _mode(guest: LinuxGuest) -> list[Problem]:
    mode = guest.security.selinux_mode.value_or("disabled")
    if guest.security.selinux_configured.absent and mode == "disabled":
        return []
    configured = guest.security.selinux_configured.value_or("no configuration")
    if mode == configured:
        return []
    return [problem(observed=f"{mode} now", expected=configured, where="/etc/selinux/config")]


def _relabel(guest: LinuxGuest) -> list[Problem]:
    if not guest.security.relabel_pending.value_or(False):
        return []
    return [problem(observed="it exists", expected="no such file", where="/.autorelabel")]


@check(
    "LNX-FIPS-001",
    "the kernel does not enforce FIPS 140",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Extensions with protected settings, custom scripts among them, fail on machines that enforce FIPS 140-3: the "
    "agent can't decrypt what the platform sends.",
    fix="Where FIPS is not required: fips-mode-setup --disable (or pro disable fips), and restart. Where it is, test "
    "the extensions that clones shall get.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux",
    grade="D",
)
def check_security_fips_off(guest: LinuxGuest) -> list[Problem]:
    if not guest.security.fips_mode.value_or(False):
        return []
    return [problem(observed="on", expected="off", where="/proc/sys/crypto/fips_enabled")]
