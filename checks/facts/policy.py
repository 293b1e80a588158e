"""What the fleet file asks for this target (argument `policy`): types only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The part of a target's fleet entry that checks judge by. It is given, not observed, so it is always known."""

    deprovision_user: bool | str = True
    """Whether an account shall go: the one that this names, or (`True`) whatever account ovf-env.xml names."""
    clean: tuple[str, ...] = ()
    """The opt-in removals after waagent, by their keys: `machine-id`, `passwd-backups`, ..."""
    cloud_init: tuple[str, ...] | None = None
    """What `cloud-init clean` is asked to remove besides its state: `logs`, `seed`, ...; `None`: it is not run."""
    witness: str = "disk"
    """Who says that it worked: `disk` (the stopped disk) or `guest`."""
    allow_accounts: tuple[str, ...] = ()
    """Accounts besides the provisioned one that may stay in the image, on purpose."""
    accounts: tuple[str, ...] = ()
    """Accounts whose absence the stopped disk must show, where somebody else did the sealing."""
    foreign: bool = False
    """Whether somebody else did the sealing, unseen: mode *confirm*."""
    allow_profiles: tuple[str, ...] = ()
    """Folders in C:\\Users that may stay in the image (Windows)."""
    allow_certificates: tuple[str, ...] = ()
    """Thumbprints of certificates that may stay in the machine's store (Windows)."""
    allow_tasks: tuple[str, ...] = ()
    """Scheduled tasks that may stay, by their path: `\\Contoso\\Report` (Windows)."""
    allow_authorized_keys: tuple[str, ...] = ()
    """Fingerprints (`SHA256:...`) of SSH keys that may let somebody in, on purpose."""
    allow_files: tuple[str, ...] = ()
    """Absolute paths of files that may stay in the image, on purpose; one that ends with `/` is all below a folder."""
    sysprep_end: str = "shutdown"
    """What Sysprep does at its end: `shutdown` or `quit`."""
    sysprep_mode: str = "default"
    """`vm` for Sysprep's /mode:vm, or `default`."""
    run_as: str | None = None
    """The account that launches Sysprep; `None` for the one that the channel has."""
    require_supported_identity: bool = False
    """Whether Sysprep must not run as SYSTEM."""
    profile: str | None = None
    """Further rules that the target is judged by: `vhd-upload`, or none."""

    @property
    def removes_user(self) -> bool:
        """True where waagent is to remove an account."""
        return self.deprovision_user is not False

    def may_stay(self, path: str) -> bool:
        """True where the fleet file says that this file may be in the image."""
        return any(path == item or (item.endswith("/") and path.startswith(item)) for item in self.allow_files)

    @property
    def user(self) -> str:
        """The account that the fleet file names; empty where it accepts whatever there is, or keeps it."""
        return self.deprovision_user if isinstance(self.deprovision_user, str) else ""

    @property
    def accounts_to_miss(self) -> tuple[str, ...]:
        """Every account that is named as one that must be gone, each once."""
        return tuple(dict.fromkeys((*((self.user,) if self.user else ()), *self.accounts)))
