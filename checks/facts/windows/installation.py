"""How a Windows was installed, what it belongs to, and the rights of our script in it (probe `installation`)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Installation:
    """The state of the installation."""

    image_state_file: Fact[str]
    """`ImageState` in %WINDIR%\\Setup\\State\\State.ini."""
    generalization_state: Fact[int]
    """`GeneralizationState` of SysprepStatus; community records read 7 as: nothing was begun, or all is done."""
    cleanup_state: Fact[int]
    """`CleanupState` of SysprepStatus, 2 at rest."""
    setup_in_progress: Fact[int]
    oobe_in_progress: Fact[int]
    setup_type: Fact[int]
    """0 where the next start is an ordinary one."""
    source_systems: Fact[tuple[str, ...]]
    """Keys that an upgrade in place leaves: `Source OS (Updated on ...)`."""
    windows_old: Fact[bool]
    """Whether there is a folder Windows.old."""
    domain_joined: Fact[bool]
    entra_joined: Fact[bool]
    mdm_providers: Fact[tuple[str, ...]]
    """Device managements that the machine is enrolled with, such as `MS DM Server` (Intune)."""
    cluster_start: Fact[int]
    """How the cluster service starts: 4 (disabled) until the server joins a cluster; absent without the feature."""
    sysprep_build: Fact[int]
    """Build number in the version of sysprep.exe; absent without the file."""
    system_build: Fact[int]
    """The same of kernel32.dll beside it."""
    system_loaders: Fact[int]
    """Windows installations that the boot menu can start; the recovery environment is left out."""
    free_megabytes: Fact[int]
    """Free space on the system volume, MiB."""
    other_volumes: Fact[tuple[str, ...]]
    """Partitions of the system's disk beside drive C and Windows' own, such as `partition 4 D`."""
    write_filter: Fact[bool]
    """Whether the Unified Write Filter is on; absent where Windows has none."""
    elevated: Fact[bool]
    """Whether our script runs as an administrator, with all the rights."""
    process_64_bit: Fact[bool]
    """Whether our script runs in a 64-bit process."""
