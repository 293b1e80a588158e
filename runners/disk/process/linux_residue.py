"""What waagent and cloud-init leave on a stopped Linux disk: names and paths, no content."""

from __future__ import annotations

import re
from collections.abc import Callable

from runners.disk.process.homes import homes
from runners.disk.process.tree import Missing, Tree, Unreadable

_MOST_NAMES = 500
_MOST_IN_A_HOME = 10000
_MOST_FILES = 20
# azureuser ALL=(ALL) NOPASSWD:ALL     AzureUser ALL=(ALL) NOPASSWD:ALL     a word all in capitals is ALL, or an alias
_RULE = re.compile(r"\s*((?=\S*[a-z])[A-Za-z_][A-Za-z0-9_.-]*)\s.*=")
_NOT_ACCOUNTS = ("Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias")
# .bash_history .zsh_history .ash_history .history
_HISTORY = re.compile(r"\..*sh_history|\.history")


def host_keys(tree: Tree) -> tuple[str, ...]:
    """Return the names of the SSH host keys."""
    return tuple(name for name in tree.names("etc/ssh", _MOST_NAMES) if name.startswith("ssh_host_"))


def sudo_accounts(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Return the accounts that may do everything without a password, with the files in /etc/sudoers.d that say so."""
    return _ruled(tree, lambda line: "NOPASSWD" in line)


def ruled_accounts(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Return the accounts that may do something with a password, with the files in /etc/sudoers.d that say so."""
    return _ruled(tree, lambda line: "NOPASSWD" not in line)


def _ruled(tree: Tree, wanted: Callable[[str], bool]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in tree.names("etc/sudoers.d", _MOST_NAMES):
        path = f"etc/sudoers.d/{name}"
        if not _is_file(tree, path):
            continue
        for account in sorted({_account(line) for line in _rules(tree, path) if wanted(line)} - {""}):
            found.setdefault(account[:64], []).append(f"/{path}")
    if len(found) > _MOST_NAMES or any(len(files) > _MOST_FILES for files in found.values()):
        raise Unreadable(
            f"/etc/sudoers.d names more than {_MOST_NAMES} accounts, or one in more than {_MOST_FILES} files"
        )
    return {account: tuple(files) for account, files in sorted(found.items())}


def shell_histories(tree: Tree) -> tuple[str, ...]:
    """Return the shell histories that hold something, in every home."""
    found: list[str] = []
    for home in homes(tree):
        try:
            names = tree.names(home, _MOST_IN_A_HOME) if tree.node(home).kind == "folder" else ()
        except Missing:
            continue
        paths = [f"{home}/{name}" for name in names if _HISTORY.fullmatch(name)]
        found += [path for path in paths if _is_file(tree, path) and tree.text(path)]
    if len(found) > _MOST_NAMES:
        raise Unreadable(f"there are {len(found)} shell histories, more than the {_MOST_NAMES} that are listed")
    return tuple(found)


def _rules(tree: Tree, path: str) -> list[str]:
    """Return the lines of a file of sudo. Raises `Unreadable` where one can be none: nothing else tells damage."""
    text = tree.text(path).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in lines:
        if not line.isprintable() and not line.expandtabs().isprintable():
            raise Unreadable(f"/{path} holds bytes that no file of sudo has, so it is damaged")
        if "=" not in line and not line.lstrip().startswith(("Defaults", "@include")):
            raise Unreadable(f"/{path} has a line that is no rule of sudo, so it is damaged")
    return lines


def _account(line: str) -> str:
    """Return the account of a rule; empty for a rule of others, and for what is none."""
    match = _RULE.match(line)
    return match[1] if match and match[1] not in _NOT_ACCOUNTS else ""


def _is_file(tree: Tree, path: str) -> bool:
    """Return whether a file is there. A link may lead to what the disk does not hold, such as /dev/null."""
    try:
        return tree.node(path).kind == "file"
    except Missing:
        return False


def cloud_instances(tree: Tree) -> tuple[str, ...]:
    """Return the machines whose state cloud-init keeps."""
    return tree.names("var/lib/cloud/instances", _MOST_NAMES)
