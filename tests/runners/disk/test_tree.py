"""Paths inside an image: links, loops and `..` never lead out, and what can't be read is never taken for missing."""

from __future__ import annotations

import pytest

from runners.disk.process.tree import Missing, Node, Tree, Unreadable, observe
from tests.runners.disk.memory import Entry, folder, link


def tree(**inside: Node) -> Tree:
    return Tree(folder(**inside))


ETC = folder(passwd=Entry(text="inside"), machine=Entry(text="id"))


@pytest.mark.parametrize(
    "target",
    ["/etc/passwd", "../../../../../etc/passwd", "../etc/passwd", "/../etc/./passwd", "/etc//passwd"],
)
def test_a_link_is_resolved_inside_the_image(target: str) -> None:
    assert tree(etc=ETC, var=folder(log=link(target))).text("var/log") == "inside"


def test_a_link_to_a_folder_is_followed_on_the_way() -> None:
    assert tree(etc=link("usr/etc"), usr=folder(etc=ETC)).text("etc/passwd") == "inside"


def test_dot_dot_after_a_link_is_the_parent_of_where_the_link_led() -> None:
    assert tree(a=link("/usr/etc"), usr=folder(etc=ETC, other=Entry(text="x"))).text("a/../other") == "x"


@pytest.mark.parametrize("target", ["loop", "/loop", "./loop", "other/../loop"])
def test_a_loop_ends_as_unreadable(target: str) -> None:
    with pytest.raises(Unreadable, match="40 symbolic links"):
        tree(loop=link(target), other=folder()).text("loop")


def test_a_link_to_nothing_is_missing() -> None:
    with pytest.raises(Missing):
        tree(loop=link("/run/nothing")).text("loop")


def test_the_last_link_can_be_looked_at_itself() -> None:
    assert tree(a=link("/b")).node("a", follow=False).kind == "link"


def test_a_file_on_the_way_means_that_nothing_is_below_it() -> None:
    with pytest.raises(Missing):
        tree(etc=Entry(text="a file")).text("etc/passwd")


def test_a_damaged_folder_is_unreadable_not_empty() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        tree(etc=Entry("folder", damaged=True)).text("etc/passwd")


def test_a_folder_where_another_volume_is_mounted_is_unreadable_by_any_way() -> None:
    mounted = Tree(folder(var=folder(lib=folder()), short=link("var/lib")), {"/var/lib": "it is on another disk"})
    for path in ("var/lib", "var/lib/waagent", "short/waagent"):
        with pytest.raises(Unreadable, match=r"mounts another volume on /var/lib.*it is on another disk"):
            mounted.node(path)
    assert mounted.node("var").kind == "folder"


@pytest.mark.parametrize("kind", ["folder", "other"])
def test_only_regular_files_are_read(kind: str) -> None:
    with pytest.raises(Unreadable, match="no regular file"):
        tree(pipe=Entry(kind)).text("pipe")


def test_a_list_that_would_be_cut_is_unreadable() -> None:
    names = tree(home=folder(a=Entry(), b=Entry(), c=Entry()))
    assert names.names("home", 3) == ("a", "b", "c")
    with pytest.raises(Unreadable, match="3 names, more than the 2"):
        names.names("home", 2)


def test_what_breaks_in_a_parser_is_unknown_and_quotes_nothing() -> None:
    def look() -> str:
        raise ValueError("root:$y$j9T$secret")

    reason = observe("shadow", look).to_json()["unknown"]
    assert "ValueError" in reason
    assert "secret" not in reason


def test_a_volume_is_seen_where_it_is_mounted_and_hides_what_is_below() -> None:
    root = folder(var=folder(log=folder(old=Entry(text="hidden"))), short=link("/var/log/../log"))
    mounted = Tree(root, {"/var/log": folder(new=Entry(text="seen"))})
    assert mounted.text("short/new") == "seen"
    with pytest.raises(Missing):
        mounted.text("var/log/old")


def test_a_link_leads_out_of_a_volume_as_the_system_follows_it() -> None:
    volume = folder(up=link("../../etc/passwd"), far=link("../../../../../etc/passwd"), whole=link("/etc/passwd"))
    mounted = Tree(folder(var=folder(log=folder()), etc=ETC), {"/var/log": volume})
    for name in ("up", "far", "whole"):
        assert mounted.text(f"var/log/{name}") == "inside"


def test_a_volume_on_a_volume() -> None:
    mounts = {"/var": folder(log=folder(), old=Entry()), "/var/log": folder(new=Entry(text="deep"))}
    mounted = Tree(folder(var=folder()), mounts)
    assert mounted.text("var/log/new") == "deep"
    assert mounted.names("var", 5) == ("log", "old")


def test_the_place_of_a_path_has_no_links() -> None:
    linked = tree(var=folder(run=link("../run")), run=folder(lock=folder()))
    assert linked.place("var/run/lock") == "/run/lock"
    assert linked.place("/") == "/"
