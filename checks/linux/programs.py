"""Programs that Azure's certification of images asks about, and the clock."""

from __future__ import annotations

import re

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, LinuxGuest, UnknownFact

_LISA = "https://github.com/microsoft/lisa (azure_image_standard.py)"
_MAINTAINED_OPENSSL = ("1.0.2", "1.1.1")
"""Older releases that distributions still maintain; from 3.0 on all will do."""
_OMI = (1, 6, 8, 1)
_MACHINES = ("x86_64", "amd64", "aarch64", "arm64")


def _numbers(version: str) -> tuple[int, ...]:
    # 3.0.17, 1.0.2k-fips, 1.6.8-1
    found = tuple(int(number) for number in re.findall(r"\d+", version))
    if not found:
        raise UnknownFact(f"{version!r} holds no version number")
    return found


@check(
    "LNX-OPENSSL-001",
    "OpenSSL is a maintained release",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Flaws in older releases are no longer fixed, and the Marketplace refuses images with them.",
    fix="Update the distribution: it must have 3.0 or later, or 1.1.1 or 1.0.2 with the distribution's own fixes.",
    source=_LISA,
    grade="C",
)
def check_programs_openssl_maintained(guest: LinuxGuest) -> list[Problem]:
    if guest.programs.openssl_version.absent:
        return []
    version = guest.programs.openssl_version.value
    if _numbers(version)[0] >= 3 or version.startswith(_MAINTAINED_OPENSSL):
        return []
    return [problem(observed=version, expected="3.0 or later, 1.1.1 or 1.0.2", where="openssl version")]


@check(
    "LNX-OMI-001",
    "OMI is not installed, or not older than 1.6.8.1",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Older releases let anybody on the network run commands as root (CVE-2021-38647), on every clone.",
    fix="Remove the package omi, or update it.",
    source=_LISA,
    grade="C",
)
def check_programs_omi_patched(guest: LinuxGuest) -> list[Problem]:
    if guest.programs.omi_version.absent:
        return []
    version = guest.programs.omi_version.value
    if _numbers(version) >= _OMI:
        return []
    return [problem(observed=version, expected="1.6.8.1 or later", where="package omi")]


@check(
    "LNX-ARCH-001",
    "the system is 64-bit",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Azure supports 64-bit systems alone; its extensions have no other programs.",
    fix="Install the 64-bit edition of the distribution.",
    source=_LISA,
    grade="C",
)
def check_programs_architecture_supported(guest: LinuxGuest) -> list[Problem]:
    machine = guest.programs.machine_type.value
    return [] if machine in _MACHINES else [problem(observed=machine, expected="x86_64 or aarch64", where="uname -m")]


@check(
    "LNX-CLOCK-001",
    "the clock is synchronised",
    phase="pre",
    platform="linux",
    severity="warning",
    why="A clock that no time service sets is often a time server of the building site that can't be reached. Clones "
    "drift, and certificates and log-ins fail with reasons that nobody understands.",
    fix="Use the host's clock: refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 in chrony.conf, and remove time "
    "servers that clones can't reach.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/time-sync, and our own inference",
    grade="X",
)
def check_programs_clock_set(guest: LinuxGuest) -> list[Problem]:
    if guest.programs.clock_synchronised.value:
        return []
    return [problem(observed="not synchronised", expected="synchronised", where="chronyc tracking or timedatectl")]


def _is_not_confidential(azure: AzureFacts) -> bool:
    return azure.os_disk.absent or not azure.os_disk.value.security_type.startswith("ConfidentialVM")


@check(
    "LNX-KVP-001",
    "Hyper-V's key-value daemon runs",
    phase="pre",
    platform="linux",
    severity="info",
    applies=_is_not_confidential,
    why="Through it the host and the guest exchange facts, cloud-init's progress among them; without it a clone that "
    "does not come up tells less.",
    fix="Install hyperv-daemons (linux-cloud-tools on Ubuntu), then: systemctl enable --now hv-kvp-daemon (hypervkvpd "
    "on Red Hat).",
    source=_LISA,
    grade="C",
)
def check_programs_kvp_running(guest: LinuxGuest) -> list[Problem]:
    if guest.programs.kvp_daemon.value_or(True):
        return []
    return [problem(observed="no such process", expected="hv_kvp_daemon", where="the guest's processes")]
