"""Whom sudo's files name on a stopped Linux disk, in all the forms that sudo reads."""

from __future__ import annotations

import pytest

from checks.healthy import sealed_observation
from checks.judgement import judge
from runners.disk.process.sudoers import ruled_accounts, sudo_accounts
from runners.disk.process.tree import Missing, Unreadable
from tests.checks.claims import catalogue
from tests.runners.disk.test_linux import seen
from tests.runners.disk.test_linux_residue import Link, tree

MAIN, OWN = "/etc/sudoers", "/etc/sudoers.d/one"
PASSWD = "root:x:0:0::/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n"
DEFAULTS = {
    "debian": 'Defaults\tenv_reset\nDefaults\tsecure_path="/usr/sbin:/usr/bin"\n# User alias specification\n'
    "# User_Alias ADMINS = a\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n"
    '# See sudoers(5) for more information on "@include" directives:\n\n@includedir /etc/sudoers.d\n',
    "ubuntu": 'Defaults\tenv_reset\n# Cmnd alias specification\n#Defaults:%sudo env_keep += "EDITOR"\n'
    "root\tALL=(ALL:ALL) ALL\n%admin ALL=(ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
    "red hat": "## Host Aliases\n# Host_Alias     FILESERVERS = fs1, fs2\n# User_Alias ADMINS = jsmith, mikem\n"
    'Defaults   !visiblepw\nDefaults    env_keep =  "COLORS DISPLAY"\nDefaults    env_keep += "LC_ALL"\n'
    "root\tALL=(ALL) \tALL\n%wheel\tALL=(ALL)\tALL\n# %wheel\tALL=(ALL)\tNOPASSWD: ALL\n"
    "# %users  localhost=/sbin/shutdown -h now\n#includedir /etc/sudoers.d\n",
    "suse": 'Defaults always_set_home\nDefaults env_keep = "LANG LC_ADDRESS \\\n LC_CTYPE"\nDefaults !insults\n'
    "Defaults targetpw   # ask for the password of the target user i.e. root\n"
    "ALL   ALL=(ALL) ALL   # WARNING! Only use this together with 'Defaults targetpw'!\n"
    "root ALL=(ALL) ALL\n@includedir /etc/sudoers.d\n",
    "azure linux": '## Sudoers allows particular users\nDefaults secure_path="/usr/bin"\nroot ALL=(ALL:ALL) ALL\n'
    "%wheel ALL=(ALL:ALL) NOPASSWD: ALL\n%sudo ALL=(ALL) NOPASSWD: ALL\n@includedir /etc/sudoers.d\n",
}
"""What distributions ship, shortened."""


def named(main: str, **own: str) -> list[str]:
    """Return the accounts without a password of /etc/sudoers and of files beside it."""
    files: dict[str, str | None] = {"etc/sudoers": main, "etc/passwd": PASSWD}
    return list(sudo_accounts(tree(files | {f"etc/sudoers.d/{name}": text for name, text in own.items()})))


@pytest.mark.parametrize("family", DEFAULTS)
def test_what_distributions_ship_names_nobody_but_root(family: str) -> None:
    found = tree({"etc/sudoers": DEFAULTS[family], "etc/sudoers.d": None, "etc/passwd": PASSWD})
    assert sudo_accounts(found) == {}
    assert ruled_accounts(found) == {"root": (MAIN,)}


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("gone ALL=(ALL) NOPASSWD:ALL", ["gone"]),
        ("  AzureUser\tALL=(ALL)\tNOPASSWD: ALL  # ours", ["AzureUser"]),
        ("gone ALL=(ALL) \\\n  NOPASSWD: ALL", ["gone"]),
        ("# a remark that ends so \\\ngone ALL=NOPASSWD: ALL", ["gone"]),
        ("gone ALL=(ALL) PASSWD: ALL, NOPASSWD: /bin/ls", ["gone"]),
        ("gone ALL=(ALL) ALL # NOPASSWD", []),
        ("one,two , three ALL=NOPASSWD: ALL", ["one", "three", "two"]),
        ("ALL, !gone ALL=NOPASSWD: ALL", []),
        ("%wheel, +admins, %#0, %:other, gone ALL=NOPASSWD: ALL", ["gone"]),
        ("ops@example.com, EXAMPLE\\\\ops ALL=NOPASSWD: ALL", ["EXAMPLE\\ops", "ops@example.com"]),
        ('"two words" ALL=NOPASSWD: ALL', ["two words"]),
        ("#1000 ALL=NOPASSWD: ALL", ["ops"]),
        ("#1001 ALL=NOPASSWD: ALL", ["#1001"]),
        ("# 1001 ALL=NOPASSWD: ALL\n#1001: a remark", []),
        ("User_Alias ADMINS = gone, \\\n\t%wheel : OTHERS = two\nADMINS ALL=NOPASSWD: ALL", ["gone"]),
        ("ADMINS ALL=NOPASSWD: ALL\nUser_Alias ADMINS = OTHERS : OTHERS=ADMINS,two", ["two"]),
        ("ADMIN1 ALL=NOPASSWD: ALL", ["ADMIN1"]),
        ("gone ALL=ALL\nDefaults:gone log_output, !authenticate", ["gone"]),
        ("gone ALL=ALL\nDefaults:ALL !authenticate", ["gone", "root"]),
        ("gone ALL=ALL\nDefaults:two, gone !authenticate", ["gone"]),
        ("gone ALL=ALL\nDefaults !authenticate", ["gone", "root"]),
        ("gone ALL=ALL\nDefaults:two !authenticate\nDefaults authenticate", []),
        ("Host_Alias gone = a\nRunas_Alias OP = gone\nCmnd_Alias LS = /bin/ls, /bin/cat NOPASSWD", []),
    ],
)
def test_whom_a_rule_names(text: str, accounts: list[str]) -> None:
    assert named(f"{DEFAULTS['ubuntu']}{text}\n") == accounts
    assert named("root ALL=(ALL) ALL", one=text) == accounts


