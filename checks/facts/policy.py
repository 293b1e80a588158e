"""What the fleet file asks for this target (argument `policy`): types only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The part of a target's fleet entry that checks judge by. It is given, not observed, so it is always known."""

    deprovision_user: str | None = None
    """The account that shall go; `None` accepts whatever account ovf-env.xml names."""
    clean: tuple[str, ...] = ()
    """The opt-in removals: `machine-id`, `passwd-backups`."""
    witness: str = "disk"
    """Who says that it worked: `disk` (the stopped disk) or `guest`."""
    allow_accounts: tuple[str, ...] = ()
    """Accounts besides the provisioned one that may stay in the image, on purpose."""
    sysprep_end: str = "shutdown"
    """What Sysprep does at its end: `shutdown` or `quit`."""
    sysprep_mode: str = "default"
    """`vm` for Sysprep's /mode:vm, or `default`."""
    run_as: str | None = None
    """The account that launches Sysprep; `None` for the one that the channel has."""
    require_supported_identity: bool = False
    """Whether Sysprep must not run as SYSTEM."""
