"""Security switches of a Linux guest, and the programs that certification asks about."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class LinuxSecurity:
    """Switches that clones inherit."""

    selinux_mode: Fact[str]
    """`enforcing` or `permissive`, now; absent where the kernel runs without SELinux."""
    selinux_configured: Fact[str]
    """`enforcing`, `permissive` or `disabled`, from /etc/selinux/config; absent without that file."""
    relabel_pending: Fact[bool]
    """Whether /.autorelabel exists."""
    fips_mode: Fact[bool]
    """Whether the kernel enforces FIPS 140; absent where it can't."""


@dataclass(frozen=True, slots=True)
class LinuxPrograms:
    """Programs and their versions, and the clock."""

    openssl_version: Fact[str]
    """`3.0.17`, `1.0.2k-fips`, ...; absent where the command is not installed."""
    omi_version: Fact[str]
    """`1.6.8-1`, ...; absent where OMI is not installed."""
    machine_type: Fact[str]
    """`uname -m`: `x86_64`, `aarch64`, ..."""
    clock_synchronised: Fact[bool]
    kvp_daemon: Fact[bool]
    """Whether Hyper-V's key-value daemon runs; absent where this is no Hyper-V."""
