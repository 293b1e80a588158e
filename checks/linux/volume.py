"""The volumes that make up the system: the reader of the stopped disk must be able to judge them."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest, Policy, SystemMount, UnknownFact

_READABLE = ("ext2", "ext3", "ext4", "xfs")
_FIRMWARE = ("/boot/efi", "/efi")
"""FAT is for these only: nothing that is judged lies there."""
_BESIDE = (*_FIRMWARE, "/boot", "/opt", "/srv")
"""What may lie on another disk, since nothing that is judged lies there."""
_LAYERS = {
    "stacked": "a logical volume that is made of others (thin, cached, mirrored, with a snapshot, or on encryption)",
    "crypt": "an encrypted volume",
    "raid": "a RAID array",
    "bind": "a folder of another mount (a bind mount)",
    "unlisted": "mounted by something else than /etc/fstab",
    "other": "no partition and no logical volume",
}
_UNMOUNTED = (
    "which no line of /etc/fstab mounts at the start by UUID or label, on a path without symbolic links and without a "
    "mount unit"
)
_UNREAD = {
    "ext": f"ext, {_UNMOUNTED}",
    "xfs": f"xfs, {_UNMOUNTED}",
    "ntfs": "ntfs, which is looked into on no Linux disk",
    "btrfs": "btrfs, which is not read",
    "fat": "fat, which is neither EFI's own nor mounted on /boot, /boot/efi or /efi",
    "encrypted": "an encrypted volume, which is not read",
    "raid": "a part of a RAID array, which is not read",
    "stacked": "a logical volume that is made of others, which is not read",
    "other": "no file system that the reader knows",
}


def _disk_is_witness(policy: Policy) -> bool:
    return policy.witness == "disk"


@check(
    "LNX-VOLUME-001",
    "the reader of the stopped disk can judge the system's volumes",
    phase="pre",
    platform="linux",
    severity="blocker",
    waivable=False,
    applies=_disk_is_witness,
    why="The stopped disk is the only witness. Its reader knows ext2 to ext4 and XFS, on partitions and on plain "
    "logical volumes of LVM, mounted where /etc/fstab says. With btrfs, encryption, RAID, a thin logical volume or a "
    "system that is spread over several disks nothing could be proven, and that would come out only after the step "
    "that can't be undone.",
    fix="Build the image with ext4 or XFS on partitions or on linear logical volumes of the OS disk.",
    source="runners/disk: what our own reader reads",
    grade="S",
)
def check_volume_readable(guest: LinuxGuest) -> list[Problem]:
    mounts = guest.system_mounts.value
    root = next((mount for mount in mounts if mount.point == "/"), None)
    if root is None:
        raise UnknownFact("the guest's list of mounts has no root file system")
    problems = [found for mount in mounts for found in _problems(mount, root)]
    unknown = [mount.point for mount in mounts if "unknown" in (mount.layer, mount.disks)]
    if unknown and not problems:
        raise UnknownFact(f"the guest does not say on what {' and '.join(unknown)} lies")
    return problems


@check(
    "LNX-VOLUME-002",
    "the reader of the stopped disk can look into every volume of the OS disk",
    phase="pre",
    platform="linux",
    severity="blocker",
    waivable=False,
    applies=_disk_is_witness,
    why="What is on a volume that nothing mounts is in the image as well, and no rule looks into it. Nothing is proven "
    "then, which would come out only after the step that can't be undone.",
    fix="Delete the volume (wipefs -a DEVICE, and its partition), or name an ext4 or XFS in /etc/fstab by UUID, with "
    "nofail and without noauto, on a path without symbolic links and without a mount unit in /etc/systemd/system.",
    source="runners/disk: what our own reader reads",
    grade="S",
)
def check_volume_named(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(
            observed=_UNREAD[item.filesystem],
            expected="ext4 or XFS that /etc/fstab mounts",
            where=item.device,
        )
        for item in guest.disks.unread_volumes.value_or(())
    ]


def _problems(mount: SystemMount, root: SystemMount) -> list[Problem]:
    seen = f"{mount.filesystem} on {mount.device}"
    readable = ("vfat",) if mount.point in _FIRMWARE else _READABLE
    if mount.filesystem not in readable:
        return [problem(observed=seen, expected=" or ".join(readable), where=mount.point)]
    if mount.layer in _LAYERS:
        expected = "a partition, or a linear logical volume on partitions, that /etc/fstab mounts"
        return [problem(observed=f"{seen}, {_LAYERS[mount.layer]}", expected=expected, where=mount.point)]
    if mount.point not in _BESIDE and (mount.disks != root.disks or "," in mount.disks):
        return [
            problem(
                observed=f"{seen}, on {mount.disks}",
                expected=f"a volume on the one disk that holds the root ({root.disks})",
                where=mount.point,
            )
        ]
    return []
