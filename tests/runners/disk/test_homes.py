"""Where homes are looked for on a stopped Linux disk: also those of a directory's accounts, which no file names."""

from __future__ import annotations

import pytest

from checks.healthy import sealed_observation
from checks.judgement import judge
from runners.disk.process.homes import homes
from runners.disk.process.tree import Unreadable
from tests.checks.claims import catalogue
from tests.runners.disk.test_linux import seen
from tests.runners.disk.test_linux_residue import Link, tree

PASSWD = "root:x:0:0::/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\nbin:x:2:2::/bin:/usr/sbin/nologin\n"


def found(files: dict[str, str | None]) -> list[str]:
    """Return the homes but for those that /etc/passwd names."""
    return [home for home in homes(tree({"etc/passwd": PASSWD, **files})) if home not in ("/root", "/home/ops")]


def test_the_homes_that_passwd_names_count_once() -> None:
    assert homes(tree({"etc/passwd": PASSWD, "home/ops/.bashrc": ""})) == ("/home/ops", "/root")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("home/gone/.bashrc", ["/home/gone"]),
        ("home/example.com/jdoe/.bashrc", ["/home/example.com", "/home/example.com/jdoe"]),
        ("home/example.com/jdoe/notes.txt", ["/home/example.com", "/home/example.com/jdoe"]),
        ("home/a/b/c/.bashrc", ["/home/a", "/home/a/b", "/home/a/b/c"]),
        ("home/a/b/c/d/x", ["/home/a", "/home/a/b", "/home/a/b/c", "/home/a/b/c/d"]),
        ("home/gone/.config/tool/x", ["/home/gone"]),
        ("home/ops/src/project/x", []),
    ],
)
def test_what_is_left_in_home_counts_with_the_folders_in_it(file: str, expected: list[str]) -> None:
    assert found({file: "x"}) == expected


def test_a_home_in_a_folder_of_its_own_is_not_searched_further() -> None:
    files: dict[str, str | None] = {"home/a/b/.bashrc": "", "home/a/b/src/deep/x": "", "home/a/link": Link("/srv")}
    assert found({**files, "srv/x": "", "home/a/no": Link("/gone")}) == ["/home/a", "/home/a/b", "/home/a/link"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("etc/default/useradd", "# HOME=/home\nHOME=/nethome/\n"),
        ("etc/adduser.conf", 'DHOME="/nethome"\n'),
        ("etc/sssd/sssd.conf", "[domain/x]\nfallback_homedir = /nethome/%u@%d\n"),
        ("etc/sssd/conf.d/10.conf", "[nss]\noverride_homedir=/nethome/%d/%u\n"),
        ("etc/sssd/sssd.conf", "[nss]\nhomedir_substring = /nethome\nfallback_homedir = %H/%d/%u\n"),
        ("etc/samba/smb.conf", "[global]\n   template homedir = /nethome/%D/%U\n"),
    ],
)
def test_homes_are_looked_for_where_they_are_made(file: str, text: str) -> None:
    assert found({file: text, "nethome/x/jdoe/.bashrc": ""}) == ["/nethome/x", "/nethome/x/jdoe"]


def test_a_folder_of_the_system_is_no_place_of_homes() -> None:
    assert found({"etc/sssd/sssd.conf": "override_homedir = /%u\nfallback_homedir = /usr/%u\n", "usr/bin/x": ""}) == []


def test_more_than_is_searched_is_unreadable() -> None:
    many: dict[str, str | None] = {f"home/{number % 3}/{number}": None for number in range(2001)}
    with pytest.raises(Unreadable, match="below /home lies more than is searched"):
        found(many)
    with pytest.raises(Unreadable, match="below /home lies more than is searched"):
        found({"home/a/b/c/d/e/f/g/h/x": ""})


@pytest.mark.parametrize(
    ("rule", "file"),
    [
        ("LNX-RESIDUE-003", "/home/example.com/jdoe/.bash_history"),
        ("LNX-KEY-002", "/home/example.com/jdoe/.ssh/id_ed25519"),
        ("LNX-KEY-001", "/home/example.com/jdoe/.ssh/authorized_keys"),
        ("LNX-CREDENTIAL-001", "/home/example.com/jdoe/.azure"),
    ],
)
def test_what_an_account_of_a_directory_left_is_found_on_a_real_disk(rule: str, file: str) -> None:
    verdict = judge(catalogue()[rule], sealed_observation(disk=seen("linux-overlooked")))
    assert verdict.outcome == "failed"
    assert [item.where for item in verdict.problems] == [file]
