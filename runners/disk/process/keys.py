"""Keys of ssh and TLS on a Linux disk: where they are and which they are, never the key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from checks.facts.linux.remains import AuthorizedKey
from runners.disk.process.homes import accounts, homes, in_homes
from runners.disk.process.search import files, matching
from runners.disk.process.tree import Tree, Unreadable

_MOST_KEYS = 500
_SSHD = ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*.conf", "/usr/etc/ssh/sshd_config")
# HostKey /srv/keys/host_ed25519        AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u
_SETTING = re.compile(r"^\s*(HostKey|AuthorizedKeysFile)\s*[\s=]\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
# ssh-ed25519 AAAAC3Nz... azureuser@laptop       sk-ecdsa-sha2-nistp256@openssh.com AAAAInN...
_KEY = re.compile(r"(?:^|\s)(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+\s+([A-Za-z0-9+/]+=*)(?:\s|$)")
# no-pty,...,command="echo 'Please login as the user \"azureuser\" rather than the user \"root\".';..." ssh-rsa
_REFERS = "command=\"echo 'Please login as the user "
_USUAL = (".ssh/authorized_keys", ".ssh/authorized_keys2")
_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-", re.MULTILINE)
_STORES = ("*.p12", "*.pfx", "*.jks", "*.keystore")
_SERVERS = (
    "/etc/ssh/*",
    "/etc/ssl/private/**",
    "/etc/pki/tls/private/**",
    "/etc/letsencrypt/archive/**",
    "/etc/letsencrypt/live/**",
    "/etc/letsencrypt/accounts/**",
    "/etc/nginx/**",
    "/etc/apache2/**",
    "/etc/httpd/**",
    "/etc/*.key",
    "/etc/*.pem",
    *(f"/etc/{pattern}" for pattern in _STORES),
    *(f"/etc/*/{pattern}" for pattern in ("*.key", *_STORES)),
)
_IN_HOMES = (
    "~/.ssh/*",
    "~/.gnupg/private-keys-v1.d/*",
    *(f"~/{pattern}" for pattern in ("*.key", "*.pem", "*.ppk", "id_*", *_STORES)),
)
_BY_PLACE = ("/.gnupg/private-keys-v1.d/", "/etc/ssl/private/", "/etc/pki/tls/private/")
_BY_NAME = (*_STORES, "id_rsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "id_dsa")
"""Where and under which names nothing but private keys is kept: not even damage hides them."""
_PUBLIC = ("authorized_keys", "authorized_keys2", "known_hosts", "known_hosts.old", "config", "moduli")


def host_keys_elsewhere(tree: Tree) -> tuple[str, ...]:
    """Return the host keys that sshd is told to use and that do not lie in /etc/ssh with the usual names."""
    named = [path for path in _settings(tree, "hostkey") if not path.startswith("/etc/ssh/ssh_host_")]
    return tuple(files(tree, sorted({path for path in named if path.startswith("/")})))


def authorized_keys(tree: Tree) -> tuple[AuthorizedKey, ...]:
    """Return every line that lets a key in."""
    found: list[AuthorizedKey] = []
    owners = {home: account for account, home in reversed(list(accounts(tree).items()))}
    places = {path: owners.get(home, "") for home in homes(tree) for path in files(tree, _authorized(tree, home))}
    for pattern, account in _by_account(tree):
        places |= {path: account(path) for path in files(tree, [pattern])}
    for path, owner in places.items():
        lines = [line.strip() for line in tree.text(path).splitlines()]
        keys = [line for line in lines if line and not line.startswith("#")]
        found += [AuthorizedKey(path, owner, _fingerprint(line), _REFERS in line) for line in keys]
    if len(found) > _MOST_KEYS:
        raise Unreadable(f"{len(found)} authorized keys are more than the {_MOST_KEYS} that are listed")
    return tuple(found)


def private_keys(tree: Tree) -> tuple[str, ...]:
    """Return the private keys in homes and where servers have theirs, but for SSH host keys."""
    found = []
    for path in matching(tree, [*_SERVERS, *in_homes(tree, _IN_HOMES)]):
        name = path.rpartition("/")[2]
        if name.startswith("ssh_host_") or name.endswith(".pub") or name in _PUBLIC:
            continue
        if not files(tree, [_literal(path)]):
            continue
        store = any(place in path for place in _BY_PLACE) or any(fnmatchcase(name, item) for item in _BY_NAME)
        if store or _BEGIN.search(tree.content(path)):
            found.append(path)
    return tuple(found)


def ssh_peers(tree: Tree) -> tuple[str, ...]:
    """Return what homes know of other machines."""
    return tuple(files(tree, in_homes(tree, ("~/.ssh/known_hosts", "~/.ssh/known_hosts.old", "~/.ssh/config"))))


def _authorized(tree: Tree, home: str) -> list[str]:
    """Return where sshd looks for the keys of whoever lives in this home, as patterns."""
    words = [word.replace("%h", home) for word in _words(tree) if "%u" not in word]
    return [_literal(word if word.startswith("/") else f"{home}/{word}") for word in words]


def _by_account(tree: Tree) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield where sshd looks for keys by an account's name, as patterns for any, with what tells the account of a path.

    userdel leaves such a file: whoever makes an account of that name lets its keys in.
    """
    known = accounts(tree)

    def teller(pattern: str) -> Callable[[str], str]:
        # /etc/ssh/keys/%u.pub, /srv/%u/keys
        name = re.compile(re.escape(pattern).replace("%u", "([^/]*)", 1).replace("%u", "[^/]*"))

        def account(path: str) -> str:
            match = name.fullmatch(path)
            return match[1] if match and match[1] in known else ""

        return account

    for word in _words(tree):
        if "%u" in word:
            homes_of = homes(tree) if "%h" in word or not word.startswith("/") else ("",)
            for home in homes_of:
                path = word.replace("%h", home)
                path = path if path.startswith("/") else f"{home}/{path}"
                yield _literal(path).replace("%u", "*"), teller(path)


def _words(tree: Tree) -> list[str]:
    named = [*_USUAL, *(word for line in _settings(tree, "authorizedkeysfile") for word in line.split())]
    return [word.replace("%%", "%").strip('"') for word in dict.fromkeys(named) if word.lower() != "none"]


def _settings(tree: Tree, key: str) -> list[str]:
    found: list[str] = []
    for path in files(tree, _SSHD):
        found += [match[2] for match in _SETTING.finditer(tree.text(path)) if match[1].lower() == key]
    return found


def _fingerprint(line: str) -> str:
    match = _KEY.search(line)
    try:
        blob = base64.b64decode(match[1], validate=True) if match else b""
    except (binascii.Error, ValueError):
        return ""
    if not blob:
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _literal(path: str) -> str:
    """Return a pattern of this path alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)
