"""Whom sudo's files name: the probe, the guest's look after the step and the reader of the stopped disk agree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from checks.facts import LinuxGuest, Policy
from checks.healthy import linux_guest, observation, sealed_observation
from checks.judgement import judge
from runners.cli import ROOT
from runners.disk.process.sudoers import sudo_accounts
from runners.generalize.forecast import forecast
from tests.checks.claims import catalogue
from tests.runners.disk.test_linux_residue import tree
from tests.runners.generalize.test_guest_look import console, seen
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import FILES, LINKS
from tests.runners.probes.linux_machine import Machine, reason

PASSWD = "root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n"
SHIPPED = (
    "Defaults\tenv_reset\nDefaults   !visiblepw\nroot\tALL=(ALL:ALL) ALL\nALL ALL=(ALL) ALL\n%wheel ALL=NOPASSWD: ALL\n"
    "# User_Alias ADMINS = jsmith, mikem\n#includedir /etc/sudoers.d\n"
)
GETENT = "#!/bin/sh\n[ $2 = jdoe ] && echo 'jdoe:*:71000:71000::/home/jdoe:/bin/sh'\n"
NO_RULES = {name: None for name in FILES if name.startswith("/etc/sudoers")}
ONE = "/etc/sudoers.d/one"
UNASKED = "Defaults !authenticate"
RULES: tuple[tuple[str, set[str], set[str]], ...] = (
    ("gone ALL=(ALL) NOPASSWD:ALL\n  Gone-2\tALL=NOPASSWD: ALL  # ours", {"gone", "Gone-2"}, set()),
    ("ops ALL=(ALL) NOPASSWD:ALL", {"ops"}, set()),
    ("gone-a, gone-b ALL=(ALL) NOPASSWD:ALL", set(), {"gone-a", "gone-b"}),
    ("gone , %wheel, +net, !no, ALL ALL=NOPASSWD: ALL", set(), {"gone"}),
    ("gone, ops ALL=(ALL) ALL # NOPASSWD", set(), set()),
    ("gone ALL=(ALL) \\\n  NOPASSWD: ALL", set(), {"gone"}),
    ("# a remark that ends so \\\nOTHER ALL=NOPASSWD: ALL", set(), {"OTHER"}),
    ("User_Alias ADMINS = gone, \\\n\t%wheel : OTHERS=two\nADMINS, OTHERS ALL=NOPASSWD: ALL", set(), {"gone", "two"}),
    (
        "#1000 ALL=NOPASSWD: ALL\n#1001 ALL=NOPASSWD: ALL\n#1002: a remark\n# 1003 ALL=NOPASSWD: ALL",
        set(),
        {"ops", "#1001"},
    ),
    ('"gone" ALL=NOPASSWD: ALL\ntw\\o ALL=NOPASSWD: ALL', set(), {"gone", "two"}),
    ("ops@example.com, EXAMPLE\\\\ops ALL=NOPASSWD: ALL", set(), {"ops@example.com", "EXAMPLE\\ops"}),
    ("jdoe ALL=NOPASSWD: ALL", set(), {"jdoe"}),
    ("gone ALL=ALL\nDefaults:ops !authenticate", set(), set()),
    ("gone ALL=ALL\nDefaults: two, gone log_output, !authenticate", {"gone"}, set()),
    ("gone, two ALL=ALL\nDefaults:gone ! authenticate", set(), {"gone"}),
    ("gone, two ALL=ALL\nDefaults:ALL !authenticate", {"root"}, {"gone", "two"}),
    (f"{UNASKED}\ngone ALL=ALL", {"gone", "root"}, set()),
    (f"User_Alias ADMINS = gone\n{UNASKED}\nADMINS ALL=ALL", {"root"}, {"gone"}),
    ("User_Alias ADMINS = gone\nDefaults:ADMINS !authenticate\nADMINS ALL=ALL", set(), {"gone"}),
    ("User_Alias ADMINS = gone\nDefaults:ADMINS !authenticate\ngone ALL=ALL", {"gone"}, {"gone"}),
    ("gone, two ALL=ALL\nDefaults:%wheel !authenticate", set(), set()),
    ("Cmnd_Alias LS = /bin/ls, /bin/cat NOPASSWD\nRunas_Alias OP = gone", set(), set()),
    ("ALL ALL=NOPASSWD: ALL\n%wheel, %domain\\ users ALL=NOPASSWD: ALL", set(), set()),
)
"""What a file says, the accounts of rules that `clean` takes out, and those of rules that it leaves."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def guest(machine: Machine, files: dict[str, str], links: dict[str, str] | None = None, shell: str = "") -> LinuxGuest:
    return machine.look(
        {
            **NO_RULES,
            "/etc/passwd": PASSWD,
            "/etc/bin/getent": GETENT,
            "/etc/sudoers": SHIPPED,
            **files,
        },
        links={**LINKS, **(links or {})},
        shell=need_shell(shell or next(iter(SHELLS))),
        probes=["sudo"],
    )


def rules(
    machine: Machine, files: dict[str, str], links: dict[str, str] | None = None, shell: str = ""
) -> tuple[set[str], set[str]]:
    """Return the accounts of rules that `clean` takes out, and those of rules that stay whatever it does."""
    looked = guest(machine, files, links, shell)
    assert looked.sudo.sudo_rules.known, reason(looked.sudo.sudo_rules)
    found = looked.sudo.sudo_rules.value
    return {rule.account for rule in found if rule.cleaned}, {rule.account for rule in found if not rule.cleaned}


