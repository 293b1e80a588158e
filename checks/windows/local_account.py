"""The accounts and profiles of people that a Windows image keeps."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Policy, WindowsDisk

_BUILT_IN = (500, 501, 503, 504)
"""Administrator, Guest, DefaultAccount, WDAGUtilityAccount. Azure renames the first when it makes a machine."""
_ADMINISTRATOR = "-500"


@check(
    "WIN-ACCOUNT-001",
    "no account but Windows' own is in the image",
    phase="post",
    platform="windows",
    severity="warning",
    why="Sysprep keeps local accounts: every machine made from the image has them, with the same password.",
    fix="Remove-LocalUser NAME in the source VM, and seal again; or name it in allow_accounts in the fleet file, "
    "where it shall be in the image.",
    source="community record of what survives Sysprep; Azure's page promises more",
    grade="C",
)
def check_local_accounts_gone(disk: WindowsDisk, policy: Policy) -> list[Problem]:
    allowed = {name.lower() for name in policy.allow_accounts}
    return [
        problem(observed=f"{item.name}, {item.state}", expected="no such account", where=f"SAM hive, RID {item.rid}")
        for item in disk.accounts.local_accounts.value
        if item.rid not in _BUILT_IN and item.name.lower() not in allowed
    ]


@check(
    "WIN-PROFILE-002",
    "nobody but the built-in administrator has a profile in the image",
    phase="post",
    platform="windows",
    severity="warning",
    why="Sysprep keeps profiles: documents, browser data, keys and histories of whoever built the image go to "
    "everybody who gets it.",
    fix="Delete the profile in the source VM (Get-CimInstance Win32_UserProfile ... | Remove-CimInstance) and seal "
    "again; or name its folder in allow_profiles in the fleet file.",
    source="https://learn.microsoft.com/azure/virtual-desktop/set-up-golden-image",
    grade="D",
)
def check_profiles_gone(disk: WindowsDisk, policy: Policy) -> list[Problem]:
    known = disk.accounts.profiles.value
    kept = {_folder(item.folder) for item in known if item.sid.endswith(_ADMINISTRATOR)}
    kept |= {name.lower() for name in policy.allow_profiles}
    folders = {name.lower(): name for name in disk.accounts.profile_folders.value}
    registered = {_folder(item.folder): item.sid for item in known}
    return [
        problem(observed=_seen(name, folders, registered), expected="no such profile", where=rf"C:\Users\{name}")
        for name in sorted(folders.keys() | registered.keys())
        if name not in kept and name
    ]


def _folder(path: str) -> str:
    r"""Return the last part of C:\Users\ann, in lower case."""
    return path.rstrip("\\").rpartition("\\")[2].lower()


def _seen(name: str, folders: dict[str, str], registered: dict[str, str]) -> str:
    if name not in folders:
        return f"registered for {registered[name]}, without its folder"
    return f"a folder, registered for {registered[name]}" if name in registered else "a folder that no account has"
