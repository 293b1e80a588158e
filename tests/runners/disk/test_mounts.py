"""Which volume is where: /etc/fstab of the root, as the system follows it."""

from __future__ import annotations

import pytest

from runners.disk.process.filesystems import FoundVolume
from runners.disk.process.mounts import mounted, named
from runners.disk.process.tree import Tree, Unreadable
from tests.runners.disk.memory import Entry, folder, link, text

UUID = "5ea1f001-0000-4000-8000-00000000e474"
DATA = FoundVolume(
    "rootvg/varlv",
    "xfs",
    root=folder(log=folder(new=text("seen"))),
    known_as=("/dev/rootvg/varlv", "/dev/mapper/rootvg-varlv", f"UUID={UUID}", "LABEL=my data", "PARTUUID=abc-01"),
)


def root_with(fstab: str, **more: Entry) -> FoundVolume:
    inside = {"etc": folder(fstab=text(fstab)), "var": folder(log=folder(old=text("hidden"))), **more}
    return FoundVolume("rootvg/rootlv", "xfs", root=folder(**inside), known_as=("/dev/mapper/rootvg-rootlv",))


def tree(fstab: str, *volumes: FoundVolume, **more: Entry) -> Tree:
    root = root_with(fstab, **more)
    return mounted(root, [root, *(volumes or (DATA,))])


@pytest.mark.parametrize(
    "device",
    [
        "/dev/mapper/rootvg-varlv",
        "/dev/rootvg/varlv",
        f"UUID={UUID}",
        f'UUID="{UUID.upper()}"',
        f"/dev/disk/by-uuid/{UUID}",
        r"LABEL=my\040data",
        "PARTUUID=ABC-01",
        "/dev/disk/by-partuuid/abc-01",
    ],
)
@pytest.mark.parametrize(
    "line", ["{} /var xfs defaults 0 2", "{} /var/ auto", "# a comment\n\n  {}\t/var\txfs\tnofail"]
)
def test_a_volume_is_found_by_each_of_its_names(device: str, line: str) -> None:
    assert tree(line.format(device)).text("var/log/new") == "seen"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("UUID=0000 /var xfs defaults", "UUID=0000 names no volume of this disk"),
        ("/dev/disk/cloud/azure_resource-part1 /var auto defaults,nofail", "without it (nofail)"),
        ("/dev/sdc1 /var xfs defaults", "/dev/sdc1 names no volume of this disk"),
        ("label=x=y /var xfs", "names no volume"),
        (f"UUID={UUID} /var xfs noauto", "only on demand"),
        (f"UUID={UUID} /var ext4 defaults", "is xfs, and /etc/fstab says ext4"),
        ("/data/var /var none bind", "a bind mount"),
        ("tmpfs /var tmpfs size=1G", "of the kind tmpfs"),
        ("server:/var /var nfs defaults", "of the kind nfs"),
        (f"UUID={UUID} /var xfs defaults\ntmpfs /var tmpfs defaults", "several volumes there"),
    ],
)
def test_a_mount_point_whose_volume_is_not_read_is_unreadable_with_the_reason(line: str, word: str) -> None:
    with pytest.raises(Unreadable) as reason:
        tree(line).text("var/log/old")
    assert "mounts another volume on /var" in str(reason.value)
    assert word in str(reason.value)


