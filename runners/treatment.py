"""How a target is treated: what the fleet file's `defaults` and each target may say. docs/fleet.md has the keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from runners.password import Variable
from runners.sysprep_options import SysprepOptions

# ssh://azureuser@10.0.0.4:22, winrm://builder@10.0.0.5
_TESTINFRA = re.compile(r"(?P<backend>[a-z-]+)://(?:(?P<user>[^@/]*)@)?[^\s@]*")
# Not local://: a run must never seal the machine that it runs on.
_BACKENDS = ("ssh", "safe-ssh", "paramiko", "winrm", "ansible", "salt")
# As useradd takes it
ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_.$-]?")

# ops@example.com    EXAMPLE\ops
_OF_A_DIRECTORY = re.compile(r"[A-Za-z0-9_.-]{1,32}(?:@[A-Za-z0-9.-]{1,31}|\\[A-Za-z0-9_.-]{1,31})")
# A name as Windows takes it for a folder
_FOLDER = re.compile(r"[^\\/:*?\"<>|\x00-\x1f]{1,64}")
# 5EA1F0015EA1F0015EA1F0015EA1F0015EA1F001
_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}")
# \Contoso\Report
_TASK = re.compile(r"(?:\\[^\\/:*?\"<>|\x00-\x1f]{1,200}){1,8}")
# SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8, as ssh-keygen -l prints it
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
# /etc/ssl/private/internal-ca.key, and /opt/agent/ for all below it
_FILE = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[^/\0*?\[\]]+){1,32}/?")

Clean = Literal[
    "machine-id",
    "passwd-backups",
    "host-keys",
    "sudoers",
    "histories",
    "root-ssh",
    "crontabs",
    "leases",
    "logs",
    "tmp",
]
"""The keys of the files in runners/generalize/scripts/clean."""
CloudInit = Literal["logs", "seed", "machine-id"]


class Treatment(BaseModel):
    """How a target is treated: what the fleet file's `defaults` and each target may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    platform: Literal["linux", "windows"] | None = Field(None, description="what the OS disk must turn out to be")
    clean: Annotated[tuple[Clean, ...], Field(strict=False)] = Field(
        (), description="what Sealproof removes after waagent (Linux)"
    )
    deprovision_user: bool | str = Field(
        True, description="the account that must be removed, or whether one is (Linux)"
    )
    allow_accounts: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="other accounts that may stay in the image, on purpose"
    )
    allow_profiles: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="folders of C:\\Users that may stay in the image (Windows)"
    )
    allow_certificates: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="thumbprints of certificates that may stay in the image (Windows)"
    )
    allow_tasks: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="paths of scheduled tasks that may stay in the image (Windows)"
    )
    accounts: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="accounts whose absence must be shown of what others sealed (Linux)"
    )
    allow_authorized_keys: Annotated[tuple[str, ...], Field(strict=False, max_length=100)] = Field(
        (), description="fingerprints of SSH keys that may stay in the image, on purpose (Linux)"
    )
    allow_files: Annotated[tuple[str, ...], Field(strict=False, max_length=100)] = Field(
        (), description="files that may stay in the image, on purpose (Linux)"
    )
    cloud_init: Literal[False] | Annotated[tuple[CloudInit, ...], Field(strict=False)] = Field(
        False, description="what cloud-init clean removes before waagent runs (Linux)"
    )
    channel: str = Field("run-command", description="how scripts reach the guest")
    channel_password_env: Variable | None = Field(
        None, description="the environment variable that holds the password of a winrm:// channel's account"
    )
    channel_password_file: Annotated[Path, Field(strict=False)] | None = Field(
        None, description="the file that holds the password of a winrm:// channel's account"
    )
    witness: Literal["disk", "guest"] = Field("disk", description="who shows that it worked")
    profile: Literal["vhd-upload"] | None = Field(None, description="further rules that it is judged by (Windows)")
    claim: Literal["tags", "none"] = Field("tags", description="how a run marks the VM as taken")
    deadline_minutes: int = Field(30, ge=1, le=240, description="minutes that the sealing step may take")
    stall_minutes: float = Field(
        10, ge=0.05, le=240, description="minutes without progress after which Sysprep counts as hung"
    )
    sysprep: SysprepOptions = Field(SysprepOptions(), description="how Sysprep is launched (Windows)")
    require_supported_identity: bool = Field(False, description="whether Sysprep must not run as SYSTEM (Windows)")
    digest: bool = Field(False, description="whether the SHA-256 of a whole file is taken")
    max_age_minutes: int = Field(60, ge=1, le=1440, description="minutes after which facts are observed again")

    @field_validator("deprovision_user", mode="before")
    @classmethod
    def _account_is_plain(cls, value: object) -> object:
        if value is None:
            return True
        if not isinstance(value, bool) and not (isinstance(value, str) and ACCOUNT.fullmatch(value)):
            raise ValueError(f"{str(value)[:60]!r} is no account name. Write true, false, or a name as in /etc/passwd")
        return value

    @field_validator("allow_accounts", "accounts")
    @classmethod
    def _accounts_are_plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not ACCOUNT.fullmatch(name) and not _OF_A_DIRECTORY.fullmatch(name):
                raise ValueError(f"{name[:60]!r} is no account name. Write names as in /etc/passwd, or ops@example.com")
        return value

    @field_validator("allow_profiles")
    @classmethod
    def _profiles_are_plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _FOLDER.fullmatch(name):
                raise ValueError(f"{name[:60]!r} is no name of a folder in C:\\Users. Write the name alone")
        return value

    @field_validator("allow_certificates")
    @classmethod
    def _thumbprints_are_plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for thumbprint in value:
            if not _THUMBPRINT.fullmatch(thumbprint):
                raise ValueError(f"{thumbprint[:60]!r} is no thumbprint. Write its 40 hexadecimal digits, in quotes")
        return value

    @field_validator("allow_tasks")
    @classmethod
    def _tasks_are_plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for path in value:
            if not _TASK.fullmatch(path):
                raise ValueError(f"{path[:60]!r} is no path of a task. Write it from its root: \\Contoso\\Report")
        return value

    @field_validator("allow_authorized_keys")
    @classmethod
    def _fingerprints_are_whole(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            if not _FINGERPRINT.fullmatch(item):
                raise ValueError(
                    f"{item[:60]!r} is no fingerprint of a key. Write it as ssh-keygen -lf FILE prints it: SHA256:..."
                )
        return value

    @field_validator("allow_files")
    @classmethod
    def _files_are_named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for path in value:
            if not _FILE.fullmatch(path):
                raise ValueError(
                    f"{path[:80]!r} names no file. Write an absolute path without wildcards; one that ends with / is "
                    "all below a folder"
                )
        return value

    @field_validator("cloud_init", mode="before")
    @classmethod
    def _cloud_init_is_known(cls, value: object) -> object:
        if value is None or value is False or value == "off":  # YAML reads an unquoted off as False
            return False
        known = get_args(CloudInit)
        if not isinstance(value, list | tuple) or not set(map(str, value)) <= set(known):
            raise ValueError(f"it is {str(value)[:60]!r}. Write off, or a list of {', '.join(known)}")
        return tuple(value)

    @field_validator("channel")
    @classmethod
    def _channel_is_known(cls, value: str) -> str:
        if value == "run-command":
            return value
        match = _TESTINFRA.fullmatch(value)
        if match is None or match["backend"] not in _BACKENDS:
            # The value is not repeated here: it may hold a password.
            known = ", ".join(f"{backend}://" for backend in _BACKENDS)
            raise ValueError(
                f"it is neither run-command nor a testinfra host. Write run-command, or one that starts with {known}"
            )
        if ":" in (match["user"] or ""):
            raise ValueError(
                "it holds a password, and this file is reviewed and copied into evidence. Use a key instead, or "
                "channel_password_env for winrm://"
            )
        return value

    @model_validator(mode="after")
    def _run_as_has_its_channel(self) -> Treatment:
        if self.sysprep.run_as is not None and self.channel != "run-command":
            raise ValueError(
                "sysprep.run_as is launched through managed Run Command, and `channel` is another one, which has an "
                "account of its own. Leave one of them out"
            )
        return self
