"""What on a Linux disk lets somebody in or was never meant for others: where it is, never what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from runners.disk.process import keys, shadow, sudoers
from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.homes import accounts, in_homes
from runners.disk.process.search import files, matching
from runners.disk.process.tree import Missing, Tree, Unreadable

_HISTORIES = (
    "~/.python_history",
    "~/.mysql_history",
    "~/.psql_history",
    "~/.sqlite_history",
    "~/.rediscli_history",
    "~/.node_repl_history",
    "~/.lesshst",
    "~/.viminfo",
    "~/.wget-hsts",
)
_CREDENTIALS = (
    "~/.azure/**",
    "~/.aws/credentials",
    "~/.config/gcloud/**",
    "~/.config/gh/hosts.yml",
    "~/.kube/config",
    "~/.docker/config.json",
    "~/.config/containers/auth.json",
    "~/.netrc",
    "~/.git-credentials",
    "~/.pgpass",
    "~/.my.cnf",
    "~/.pypirc",
    "~/.vault-token",
    "~/.terraform.d/credentials*",
    "/run/containers/*/auth.json",
)
_WITH_TOKEN = "~/.npmrc"  # noqa: S105 - a file's name
_USER_DATA = (
    "/var/lib/waagent/CustomData",
    "/var/lib/cloud/instances/*/user-data.txt",
    "/var/lib/cloud/instances/*/vendor-data.txt",
    "/var/lib/cloud/instances/*/scripts/*",
    "/var/lib/cloud/seed/**",
)
# #include https://store.example/setup?sig=...    #include-once https://...
_INCLUDE = re.compile(r"^#include(?:-once)?[ \t]+(?=\S)", re.MULTILINE)
# Before the step runners/probes/linux/kept.sh looks at the same places.
DUMPS = (
    "/var/lib/systemd/coredump/*",
    "/var/lib/apport/coredump/*",
    "/var/crash/**",
    "/var/spool/abrt/**",
    "/var/log/dump/**",
    "/core",
    "/core.[0-9]*",
)
INSTALLERS = (
    "/root/anaconda-ks.cfg",
    "/root/original-ks.cfg",
    "/root/initial-setup-ks.cfg",
    "/root/install.log",
    "/root/inst-sys/*",
    "/var/log/installer/**",
    "/var/log/anaconda/**",
    "/etc/cloud/cloud.cfg.d/99-installer.cfg",
    "/preseed.cfg",
)
# rootpw --iscrypted $6$...      passwd: "$6$..."      d-i passwd/root-password-crypted password $y$...
_HASH = re.compile(rb"\$(?:1|2[abxy]?|5|6|7|y|gy)\$[./A-Za-z0-9$,=]{13,}")
_COPIES = tuple(
    f"/etc/{name}{ending}"
    for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid")
    for ending in ("-", ".bak", ".org", ".orig", ".old", ".save", ".rpmsave", ".rpmnew", ".dpkg-old", ".dpkg-dist", "~")
) + tuple(f"/var/backups/{name}.bak" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))
_FIELDS = {"passwd": 7, "shadow": 9, "gshadow": 4, "group": 4, "subuid": 3, "subgid": 3}
_SECRET_COPY = re.compile(r"/g?shadow[^/]*$")
_LARGEST_DOCUMENT = 4 * 1024 * 1024


def _tool_histories(tree: Tree) -> tuple[str, ...]:
    return tuple(files(tree, in_homes(tree, _HISTORIES)))


def _credentials(tree: Tree) -> tuple[str, ...]:
    found = files(tree, in_homes(tree, _CREDENTIALS))
    found += [path for path in files(tree, in_homes(tree, (_WITH_TOKEN,))) if "_auth" in tree.text(path)]
    return tuple(_by_folder(found))


def _by_folder(paths: list[str]) -> list[str]:
    """Return the paths; of a tool's own folder, which may hold hundreds of files, the folder."""
    short = [re.sub(r"(/\.azure|/\.config/gcloud)/.*", r"\1", path) for path in paths]
    return list(dict.fromkeys(short))


