"""What waagent and cloud-init leave on a stopped Linux disk: names and paths, no content."""

from __future__ import annotations

import re

from runners.disk.process.homes import homes
from runners.disk.process.tree import Missing, Tree, Unreadable

_MOST_NAMES = 500
_MOST_IN_A_HOME = 10000
# .bash_history .zsh_history .ash_history .history
_HISTORY = re.compile(r"\..*sh_history|\.history")


def host_keys(tree: Tree) -> tuple[str, ...]:
    """Return the names of the SSH host keys."""
    return tuple(name for name in tree.names("etc/ssh", _MOST_NAMES) if name.startswith("ssh_host_"))


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


def _is_file(tree: Tree, path: str) -> bool:
    """Return whether a file is there. A link may lead to what the disk does not hold, such as /dev/null."""
    try:
        return tree.node(path).kind == "file"
    except Missing:
        return False


def cloud_instances(tree: Tree) -> tuple[str, ...]:
    """Return the machines whose state cloud-init keeps."""
    return tree.names("var/lib/cloud/instances", _MOST_NAMES)
