"""Puts the volumes of a disk together as the system does: what /etc/fstab of the root mounts where.

Mount units of systemd are known by their names only, which tell the mount point: what they mount there is not read.

Nothing is mounted in earnest. A volume that could not be read, or that is not on this disk, leaves its mount point
unreadable: what lies below it in the root's own folder is not what the system saw there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.tree import Missing, Node, Tree, Unreadable

_MOST_ENTRIES = 256
_MOST_UNITS = 5000
_UNIT_FOLDERS = ("etc/systemd/system", "etc/systemd/system/local-fs.target.wants")
# var-log\x2dold.mount is what is mounted on /var/log-old
_UNIT_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
# fstab writes a space of a name as \040
_ESCAPE = re.compile(r"\\([0-7]{3})")
# /dev/disk/by-uuid/5ea1f001-..., and how fstab says the same in a word of its own
_BY = {
    "/dev/disk/by-uuid/": "UUID=",
    "/dev/disk/by-label/": "LABEL=",
    "/dev/disk/by-partuuid/": "PARTUUID=",
    "/dev/disk/by-partlabel/": "PARTLABEL=",
}
_WORDS = ("UUID", "LABEL", "PARTUUID", "PARTLABEL")
_EXT = ("ext2", "ext3", "ext4")
_TEMPORARY = ("/tmp", "/var/tmp", "/run", "/dev/shm")  # noqa: S108 - mount points
"""Of these nothing is expected to outlive the system. In memory they are gone, and an image has what the disk holds."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of /etc/fstab."""

    device: str
    point: str
    """Absolute, without a slash at its end; `/` for the root."""
    kind: str
    options: tuple[str, ...]


def mounted(root: FoundVolume, volumes: list[FoundVolume]) -> Tree:
    """Return the files of the system whose root is `root`. Raises `Unreadable` where the root is no witness."""
    if root.root is None or root.unclean:
        # Reads without the journal show some older state, and that state may be a mixture.
        raise Unreadable(f"{root.name} was not unmounted cleanly: {root.unclean}")
    entries = _entries(Tree(root.root))
    for entry in entries:
        if entry.point == "/":
            _demand_root(entry, root, volumes)
    mounts: dict[str, Node | str] = {}
    # A mount point may lie on another volume, which is then mounted first.
    for entry in sorted(entries, key=lambda item: item.point.count("/")):
        if entry.point == "/" or (entry.kind == "tmpfs" and entry.point in _TEMPORARY):
            continue
        if entry.point in mounts:
            mounts[entry.point] = "/etc/fstab mounts several volumes there"
            continue
        found = _content(entry, volumes)
        place = _place(Tree(root.root, mounts), entry.point)
        if place != entry.point:
            # systemd refuses such a mount, mount(8) follows the link: the system may have seen either.
            found = mounts[place] = f"{entry.point}, which /etc/fstab names, leads through a symbolic link"
        mounts[entry.point] = found
    for point, unit in _units(Tree(root.root, mounts)):
        mounts[point] = f"{unit} mounts something there, and units are not read"
    return Tree(root.root, mounts)


def awaited(root: FoundVolume, volumes: list[FoundVolume]) -> tuple[str, ...]:
    """Return the mount points that the system's start waits for, and whose volume is not on this disk.

    Raises `Unreadable` where a volume that could not be read may be the one.
    """
    if root.root is None:
        raise Unreadable(f"{root.name} could not be read")
    found = []
    for entry in _entries(Tree(root.root)):
        optional = {"nofail", "noauto", "_netdev", "bind", "rbind"} & set(entry.options)
        is_device = entry.device.startswith("/dev/") or entry.device.partition("=")[0] in _WORDS
        if optional or not is_device or entry.kind == "swap" or any(_is(entry.device, item) for item in volumes):
            continue
        unread = [item.name for item in volumes if item.filesystem == "unreadable"]
        if unread:
            raise Unreadable(f"{entry.point} may be mounted from {', '.join(unread)[:200]}, which could not be read")
        found.append(entry.point)
    return tuple(found)


def named(root: FoundVolume, volumes: list[FoundVolume]) -> dict[str, tuple[str, ...]]:
    """Return where /etc/fstab says that volumes belong, by their names: mounted or not. Raises `Unreadable`."""
    if root.root is None:
        raise Unreadable(f"{root.name} could not be read")
    entries = _entries(Tree(root.root))
    points = {item.name: tuple(entry.point for entry in entries if _is(entry.device, item)) for item in volumes}
    return {name: found for name, found in points.items() if found}


