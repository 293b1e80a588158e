"""Files of an image found by patterns: followed inside of it only, bounded, and never quietly less than there is."""

from __future__ import annotations

import pytest

from runners.disk.process.search import below, files, matching
from runners.disk.process.tree import Node, Tree, Unreadable
from tests.runners.disk.memory import Entry, folder, link, text


def tree(**inside: Node) -> Tree:
    return Tree(folder(**inside))


def test_wildcards_stand_for_parts_of_one_name() -> None:
    found = tree(etc=folder(**{"a.key": text("x"), "b.key": text("x"), "c.txt": text("x"), "d": folder(e=text("x"))}))
    assert list(matching(found, ["/etc/*.key", "/etc/a.key", "/etc/no/*", "/no/**"])) == ["/etc/a.key", "/etc/b.key"]


def test_whatever_lies_below_a_folder_is_found_but_folders() -> None:
    found = tree(var=folder(a=folder(b=folder(c=text("x"), d=link("/etc"))), e=text("")), etc=folder(f=text("x")))
    assert sorted(matching(found, ["/var/**"])) == ["/var/a/b/c", "/var/a/b/d", "/var/e"]


@pytest.mark.parametrize("target", ["/var", "../var", "..", "/"])
def test_a_loop_of_links_is_not_followed_below(target: str) -> None:
    found = tree(var=folder(loop=link(target), x=text("x")))
    assert sorted(below(found, "/var")) == ["/var/loop", "/var/x"]


def test_links_among_the_folders_of_a_pattern_stay_inside_of_the_image() -> None:
    found = tree(
        etc=folder(ssl=link("/../../srv/ssl"), out=link("../../../../proc")), srv=folder(ssl=folder(k=text("x")))
    )
    assert list(matching(found, ["/etc/ssl/*", "/etc/out/*"])) == ["/etc/ssl/k"]


def test_files_are_what_holds_something() -> None:
    found = tree(a=text("x"), b=text(""), c=link("/a"), d=link("/dev/null"), e=folder())
    assert files(found, ["/*"]) == ["/a", "/c"]


def test_a_damaged_folder_is_told_of_with_its_path() -> None:
    found = tree(var=folder(lib=Entry("folder", damaged=True), log=folder(x=text("x"))))
    with pytest.raises(Unreadable, match="/var/lib: a folder has a damaged entry"):
        files(found, ["/var/*/*"])
    assert files(found, ["/var/log/*"]) == ["/var/log/x"]


def test_a_file_that_is_too_large_is_told_of_with_its_path() -> None:
    found = tree(etc=folder(hosts=text("x" * 100)))
    with pytest.raises(Unreadable, match="/etc/hosts: larger"):
        found.content("etc/hosts", most=10)


def test_more_than_is_looked_at_is_no_answer() -> None:
    many = folder(**{str(number): text("x") for number in range(20001)})
    with pytest.raises(Unreadable, match="more than"):
        list(below(tree(var=many), "/var"))
    deep = folder()
    for _ in range(20):
        deep = folder(a=deep, x=text("x"))
    with pytest.raises(Unreadable, match="more than is looked at"):
        list(below(tree(var=deep), "/var"))


def test_what_another_volume_holds_is_unknown_and_told_of() -> None:
    found = Tree(folder(var=folder(log=folder())), {"/var/log": "it is encrypted with LUKS"})
    with pytest.raises(Unreadable, match="encrypted with LUKS"):
        files(found, ["/var/log/*"])
