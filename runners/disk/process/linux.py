"""Facts of a stopped Linux disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from checks.facts.fact import Fact
from runners.disk.process import (
    linux_identities,
    linux_people,
    linux_residue,
    linux_secrets,
    linux_state,
    shadow,
    sudoers,
)
from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.mounts import awaited, mounted
from runners.disk.process.tree import Missing, Tree, Unreadable, observe, require, there
from runners.disk.process.unseen import or_all, unseen_by_linux
from runners.disk.process.volumes import unread

_MOST_NAMES = 500
_MOST_ACCOUNTS = 5000
_LARGEST_LOG = 16 * 1024 * 1024
_LONGEST_LINE = 300
_ACCOUNT_FILES = ("passwd", "shadow", "group", "gshadow", "subuid", "subgid")
# 2026-11-22T19:26:10.352371Z ERROR MainThread Failed to run 'deprovision+user': [Errno 2] No such file or directory
_FAILURE = "Failed to run 'deprovision"
# Lib.Dir=/var/lib/waagent
_LIBRARY = re.compile(r"^[ \t]*Lib\.Dir[ \t]*=[ \t]*([^\s#]+)", re.MULTILINE)

Look = Callable[[Tree], Any]


def facts(volumes: list[FoundVolume]) -> tuple[Mapping[str, Any], int]:
    """Return every fact by the name that `LinuxDisk` has for it, and how many files were looked at. Never raises.

    The facts of a record are in a mapping of their own.
    """
    try:
        root = require("the system's root", lambda: _root(volumes))
        tree = require("the system's root", lambda: mounted(root, volumes))
    except Unreadable as reason:
        unknown: Fact[Any] = Fact.unknown(str(reason))
        records = {topic: dict.fromkeys(looks, unknown) for topic, looks in _RECORDS.items()}
        return {**dict.fromkeys(_LOOKS, unknown), **records}, 0
    # Two facts are of the disk as well as of its files.
    more = {
        "secrets": {"swap": lambda tree: linux_secrets.swap(tree, volumes)},
        "state": {"foreign_mounts": lambda tree: awaited(root, volumes)},
    }

    def see(looks: Mapping[str, Look]) -> dict[str, Fact[Any]]:
        return {name: observe(name, partial(look, tree)) for name, look in looks.items()}

    seen = see(_LOOKS) | {topic: see({**looks, **more.get(topic, {})}) for topic, looks in _RECORDS.items()}
    return seen, tree.examined


def unseen(volumes: list[FoundVolume]) -> Mapping[str, str]:
    """Return which volumes no fact is of, and why. Never raises: without a root it is all of them."""
    return or_all(volumes, lambda: unseen_by_linux(_root(volumes), volumes))


def _root(volumes: list[FoundVolume]) -> FoundVolume:
    """Return the volume of the system's root. Raises `Unreadable` unless there is one."""
    found = [volume for volume in volumes if volume.root is not None and _is_root(Tree(volume.root))]
    if not found:
        raise Unreadable(f"no volume with a Linux system was found ({unread(volumes) or 'none has /etc/passwd'})")
    if len(found) > 1:
        names = ", ".join(volume.name for volume in found)
        raise Unreadable(f"several volumes hold a Linux system ({names}), and the disk does not say which one starts")
    return found[0]


def _is_root(tree: Tree) -> bool:
    return any(there(f"/{path}", partial(tree.node, path)) for path in ("etc/passwd", "etc/os-release"))


def agent_folder(tree: Tree) -> tuple[str, ...]:
    """Return what is in waagent's folder. Raises `Unreadable` where its configuration names another one."""
    with suppress(Missing):
        for place in _LIBRARY.findall(tree.text("etc/waagent.conf")):
            if place.rstrip("/") != "/var/lib/waagent":
                raise Unreadable(f"/etc/waagent.conf says that waagent keeps its state in {place[:100]}, not looked at")
    return tree.names("var/lib/waagent", _MOST_NAMES)


def _agent_log_failure(tree: Tree) -> str:
    for line in tree.text("var/log/waagent.log", _LARGEST_LOG).splitlines():
        if _FAILURE in line:
            return line.strip()[:_LONGEST_LINE]
    raise Missing


def _accounts(tree: Tree) -> dict[str, tuple[str, ...]]:
    named: dict[str, list[str]] = {}
    for file in _ACCOUNT_FILES:
        try:
            text = tree.text(f"etc/{file}")
        except Missing:
            if file == "passwd":
                raise Unreadable("there is no /etc/passwd, so no account can be said to be gone") from None
            continue
        for name in sorted(_named(file, text)):
            named.setdefault(name, []).append(f"/etc/{file}")
    if len(named) > _MOST_ACCOUNTS:
        raise Unreadable(f"{len(named)} accounts are more than the {_MOST_ACCOUNTS} that are listed")
    return {name: tuple(files) for name, files in sorted(named.items())}


def _named(file: str, text: str) -> set[str]:
    """Return the names in an account file: the first field of each line, and a group's members."""
    names: set[str] = set()
    for line in text.splitlines():
        # azureuser:x:1000:1000::/home/azureuser:/bin/bash    sudo:x:27:azureuser    azureuser:100000:65536
        fields = line.split(":")
        names.add(fields[0])
        if file == "group":
            names.update(fields[3:] and fields[3].split(","))
        elif file == "gshadow":
            names.update(",".join(fields[2:4]).split(","))
    return {name[:64] for name in names if name}


def _homes(tree: Tree) -> tuple[str, ...]:
    return tuple(name for name in tree.names("home", _MOST_NAMES) if name != "lost+found")


def _machine_id(tree: Tree) -> str:
    return _identity(tree.text("etc/machine-id"))


def _dbus_machine_id(tree: Tree) -> str:
    path = "var/lib/dbus/machine-id"
    return "link" if tree.node(path, follow=False).kind == "link" else _identity(tree.text(path))


def _identity(text: str) -> str:
    word = text.strip()
    return {"": "empty", "uninitialized": "uninitialized"}.get(word, "set")


def _hostname(tree: Tree) -> str:
    return tree.text("etc/hostname").strip()[:253]


def _of_the_disk(_: Tree) -> Any:
    raise Unreadable("the volumes of the disk were not asked")


_LOOKS: Mapping[str, Look] = {
    "agent_folder": agent_folder,
    "agent_log_failure": _agent_log_failure,
    "accounts": _accounts,
    "human_accounts": linux_people.human_accounts,
    "homes": _homes,
    "password_fields": lambda tree: shadow.classify(tree.text("etc/shadow"), "/etc/shadow"),
    "password_backup_fields": lambda tree: shadow.classify(tree.text("etc/shadow-"), "/etc/shadow-"),
    "machine_id": _machine_id,
    "dbus_machine_id": _dbus_machine_id,
    "hostname": _hostname,
    "host_keys": linux_residue.host_keys,
    "sudo_accounts": sudoers.sudo_accounts,
    "shell_histories": linux_residue.shell_histories,
    "cloud_instances": linux_residue.cloud_instances,
}
_RECORDS: Mapping[str, Mapping[str, Look]] = {
    "secrets": {**linux_secrets.LOOKS, "swap": _of_the_disk},
    "identities": linux_identities.LOOKS,
    "state": {**linux_state.LOOKS, "foreign_mounts": _of_the_disk},
}