def _demand_root(entry: _Entry, root: FoundVolume, volumes: list[FoundVolume]) -> None:
    """Raise `Unreadable` where the root's own /etc/fstab says that another volume of this disk is the root."""
    named = [volume for volume in volumes if _is(entry.device, volume)]
    if named and root not in named:
        raise Unreadable(
            f"/etc/fstab on {root.name} says that {entry.device[:100]} is the root, which is {named[0].name}: "
            "the disk does not say which one starts"
        )


def _content(entry: _Entry, volumes: list[FoundVolume]) -> Node | str:
    """Return the root folder of the volume that is mounted, or why it is not read."""
    if {"bind", "rbind"} & set(entry.options):
        return "it is another folder (a bind mount), which is not followed"
    if not entry.device.startswith("/dev/") and "=" not in entry.device:
        return f"it is of the kind {entry.kind[:40]}, which no disk holds"
    device = entry.device[:100]
    found = [volume for volume in volumes if _is(entry.device, volume)]
    if not found:
        optional = ", and the system starts without it (nofail)" if "nofail" in entry.options else ""
        return f"{device} names no volume of this disk{optional}"
    if len(found) > 1:
        return f"several volumes of this disk are {device} ({', '.join(volume.name for volume in found)})"
    return _readable(found[0], entry)


def _readable(volume: FoundVolume, entry: _Entry) -> Node | str:
    if "noauto" in entry.options:
        return f"{volume.name} is mounted only on demand (noauto)"
    if volume.root is None:
        return f"{volume.name} is {volume.filesystem}{volume.reason and ': ' + volume.reason}"
    if volume.unclean:
        return f"{volume.name} was not unmounted cleanly: {volume.unclean}"
    if entry.kind not in ("auto", volume.filesystem) and not (entry.kind in _EXT and volume.filesystem in _EXT):
        return f"{volume.name} is {volume.filesystem}, and /etc/fstab says {entry.kind[:40]}"
    return volume.root


def _is(device: str, volume: FoundVolume) -> bool:
    """Return whether /etc/fstab's word for a device means this volume. Names like /dev/sda2 mean none: they change."""
    for prefix, word in _BY.items():
        if device.startswith(prefix):
            device = word + device.removeprefix(prefix)
    word, equals, value = device.partition("=")
    wanted = f"{word}={value.strip(chr(34))}" if equals else device
    if word in ("UUID", "PARTUUID"):
        return wanted.lower() in (name.lower() for name in volume.known_as)
    return wanted in volume.known_as


def _entries(tree: Tree) -> list[_Entry]:
    """Return what /etc/fstab mounts. Without the file it is nothing. Raises `Unreadable`."""
    try:
        lines = tree.text("etc/fstab").splitlines()
    except Missing:
        return []
    found = []
    for line in lines:
        # UUID=5ea1f001-... /var xfs defaults,nofail 0 2
        fields = [_ESCAPE.sub(lambda match: chr(int(match[1], 8)), item) for item in line.split()]
        if len(fields) < 2 or fields[0].startswith("#") or not fields[1].startswith("/"):
            continue
        point = "/" + "/".join(part for part in fields[1].split("/") if part not in ("", "."))
        kind = fields[2] if len(fields) > 2 else "auto"
        options = tuple(fields[3].split(",")) if len(fields) > 3 else ()
        found.append(_Entry(fields[0], point, kind, options))
    if len(found) > _MOST_ENTRIES:
        raise Unreadable(f"/etc/fstab mounts {len(found)} volumes, more than the {_MOST_ENTRIES} that are followed")
    return found


def _place(tree: Tree, point: str) -> str:
    """Return where the mount point really is. One that is not there yet is made where it is named."""
    try:
        return tree.place(point)
    except (Missing, Unreadable):
        return point


def _units(tree: Tree) -> list[tuple[str, str]]:
    """Return the mount points of systemd's mount units, with the units' names. Raises `Unreadable`."""
    found = []
    for folder in _UNIT_FOLDERS:
        try:
            names = tree.names(folder, _MOST_UNITS)
        except Missing:
            continue
        for name in names:
            if not name.endswith(".mount") or name == "-.mount":
                continue
            node = tree.node(f"{folder}/{name}", follow=False)
            if node.kind == "link" and node.target() == "/dev/null":
                continue  # masked: systemd ignores it
            parts = name.removesuffix(".mount").split("-")
            point = "/" + "/".join(_UNIT_ESCAPE.sub(lambda match: chr(int(match[1], 16)), part) for part in parts)
            found.append((point, name[:100]))
    return found
