"""The SSH server of a Linux guest: the way in to every clone."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.parts import problems_of

_ALIVE = range(30, 236)
"""Seconds between two signs of life, as the Marketplace's certification takes them."""
_WITHOUT_PASSWORD = ("no", "without-password", "prohibit-password", "forced-commands-only")


@check(
    "LNX-SSHD-001",
    "the SSH server is sound and starts at boot",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Nobody can log in to a machine whose SSH server does not start; Azure calls it provisioned all the same.",
    fix="Correct what sshd -t complains of, then: systemctl enable ssh (sshd on most distributions).",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_sshd_ready(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _configuration(guest), lambda: _boot(guest))


def _configuration(guest: LinuxGuest) -> list[Problem]:
    seen = guest.sshd.sshd_configuration.value_or("no SSH server is installed")
    return [] if seen == "ok" else [problem(observed=seen, expected="no complaint", where="sshd -t")]


def _boot(guest: LinuxGuest) -> list[Problem]:
    if guest.sshd.sshd_at_boot.value_or(True):
        return []
    where = "systemctl is-enabled, units ssh and sshd"
    return [problem(observed="neither service nor socket is enabled", expected="enabled", where=where)]


@check(
    "LNX-SSHD-002",
    "the SSH server looks for dead clients within Azure's idle time-out",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Azure drops connections that are silent for four minutes, and sessions hang. The Marketplace refuses images "
    "without it.",
    fix="Set ClientAliveInterval 180 in /etc/ssh/sshd_config.",
    source="https://github.com/microsoft/lisa (azure_image_standard.py); the Marketplace's self-test of images",
    grade="C",
)
def check_sshd_keeps_alive(guest: LinuxGuest) -> list[Problem]:
    interval = guest.sshd.sshd_alive_interval
    if interval.absent or interval.value in _ALIVE:
        return []
    expected = f"{_ALIVE.start} to {_ALIVE.stop - 1} seconds"
    return [problem(observed=interval.value, expected=expected, where="sshd -T, clientaliveinterval")]


@check(
    "LNX-SSHD-003",
    "the SSH server takes no password of root and no empty password",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Clones stand on the internet within minutes. A password that is set for root on one of them, or an account "
    "without one, is found by guessing.",
    fix="Set PermitRootLogin prohibit-password and PermitEmptyPasswords no in /etc/ssh/sshd_config.",
    source="https://man.openbsd.org/sshd_config",
    grade="D",
)
def check_sshd_refuses_root_password(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _root(guest), lambda: _empty(guest))


def _root(guest: LinuxGuest) -> list[Problem]:
    seen = guest.sshd.sshd_root_login.value_or("no")
    if seen in _WITHOUT_PASSWORD:
        return []
    return [problem(observed=seen, expected="prohibit-password or no", where="sshd -T, permitrootlogin")]


def _empty(guest: LinuxGuest) -> list[Problem]:
    seen = guest.sshd.sshd_empty_passwords.value_or("no")
    return [] if seen == "no" else [problem(observed=seen, expected="no", where="sshd -T, permitemptypasswords")]


@check(
    "LNX-SSHD-004",
    "the SSH server's host keys are where waagent removes them",
    phase="pre",
    platform="linux",
    severity="warning",
    why="waagent deletes host keys in the folder of its setting OS.SshDir alone. Keys elsewhere stay: all clones have "
    "the same, and whoever has the image can pass for each of them.",
    fix="Take the HostKey lines out of /etc/ssh/sshd_config, or set OS.SshDir in /etc/waagent.conf to their folder.",
    source="https://github.com/Azure/WALinuxAgent (common/conf.py, pa/deprovision/default.py)",
    grade="S",
)
def check_sshd_keys_removable(guest: LinuxGuest) -> list[Problem]:
    folders = guest.sshd.sshd_key_folders.value_or(())
    ours = guest.agent_configuration.value_or({}).get("OS.SshDir", "/etc/ssh").rstrip("/")
    return [problem(observed=folder, expected=ours, where="sshd -T, hostkey") for folder in folders if folder != ours]