def planted(root: Path, files: dict[str, str]) -> Path:
    """Plant a system in a folder: that of the look."""
    for name, text in {"/etc/passwd": PASSWD, "/etc/sudoers": SHIPPED, **files}.items():
        file = root / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def of_disk(files: dict[str, str]) -> set[str]:
    whole = {"/etc/passwd": PASSWD, "/etc/sudoers": SHIPPED, **files}
    return set(sudo_accounts(tree({name.lstrip("/"): text for name, text in whole.items()})))


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("text", "cleaned", "left"), RULES)
def test_all_that_read_sudo_s_rules_name_the_same(
    machine: Machine, tmp_path: Path, text: str, cleaned: set[str], left: set[str], shell: str
) -> None:
    files = {ONE: f"{text}\n"}
    assert rules(machine, files, shell=shell) == (cleaned, left)
    assert of_disk(files) == cleaned | left
    assert set(seen(console(planted(tmp_path / "root", files))).sudo_accounts.value) == cleaned | left


def test_an_account_whom_sudo_never_asks_is_foretold_and_fails_the_seal_that_the_guest_witnesses(
    machine: Machine, tmp_path: Path
) -> None:
    files = {"/etc/sudoers": f"{SHIPPED}{UNASKED}\n", "/etc/sudoers.d/admin": "azureuser ALL=(ALL) ALL\n"}
    before = linux_guest(sudo_rules=guest(machine, files).sudo.sudo_rules)
    told = {item.check: item for item in forecast(observation(guest=before, policy=Policy(witness="guest")))}
    assert told["LNX-RESIDUE-002"].survives.value
    look = seen(console(planted(tmp_path / "root", files)))
    assert look.sudo_accounts.value["azureuser"] == ("/etc/sudoers.d/admin",)
    assert judge(catalogue()["LNX-RESIDUE-002"], sealed_observation(disk=look)).outcome == "failed"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("@include /etc/rules", "etc/rules"),
        ("#include local", "etc/local"),
        ('@include "/etc/my rules"', "etc/my rules"),
        ("@include /etc/my\\ rules", "etc/my rules"),
        ("@include /etc/sudoers.%h", "etc/sudoers.goldenvm"),
        ("#includedir /etc/rules.d/", "etc/rules.d/one"),
    ],
)
def test_rules_of_files_that_are_included_stay(machine: Machine, tmp_path: Path, line: str, place: str) -> None:
    files = {
        "/etc/sudoers": f"{SHIPPED}{line}\n",
        f"/{place}": "gone ALL=NOPASSWD: ALL\n@include /etc/more\n",
        "/etc/more": "two ALL=NOPASSWD: ALL\n",
    }
    assert rules(machine, files) == (set(), {"gone", "two"})
    look = seen(console(planted(tmp_path / "root", files)))
    assert look.sudo_accounts.value == {"gone": (f"/{place}",), "two": ("/etc/more",)}


def test_rules_behind_links_and_in_hidden_files_stay(machine: Machine) -> None:
    rule = "ALL=NOPASSWD: ALL\n"
    files = {"/etc/sudoers.d/.hidden": f"one {rule}", "/etc/elsewhere": f"two {rule}"}
    assert rules(machine, files, {"/etc/sudoers.d/link": "/etc/elsewhere"}) == (set(), {"one", "two"})


def test_all_rules_of_cloud_init_s_file_go_with_it(machine: Machine) -> None:
    files = {"/etc/sudoers.d/90-cloud-init-users": "# b ALL=NOPASSWD:ALL\none, jdoe ALL=(ALL) \\\n NOPASSWD:ALL"}
    assert rules(machine, files) == ({"one", "jdoe"}, set())


def test_a_file_without_a_last_line_end_hides_no_other(machine: Machine) -> None:
    files = {"/etc/sudoers.d/a": "# nothing", "/etc/sudoers.d/b": "Defaults x", ONE: "gone ALL=NOPASSWD:ALL"}
    assert rules(machine, files) == ({"gone"}, set())


def test_without_sudo_there_are_no_rules(machine: Machine) -> None:
    assert machine.look(NO_RULES, probes=["sudo"]).sudo.sudo_rules.absent


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@include /etc/sudoers\n", "without end"),
        ("gone\n", "a line that is no rule"),
        ("\0" * 40, "damaged"),
        ("# a remark\0\ngone ALL=NOPASSWD: ALL\n", "damaged"),
        ('"two words" ALL=NOPASSWD: ALL\n', "a blank in its name"),
    ],
)
def test_what_is_not_understood_is_unknown(machine: Machine, tmp_path: Path, text: str, why: str) -> None:
    assert why in reason(guest(machine, {"/etc/sudoers": text}).sudo.sudo_rules)
    assert why in reason(seen(console(planted(tmp_path / "root", {"/etc/sudoers": text}))).sudo_accounts)


@pytest.mark.parametrize("shell", SHELLS)
def test_files_that_are_met_again_and_again_are_given_up(machine: Machine, shell: str) -> None:
    again = dict.fromkeys(("/etc/sudoers", *(f"/etc/inc/{name}" for name in "abcdef")), "@includedir /etc/inc\n")
    assert "sudo includes" in reason(guest(machine, again, shell=shell).sudo.sudo_rules)


@pytest.mark.parametrize(
    "text", ["gone ALL=NOPASSWD: ALL", "gone-a, gone-b ALL=NOPASSWD: ALL", "gone , ops ALL=NOPASSWD: ALL"]
)
def test_what_is_said_to_be_cleaned_goes_and_the_rest_stays(machine: Machine, tmp_path: Path, text: str) -> None:
    _, left = rules(machine, {ONE: f"{text}\n"})
    file = planted(tmp_path / "root", {ONE: f"{text}\n"}) / ONE.lstrip("/")
    script = ROOT / "runners/generalize/scripts/clean/sudoers.sh"
    subprocess.run(["sh", script], cwd=tmp_path / "root", check=True)
    assert file.exists() is bool(left)
    assert not left or file.read_text() == f"{text}\n"
