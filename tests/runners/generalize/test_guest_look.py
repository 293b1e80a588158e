"""What a guest sees of itself after the step: the very script, run in real folders, and what its answer is worth."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.facts import Fact, LinuxDisk, LinuxLook, Policy, Unobserved
from lab.images import linux
from runners.disk.reader import examine
from runners.generalize.guest_look import BEYOND, guest_look, look_question
from runners.generalize.script import launch_linux, read_script
from runners.observe.disk import parse
from tests.runners.disk.disks import ImageSource

NONCE = "0123456789abcdef0123456789abcdef"
SHOWN = {item.name for item in dataclasses.fields(LinuxLook)} - {"account_files", "sudo_rules"}
TREES = {
    "linux-configured": linux.configured,
    "linux-residue": linux.residue,
    "linux-sealed": linux.sealed,
    "linux-unsealed": linux.unsealed,
}


def console(root: Path) -> bytes:
    """Have the guest whose root is a folder look at itself; return its lines on the console, among others."""
    script = root.parent / "look.sh"
    script.write_text(look_question(NONCE, read_script("look.sh")))
    done = subprocess.run(["/bin/sh", script], cwd=root, capture_output=True, text=True, timeout=30, check=True)
    frame = done.stdout.strip()
    pieces = [frame[at : at + 160] for at in range(0, len(frame), 160)]
    lines = [f"sealproof[{NONCE}]: {tool}| {piece}" for tool in ("look", "look-again") for piece in pieces]
    return "\r\n".join(["[   12.1] systemd[1]: Stopping sshd", *lines, f"sealproof[{NONCE}]: end"]).encode()


def place(root: Path, tree: linux.Tree) -> Path:
    root.mkdir(parents=True)
    for path, entry in sorted(tree.items()):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if entry.link is not None:
            file.symlink_to(entry.link)
        elif entry.content is None:
            file.mkdir(exist_ok=True)
        else:
            file.write_text(entry.content, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return console(place(tmp_path_factory.mktemp("guest") / "root", linux.sealed()))


def seen(log: bytes) -> LinuxDisk:
    look = guest_look(log, NONCE)
    assert isinstance(look, LinuxDisk), look
    return look


def plain(fact: Fact[object]) -> object:
    """A fact without the order of its items, and with a folder that is not there as one that is empty."""
    if not fact.known or fact.absent:
        return fact.to_json()
    value = fact.value
    return sorted(map(str, value)) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", TREES)
def test_the_guest_sees_what_the_reader_of_its_disk_sees(tmp_path: Path, name: str) -> None:
    mine = seen(console(place(tmp_path / "root", TREES[name]())))
    theirs = parse(examine(ImageSource(name), "linux"))
    differing = {
        fact: (plain(getattr(mine, fact)), plain(getattr(theirs, fact)))
        for fact in {*SHOWN, "accounts", "sudo_accounts"}
        if plain(getattr(mine, fact)) != plain(getattr(theirs, fact))
    }
    assert differing == {}


def test_what_only_the_disk_shows_is_out_of_reach(sealed: bytes) -> None:
    beyond = [
        item.name
        for item in dataclasses.fields(LinuxDisk)
        if isinstance(value := getattr(seen(sealed), item.name), Fact) and value.to_json() == {"unknown": BEYOND}
    ]
    assert not {*beyond} & {*SHOWN, "accounts", "sudo_accounts"}
    assert seen(sealed).coverage.bytes_read == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.replace(b"look| ", b"look| [   13.0] sd 0:0:0:0: ", 1),
        lambda log: log.replace(b"look| ", b"", 1),
        lambda log: log[: log.rindex(b"look-again| ")],
    ],
    ids=["the first is disturbed", "a line of the first is lost", "the second is cut"],
)
def test_one_whole_answer_of_two_is_enough(sealed: bytes, spoil: Callable[[bytes], bytes]) -> None:
    assert seen(spoil(sealed)) == seen(sealed)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log[: log.rindex(b"look| ")],
        lambda log: log.replace(b":H4sI", b":H4sJ"),
        lambda log: log.replace(NONCE.encode(), b"f" * 32),
        lambda _: b"",
        lambda _: f"sealproof[{NONCE}]: look| sealproof-error[{NONCE}]: gzip is not installed".encode(),
    ],
    ids=["cut", "both damaged", "another run's", "nothing", "gave up"],
)
def test_an_answer_that_is_not_whole_is_no_observation(sealed: bytes, spoil: Callable[[bytes], bytes]) -> None:
    look = guest_look(spoil(sealed), NONCE)
    assert isinstance(look, Unobserved)
    assert look.applicable
    assert "the guest's own look at itself" in look.reason


@pytest.mark.parametrize(
    ("file", "content", "fact"),
    [
        ("etc/shadow", "root:*:1:0:99999:7:::\nbroken\n", "password_fields"),
        ("etc/passwd", "root:x:zero:0::/root:/bin/sh\n", "human_accounts"),
        ("etc/passwd", "daemon:x:1:1::/:/bin/false\n", "human_accounts"),
    ],
)
def test_what_is_damaged_is_unknown(tmp_path: Path, file: str, content: str, fact: str) -> None:
    root = place(tmp_path / "root", linux.sealed())
    (root / file).write_text(content)
    assert not getattr(seen(console(root)), fact).known


def test_no_hash_is_in_the_answer(tmp_path: Path) -> None:
    look = seen(console(place(tmp_path / "root", linux.configured())))
    assert {(item.account, item.kind) for item in look.password_fields.value} >= {("azureuser", "hash")}
    assert linux.HASH not in str(look)


def test_a_list_of_pairs_that_is_unknown_or_absent_stays_so(tmp_path: Path) -> None:
    root = place(tmp_path / "root", {**linux.sealed()})
    (root / "etc/sudoers.d").rmdir()
    (root / "etc/passwd").unlink()
    look = seen(console(root))
    assert look.sudo_accounts.absent
    assert not look.accounts.known


def test_more_than_can_be_sent_is_no_observation(tmp_path: Path) -> None:
    root = place(tmp_path / "root", linux.sealed())
    (root / "var/lib/waagent").mkdir(exist_ok=True)
    for number in range(500):
        (root / "var/lib/waagent" / f"{number:03}-{'x' * 200}").touch()
    look = guest_look(console(root), NONCE)
    assert isinstance(look, Unobserved)
    assert "more than can be sent" in look.reason


def test_the_launched_script_itself_has_the_guest_look_and_tells_the_console(tmp_path: Path) -> None:
    root = place(tmp_path / "root", linux.sealed())
    whole = launch_linux(NONCE, "/usr/sbin/waagent", Policy(witness="guest"))
    mark = f"SEALPROOF_{NONCE}"
    inner = whole.split(f"<<'{mark}'", 1)[1].split("\n", 1)[1].split(f"\n{mark}\n", 1)[0]
    head = "\n".join(line for line in inner.splitlines() if line.startswith(("say()", "tell()")))
    look = inner[inner.index("# The guest looks at itself") : inner.rindex("power_off")]
    places = f"output={tmp_path}/output\nconsole={tmp_path}/console\n"
    (tmp_path / "part.sh").write_text(f"{places}{head.replace('>', '>>') if '>>' not in head else head}\n{look}")

    subprocess.run(["/bin/sh", tmp_path / "part.sh"], cwd=root, timeout=60, check=True)

    assert seen((tmp_path / "console").read_bytes()) == seen(console(root))


def test_without_it_the_script_holds_no_look() -> None:
    assert "look" not in launch_linux(NONCE, "/usr/sbin/waagent", Policy())
