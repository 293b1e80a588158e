"""What waagent leaves on a stopped Linux disk, read from trees in memory and from the lab's images."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from runners.disk.process import linux, linux_residue
from runners.disk.process.tree import Missing, Node, Tree, Unreadable
from tests.runners.disk.test_linux import seen


class Link(str):
    """Where a symbolic link points."""

    __slots__ = ()


@dataclass
class Memory:
    """A file or folder in memory."""

    inside: dict[str, Node] | str

    @property
    def kind(self) -> str:
        if isinstance(self.inside, Link):
            return "link"
        return "file" if isinstance(self.inside, str) else "folder"

    def entries(self) -> dict[str, Node]:
        assert isinstance(self.inside, dict)
        return self.inside

    def content(self, most: int) -> bytes:
        assert isinstance(self.inside, str)
        if len(self.inside) > most:
            raise Unreadable("too long")
        return self.inside.encode()

    @property
    def size(self) -> int:
        return len(self.inside)

    def target(self) -> str:
        assert isinstance(self.inside, Link)
        return self.inside


def tree(files: dict[str, str | None]) -> Tree:
    """Return a tree with these files; `None` is an empty folder."""
    root: dict[str, Node] = {}
    for path, text in files.items():
        here = root
        *folders, name = path.split("/")
        for part in folders:
            child = here.setdefault(part, Memory({}))
            here = child.entries()
        here[name] = Memory({} if text is None else text)
    return Tree(Memory(root))


PASSWD = "root:x:0:0::/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nb:x:9:9::/srv/b/:/bin/zsh\nbroken\n"


def test_host_keys_are_named() -> None:
    found = tree({"etc/ssh/ssh_host_rsa_key": "", "etc/ssh/ssh_host_rsa_key-cert.pub": "", "etc/ssh/sshd_config": ""})
    assert linux_residue.host_keys(found) == ("ssh_host_rsa_key", "ssh_host_rsa_key-cert.pub")


def test_a_link_to_what_the_disk_does_not_hold_hides_nothing_else() -> None:
    found = tree(
        {
            "etc/passwd": PASSWD,
            "root/.bash_history": Link("/dev/null"),
            "srv/b/.zsh_history": "x",
        }
    )
    assert linux_residue.shell_histories(found) == ("/srv/b/.zsh_history",)


def test_histories_of_homes_that_passwd_names_and_of_those_that_are_left_are_found() -> None:
    files: dict[str, str | None] = {
        "etc/passwd": PASSWD,
        "root/.bash_history": "x",
        "root/.bashrc": "x",
        "srv/b/.zsh_history": "x",
        "srv/b/.history": "",
        "srv/b/.ash_history": None,
        "home/gone/.bash_history": "x",
        "usr/sbin/.bash_history": "x",
    }
    assert linux_residue.shell_histories(tree(files)) == (
        "/home/gone/.bash_history",
        "/root/.bash_history",
        "/srv/b/.zsh_history",
    )


def test_homes_that_are_not_there_hold_no_history() -> None:
    assert linux_residue.shell_histories(tree({"etc/passwd": PASSWD, "root": "a file"})) == ()


def test_more_histories_than_are_listed_are_unreadable() -> None:
    files: dict[str, str | None] = {f"root/.{number}sh_history": "x" for number in range(501)}
    with pytest.raises(Unreadable, match="501 shell histories"):
        linux_residue.shell_histories(tree({"etc/passwd": PASSWD, **files}))


def test_without_accounts_nobody_can_say_where_histories_are() -> None:
    with pytest.raises(Missing):
        linux_residue.shell_histories(tree({"root/.bash_history": "x"}))


def test_instances_of_cloud_init_are_named() -> None:
    assert linux_residue.cloud_instances(tree({"var/lib/cloud/instances/one/user-data.txt": ""})) == ("one",)


def test_the_lab_s_disks_show_it_before_the_step_and_not_after() -> None:
    before, after, sealed = seen("linux-configured"), seen("linux-residue"), seen("linux-sealed")
    assert len(before.host_keys.value) == 6
    assert before.shell_histories.value == ("/home/azureuser/.bash_history",)
    assert after.host_keys.absent
    assert after.shell_histories.value == ()
    assert after.sudo_accounts.value == {"azureuser": ("/etc/sudoers.d/90-cloud-init-users",)}
    assert sealed.sudo_accounts.value == {}
    assert sealed.cloud_instances.absent


@pytest.mark.parametrize("line", ["Lib.Dir=/srv/agent", " Lib.Dir = /srv/agent  # ours"])
def test_an_agent_whose_folder_is_elsewhere_left_no_witness_in_the_usual_one(line: str) -> None:
    look = linux.agent_folder
    assert (
        look(tree({"var/lib/waagent": None, "etc/waagent.conf": "# Lib.Dir=/srv/x\nLib.Dir=/var/lib/waagent/\n"})) == ()
    )
    with pytest.raises(Unreadable, match="keeps its state in /srv/agent"):
        look(tree({"var/lib/waagent": None, "etc/waagent.conf": f"{line}\n"}))
