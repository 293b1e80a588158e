"""What a Linux machine was doing: leases, logs, jobs, mail, mounts, and the traces of those who worked on it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from runners.disk.process.homes import accounts, in_homes
from runners.disk.process.search import below, files, holds_something, matching
from runners.disk.process.tree import Tree, Unreadable

_MOST_NAMES = 500
_KEPT_LOG = "/var/log/waagent.log"
"""waagent's own log has checks of its own, and says how the deprovisioning went."""
_LOGINS, _STOP_RECORDS = "/var/log/wtmp", 2 * 384
"""The shutdown itself writes a record of 384 bytes, or two, into the list of logins; it names nobody."""
_LEASES = (
    "/var/lib/dhcp/*",
    "/var/lib/dhclient/*",
    "/var/lib/dhcpcd/*",
    "/var/lib/NetworkManager/*.lease",
    "/var/lib/NetworkManager/*.leases",
    "/var/lib/NetworkManager/timestamps",
    "/var/lib/NetworkManager/seen-bssids",
    "/var/lib/NetworkManager/secret_key",
    "/var/lib/wicked/*",
)
_CRONTABS = (
    "/var/spool/cron/crontabs/*",
    "/var/spool/cron/tabs/*",
    "/var/spool/cron/*",
    "/var/spool/at/*",
    "/var/spool/cron/atjobs/*",
)
_JOBS = re.compile(r"/(?:atjobs|at)/")
_MAIL = ("/var/mail/*", "/var/spool/mail/*")
_HOSTNAME = ("/var/lib/cloud/data/set-hostname",)
_UNITS = (
    "/etc/systemd/system/*.service",
    "/etc/systemd/system/*.timer",
    "/etc/systemd/system/*.path",
    "/usr/lib/systemd/system/*-network-setup.service",
    "/lib/systemd/system/*-network-setup.service",
)
# ExecStart=/usr/bin/python3 /var/lib/waagent/waagent-network-setup.py
_STARTS = re.compile(r"^\s*Exec\w+\s*=.*/var/lib/waagent/", re.MULTILINE)
_TRACES = (
    "/var/lib/waagent/run-command*",
    "/var/lib/waagent/Microsoft.CPlat.Core.RunCommand*",
    "/var/log/azure/run-command*",
    "/var/log/azure/Microsoft.CPlat.Core.RunCommand*",
    "/run/sealproof-*",
    "/run/systemd/transient/sealproof-*",
    "/tmp/sealproof-*",  # noqa: S108 - in the image
    "/var/tmp/sealproof-*",  # noqa: S108
    "/etc/systemd/system/sealproof-*",
)
_COPIES = ("*~", "*.bak", "*.swp", "*.swo")
_EDITED = ("/etc", "/etc/*", "~", "/srv")
_ACCOUNT_COPY = re.compile(r"/etc/(?:passwd|shadow|group|gshadow|subuid|subgid)\b")
_OWN_NAMES = re.compile(r"localhost|localhost\d?\.localdomain\d?|ip6-.*|localhost\d")


def _kept_hostname(tree: Tree) -> tuple[str, ...]:
    return tuple(matching(tree, _HOSTNAME))


def _leases(tree: Tree) -> tuple[str, ...]:
    return tuple(files(tree, _LEASES))


def _logs(tree: Tree) -> tuple[str, ...]:
    """Return what lies in /var/log and holds anything; of a folder only its name."""
    found = []
    for path in matching(tree, ("/var/log/*",)):
        if path != _KEPT_LOG and _holds_anything(tree, path):
            found.append(path)
    return tuple(found)


def _holds_anything(tree: Tree, path: str) -> bool:
    if path == _LOGINS and tree.node(path).kind == "file" and tree.node(path).size <= _STOP_RECORDS:
        return False
    if tree.node(path, follow=False).kind == "folder":
        return any(holds_something(tree, item) for item in below(tree, path))
    return holds_something(tree, path)


def _crontabs(tree: Tree) -> tuple[str, ...]:
    return tuple(path for path in files(tree, _CRONTABS) if not path.endswith((".SEQ", "/.placeholder")))


def _orphaned_crontabs(tree: Tree) -> tuple[str, ...]:
    known = accounts(tree)
    found = [path for path in _crontabs(tree) if not _JOBS.search(path)]
    return tuple(path for path in found if path.rpartition("/")[2] not in known)


def _mail(tree: Tree) -> tuple[str, ...]:
    """Return the mail. On Debian /var/spool/mail is a link to /var/mail, and is not told of twice."""
    found = files(tree, _MAIL)
    return tuple({tree.place(path): path for path in reversed(found)}.values())[::-1]


def _temporary(tree: Tree) -> tuple[str, ...]:
    """Return what lies in the folders for temporary files, but for empty folders, which each start makes anew."""
    found = [path for path in matching(tree, ("/tmp/*", "/var/tmp/*")) if _is_more_than_a_folder(tree, path)]  # noqa: S108
    return tuple(found[:_MOST_NAMES])


def _is_more_than_a_folder(tree: Tree, path: str) -> bool:
    return tree.node(path, follow=False).kind != "folder" or any(True for _ in below(tree, path))


def _stale_units(tree: Tree) -> tuple[str, ...]:
    return tuple(path for path in files(tree, _UNITS) if _STARTS.search(tree.text(path)))


def _own_host_names(tree: Tree) -> tuple[str, ...]:
    """Return the names that the machine gives itself. Raises `Unreadable` for what is no file of hosts."""
    names: list[str] = []
    for line in tree.text("etc/hosts").splitlines():
        # 127.0.1.1 goldenvm.example goldenvm
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            address = ipaddress.ip_address(words[0])
        except ValueError:
            raise Unreadable("/etc/hosts has a line that begins with no address, so it is damaged") from None
        if address.is_loopback:
            names += [word for word in words[1:] if not _OWN_NAMES.fullmatch(word)]
    return tuple(dict.fromkeys(name[:253] for name in names))


def _encrypted_mounts(tree: Tree) -> tuple[str, ...]:
    # data UUID=... none luks
    lines = [line.split() for line in tree.text("etc/crypttab").splitlines()]
    return tuple(words[0][:200] for words in lines if words and not words[0].startswith("#"))


def _own_traces(tree: Tree) -> tuple[str, ...]:
    return tuple(matching(tree, _TRACES))


def _editor_copies(tree: Tree) -> tuple[str, ...]:
    """Return what editors kept; those of the account files have facts of their own."""
    places = in_homes(tree, tuple(f"{place}/{name}" for place in _EDITED for name in _COPIES))
    return tuple(path for path in files(tree, places) if not _ACCOUNT_COPY.match(path))


LOOKS: Mapping[str, Callable[[Tree], Any]] = {
    "kept_hostname": _kept_hostname,
    "leases": _leases,
    "logs": _logs,
    "crontabs": _crontabs,
    "orphaned_crontabs": _orphaned_crontabs,
    "mail": _mail,
    "temporary": _temporary,
    "stale_units": _stale_units,
    "own_host_names": _own_host_names,
    "encrypted_mounts": _encrypted_mounts,
    "own_traces": _own_traces,
    "editor_copies": _editor_copies,
}
