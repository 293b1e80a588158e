"""The SSH server of a Linux guest."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class LinuxSshd:
    """The SSH server as it describes itself; all absent where there is none."""

    sshd_configuration: Fact[str]
    """`ok`, or the last line of what `sshd -t` complained."""
    sshd_at_boot: Fact[bool]
    """Whether a unit of it, service or socket, is enabled."""
    sshd_alive_interval: Fact[int]
    """Seconds, `ClientAliveInterval`."""
    sshd_root_login: Fact[str]
    """`PermitRootLogin`: `yes`, `no`, `without-password`, ..."""
    sshd_empty_passwords: Fact[str]
    """`PermitEmptyPasswords`: `yes` or `no`."""
    sshd_key_folders: Fact[tuple[str, ...]]
    """Folders of the host keys that it uses."""