def _user_data(tree: Tree) -> tuple[str, ...]:
    found = []
    for path in files(tree, _USER_DATA):
        # `#cloud-config` and `{}` alone say nothing: a provider without user data, and a seed that was emptied.
        # "#include URL" says something on its own line.
        text = _INCLUDE.sub("", tree.text(path, _LARGEST_DOCUMENT))
        lines = [line.strip() for line in text.splitlines()]
        if any(line not in ("", "{}", "--- {}") and not line.startswith("#") for line in lines):
            found.append(path)
    return tuple(path for path in found if not path.endswith("/meta-data"))


def _memory_dumps(tree: Tree) -> tuple[str, ...]:
    # kexec_cmd: how kdump-tools got ready, on every Ubuntu that has it
    return tuple(path for path in files(tree, DUMPS) if path != "/var/crash/kexec_cmd")


def _installer_hashes(tree: Tree) -> tuple[str, ...]:
    found = files(tree, INSTALLERS)
    return tuple(path for path in found if _HASH.search(tree.content(path, _LARGEST_DOCUMENT)))


def _hashed_copies(tree: Tree) -> tuple[str, ...]:
    """Return the copies with a hash. /etc/shadow- has a fact of its own."""
    found = []
    for path in files(tree, _COPIES):
        if path != "/etc/shadow-" and _SECRET_COPY.search(path):
            fields = _fields(tree, path)
            if any(shadow.kind(field[1]) == "hash" for field in fields):
                found.append(path)
    return tuple(found)


def _named_copies(tree: Tree) -> tuple[str, ...]:
    """Return the copies that name accounts that are gone. What is a group now, or was one, is no account."""
    known = set(accounts(tree))
    for file in ("etc/group", "etc/gshadow"):
        try:
            known |= {line.split(":")[0] for line in tree.text(file).splitlines()}
        except Missing:
            continue
    return tuple(path for path in files(tree, _COPIES) if {field[0] for field in _fields(tree, path)} - known)


def _fields(tree: Tree, path: str) -> list[list[str]]:
    """Return the fields of an account file. Raises `Unreadable` for what is none: nothing else tells damage."""
    name = path.rpartition("/")[2]
    (number,) = (count for file, count in _FIELDS.items() if name.startswith(file))
    fields = [line.split(":") for line in tree.text(path).splitlines() if line.strip()]
    if any(len(field) != number or not field[0] for field in fields):
        raise Unreadable(f"{path} has a line without the {number} fields of its kind, so it is damaged")
    return fields


def _sudo_rules(tree: Tree) -> tuple[str, ...]:
    known = set(accounts(tree))
    named = sudoers.ruled_accounts(tree)
    return tuple(sorted({path for account, paths in named.items() if account not in known for path in paths}))


LOOKS: Mapping[str, Callable[[Tree], Any]] = {
    "host_keys_elsewhere": keys.host_keys_elsewhere,
    "authorized_keys": keys.authorized_keys,
    "private_keys": keys.private_keys,
    "ssh_peers": keys.ssh_peers,
    "tool_histories": _tool_histories,
    "hashed_copies": _hashed_copies,
    "named_copies": _named_copies,
    "sudo_rules": _sudo_rules,
    "credentials": _credentials,
    "user_data": _user_data,
    "memory_dumps": _memory_dumps,
    "installer_hashes": _installer_hashes,
}


def swap(tree: Tree, volumes: list[FoundVolume]) -> tuple[str, ...]:
    """Return the swap on this disk: partitions, logical volumes, and files that /etc/fstab names."""
    found = [volume.name for volume in volumes if volume.filesystem == "swap"]
    try:
        lines = tree.text("etc/fstab").splitlines()
    except Missing:
        lines = []
    # /swapfile none swap sw 0 0
    fields = [line.split() for line in lines]
    named = [item[0] for item in fields if len(item) > 2 and item[2] == "swap" and item[0].startswith("/")]
    places = [*(path for path in named if not path.startswith("/dev/")), "/swapfile", "/swap.img"]
    return (*found, *matching(tree, dict.fromkeys(places)))
