"""What Windows keeps on volumes of its own, for its start (`System Reserved`) and its recovery, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from runners.disk.process.ntfs import NtfsVolume
from runners.disk.process.tree import Missing

_OF_NTFS = {
    *(".", "$ATTRDEF", "$BADCLUS", "$BITMAP", "$BOOT", "$EXTEND"),
    *("$LOGFILE", "$MFT", "$MFTMIRR", "$SECURE", "$UPCASE", "$VOLUME"),
}
"""The file system itself. Names in capitals here and below."""
_STARTER = "BOOTMGR"
_STARTING = {"BOOT", "BOOTNXT", "BOOTSECT.BAK", "BOOTTEL.DAT", "EFI"}
_RECOVERY, _SYSTEM = "RECOVERY", "SYSTEM VOLUME INFORMATION"
# Recovery\WindowsRE\Winre.wim; Windows 7 has a folder \Recovery\5ea1f001-0000-11ee-8000-000000000001
_RECOVERING = re.compile(r"WINDOWSRE|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_IN_RECOVERING = re.compile(r"WINRE\.WIM|BOOT\.SDI|REAGENT(?:OLD)?\.XML")
_LOGS = re.compile(r"[^.]*\.(?:XML|LOG|ETL)")
# {a5c2...}{3808876b-c176-4e48-b7ae-04046e6cc752}: a shadow copy; Dedup and DFSR: parts of files
_HOLDS_FILES = re.compile(r".*\{3808876B-C176-4E48-B7AE-04046E6CC752\}|DEDUP|DFSR|_RESTORE.*")


def foreign(volume: NtfsVolume) -> str:
    """Return the first path on a volume that is not Windows' own. Raises `Missing` where all is, and `Unreadable`."""
    for path in _foreign(volume):
        return path[:100]
    raise Missing("nothing of others")


def _foreign(volume: NtfsVolume) -> Iterator[str]:
    names = {name.upper(): name for name in volume.names("") if name.upper() not in _OF_NTFS}
    starts = _STARTER in names and not volume.is_folder(names[_STARTER])
    for upper, name in sorted(names.items()):
        if upper == _SYSTEM:
            yield from _inside(volume, name, lambda item: not _HOLDS_FILES.fullmatch(item))
        elif upper == _RECOVERY:
            yield from _recovery(volume, name)
        elif not starts or upper not in {_STARTER, *_STARTING}:
            yield name


def _recovery(volume: NtfsVolume, folder: str) -> Iterator[str]:
    for name in volume.names(folder):
        path = f"{folder}/{name}"
        if _RECOVERING.fullmatch(name.upper()):
            yield from _inside(volume, path, lambda item: bool(_IN_RECOVERING.fullmatch(item)), files=True)
        elif name.upper() == "LOGS":
            yield from _inside(volume, path, lambda item: bool(_LOGS.fullmatch(item)), files=True)
        else:
            yield path


def _inside(volume: NtfsVolume, folder: str, own: Callable[[str], bool], *, files: bool = False) -> Iterator[str]:
    """Yield what is in a folder and not `own`, by its name in capitals. `files`: whether only files may be."""
    for name in volume.names(folder):
        path = f"{folder}/{name}"
        if not own(name.upper()) or (files and volume.is_folder(path)):
            yield path