@pytest.mark.parametrize(
    ("volume", "word"),
    [
        (FoundVolume("rootvg/varlv", "unreadable", "btrfs, which is not read", known_as=("LABEL=x",)), "btrfs"),
        (FoundVolume("partition 1", "fat", known_as=("LABEL=x",)), "partition 1 is fat"),
        (FoundVolume("p", "xfs", root=folder(), unclean="its log", known_as=("LABEL=x",)), "not unmounted cleanly"),
    ],
)
def test_a_volume_that_is_no_witness_leaves_its_mount_point_unreadable(volume: FoundVolume, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        tree("LABEL=x /var auto defaults", volume).text("var/log/old")


def test_two_volumes_of_one_name_are_none() -> None:
    twin = FoundVolume("partition 9", "xfs", root=folder(), known_as=(f"UUID={UUID}",))
    with pytest.raises(Unreadable, match="several volumes of this disk are UUID="):
        tree(f"UUID={UUID} /var xfs", DATA, twin).node("var")


def test_what_is_not_mounted_is_seen_as_it_is() -> None:
    fstab = f"UUID={UUID} none swap sw\n/swapfile swap swap\nproc /proc proc defaults\n/dev/mapper/rootvg-rootlv / xfs"
    assert tree(fstab).text("var/log/old") == "hidden"


def test_a_temporary_folder_in_memory_is_what_the_disk_holds_below_it() -> None:
    seen = tree("tmpfs /tmp tmpfs size=1G\ntmpfs /var/log tmpfs defaults", tmp=folder(left=text("left")))
    assert seen.text("tmp/left") == "left"
    with pytest.raises(Unreadable, match="of the kind tmpfs"):
        seen.node("var/log/old")


def test_a_mount_point_is_reached_through_links_of_the_other_volumes() -> None:
    fstab = f"UUID={UUID} /var xfs"
    assert tree(fstab, logs=link("var/log")).text("logs/new") == "seen"


def test_mounts_are_made_in_the_order_of_their_paths() -> None:
    log = FoundVolume("l", "ext4", root=folder(deep=text("deep")), known_as=("LABEL=log",))
    assert tree(f"LABEL=log /var/log ext3\nUUID={UUID} /var xfs", DATA, log).text("var/log/deep") == "deep"


def test_a_mount_point_that_leads_through_a_link_is_unreadable_at_both_ends() -> None:
    seen = tree(f"UUID={UUID} /spool/mail xfs", spool=link("/var"), var=folder(mail=folder()))
    for path in ("spool/mail", "var/mail"):
        with pytest.raises(Unreadable, match="symbolic link"):
            seen.node(path)


def test_a_root_that_names_another_volume_of_the_disk_as_the_root_is_no_root() -> None:
    with pytest.raises(Unreadable, match="which is rootvg/varlv"):
        tree(f"UUID={UUID} / xfs defaults 0 0")


def test_a_root_that_names_itself_in_a_way_that_is_not_known_is_taken() -> None:
    assert tree("/dev/sda2 / xfs defaults").node("var").kind == "folder"


def test_a_root_that_was_not_unmounted_cleanly_is_no_witness() -> None:
    root = FoundVolume("rootvg/rootlv", "xfs", root=folder(), unclean="its log holds changes")
    with pytest.raises(Unreadable, match="rootvg/rootlv was not unmounted cleanly: its log holds changes"):
        mounted(root, [root])


def with_units(**units: Entry) -> Tree:
    names = {name.replace("_", "-") + ".mount": unit for name, unit in units.items()}
    inside = folder(fstab=text(""), systemd=folder(system=folder(**names)))
    return mounted_alone(folder(etc=inside, var=folder(log=folder(old=text("hidden")))))


def mounted_alone(root: Entry) -> Tree:
    volume = FoundVolume("partition 1", "ext4", root=root)
    return mounted(volume, [volume])


def test_what_a_mount_unit_mounts_is_not_known() -> None:
    with pytest.raises(Unreadable, match=r"var-log\.mount mounts something there"):
        with_units(var_log=text("[Mount]\nWhat=/dev/sdc1\nWhere=/var/log\n")).text("var/log/old")


def test_a_mount_unit_that_is_masked_or_mounts_elsewhere_changes_nothing() -> None:
    units = with_units(var_log=link("/dev/null"), snap_core20_2318=text("[Mount]\n"))
    assert units.text("var/log/old") == "hidden"


def test_a_unit_that_is_only_wanted_counts_and_its_name_is_taken_apart() -> None:
    wants = folder(**{"var-log\\x2dold.mount": link("/usr/lib/systemd/system/x.mount")})
    system = folder(**{"local-fs.target.wants": wants})
    root = folder(etc=folder(systemd=folder(system=system)), var=folder(**{"log-old": folder()}))
    with pytest.raises(Unreadable, match="mounts another volume on /var/log-old"):
        mounted_alone(root).node("var/log-old")


def test_units_that_cannot_be_listed_make_the_root_unknown() -> None:
    damaged = folder(etc=folder(systemd=folder(system=Entry("folder", damaged=True))))
    with pytest.raises(Unreadable, match="damaged entry"):
        mounted_alone(damaged)


def test_an_endless_table_is_not_followed() -> None:
    with pytest.raises(Unreadable, match="300 volumes"):
        tree("".join(f"LABEL=x{number} /mnt/{number} xfs\n" for number in range(300)))


def test_where_volumes_are_mounted_is_told_by_their_names() -> None:
    root = root_with(f"UUID={UUID} /var xfs defaults\nUUID=0000 /srv xfs nofail\n")
    assert named(root, [root, DATA]) == {DATA.name: ("/var",)}
    assert named(root_with(""), [root, DATA]) == {}