def test_every_file_with_a_rule_is_told() -> None:
    rules = {
        "etc/sudoers": "b ALL=NOPASSWD: ALL\nb ALL=NOPASSWD: /bin/ls\n",
        "etc/sudoers.d/one": "b ALL= NOPASSWD: /bin/ls\nc ALL=ALL",
        "etc/sudoers.d/README": None,
    }
    assert sudo_accounts(tree(rules)) == {"b": (MAIN, OWN)}
    assert ruled_accounts(tree(rules)) == {"c": (OWN,)}


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("@include /opt/rules", "opt/rules"),
        ("#include /opt/rules", "opt/rules"),
        ('@include "/opt/my rules"', "opt/my rules"),
        ("@include /opt/my\\ rules", "opt/my rules"),
        ("@include sudoers.local", "etc/sudoers.local"),
        ("@include /etc/sudoers.%h", "etc/sudoers.goldenvm"),
        ("#includedir /opt/rules.d", "opt/rules.d/one"),
        ("@includedir\trules.d", "etc/rules.d/one"),
    ],
)
def test_what_is_included_is_read(line: str, place: str) -> None:
    found = tree({"etc/sudoers": f"root ALL=ALL\n{line}\n", place: f"gone ALL=NOPASSWD: ALL\n{line}\n"})
    assert sudo_accounts(found) == {"gone": (f"/{place}",)}


def test_an_alias_counts_in_every_file() -> None:
    assert named("User_Alias ADMINS = gone\n", one="ADMINS ALL=NOPASSWD: ALL") == ["gone"]


def test_the_file_that_a_distribution_ships_elsewhere_counts_where_there_is_no_own_one() -> None:
    shipped: dict[str, str | None] = {"usr/etc/sudoers": "gone ALL=NOPASSWD: ALL\n"}
    assert sudo_accounts(tree(shipped)) == {"gone": ("/usr/etc/sudoers",)}
    assert sudo_accounts(tree(shipped | {"etc/sudoers": "root ALL=ALL\n"})) == {}


def test_what_is_included_and_not_there_hides_nothing() -> None:
    found = tree({"etc/sudoers": "@include /opt/no\n@includedir /opt/no.d\nb ALL=NOPASSWD: ALL\n"})
    assert sudo_accounts(found) == {"b": (MAIN,)}
    linked = tree({"etc/sudoers.d/one": Link("/opt/gone"), "etc/sudoers.d/two": "b ALL= NOPASSWD: ALL"})
    assert sudo_accounts(linked) == {"b": ("/etc/sudoers.d/two",)}


def test_without_sudo_there_is_nothing_to_look_at() -> None:
    with pytest.raises(Missing):
        sudo_accounts(tree({"etc/passwd": PASSWD}))
    assert sudo_accounts(tree({"etc/sudoers.d": None})) == {}


def test_an_alias_in_sudo_s_own_file_is_followed_on_a_real_disk() -> None:
    disk = seen("linux-overlooked")
    assert disk.sudo_accounts.value == {"azureuser": (MAIN,)}
    assert judge(catalogue()["LNX-RESIDUE-002"], sealed_observation(disk=disk)).outcome == "failed"


@pytest.mark.parametrize("text", ["\0" * 40, "# remark\0\n", "azureuser:100000:65536\n", "\ufffd\ufffd\n", "gone\n"])
@pytest.mark.parametrize("file", ["etc/sudoers", "etc/sudoers.d/one"])
def test_what_is_no_file_of_sudo_is_damaged(file: str, text: str) -> None:
    with pytest.raises(Unreadable, match="so it is damaged"):
        sudo_accounts(tree({file: text}))


def test_more_than_is_listed_is_unreadable() -> None:
    many = "".join(f"a{number} ALL= NOPASSWD: ALL\n" for number in range(501))
    with pytest.raises(Unreadable, match="more than 500 accounts"):
        sudo_accounts(tree({"etc/sudoers.d/many": many}))
    chain = {f"etc/{number}": f"@include {number + 1}\n" for number in range(700)}
    with pytest.raises(Unreadable, match="more than the 628 that are read"):
        sudo_accounts(tree({"etc/sudoers": "@include 0\n", **chain}))
