"""The account that Azure made when it provisioned the source VM, and that must not be in the image."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from checks.catalogue import Problem, check, problem
from checks.facts import Fact, LinuxDisk, LinuxGuest, Observation, OvfAccount, Policy, UnknownFact, Unobserved
from checks.parts import problems_of

_OVF = "/var/lib/waagent/ovf-env.xml"
_RUNS = "https://github.com/Azure/WALinuxAgent (pa/deprovision/default.py) and recorded runs of waagent 2.7.3 and 2.15"


def _account_goes(policy: Policy) -> bool:
    return policy.removes_user


@check(
    "LNX-OVF-001",
    "ovf-env.xml names the account that shall go",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="waagent removes exactly one account, the one that this file names. Without the file it skips the removal and "
    "exits 0; with a system account in it, it deletes that one.",
    fix="Leave /var/lib/waagent as Azure made it, and set deprovision_user in the fleet file to the account that the "
    "file names. Where the file is gone, start again from a VM that Azure provisioned: without the file, waagent "
    "removes no account.",
    source=_RUNS,
    grade="T",
    applies=_account_goes,
)
def check_ovf_account_expected(guest: LinuxGuest, policy: Policy) -> list[Problem]:
    if guest.ovf_account.absent:
        expected = policy.user or "the provisioned account"
        return [problem(observed="no such file", expected=expected, where=_OVF)]
    account = guest.ovf_account.value
    return problems_of(lambda: _name(account, policy), lambda: _uid(account, guest.uid_min))


@check(
    "LNX-OVF-002",
    "no other account's sudo rights hang on the name of the one that shall go",
    phase="pre",
    platform="linux",
    severity="warning",
    why="waagent drops every line of /etc/sudoers.d/waagent in which the account's name occurs: with azureuser also "
    "the one of azureuser2, who then can't become root any more.",
    fix="Give the other account a file of its own below /etc/sudoers.d, or remove the account.",
    source="https://github.com/Azure/WALinuxAgent (osutil/default.py, conf_sudoer) and a recorded run of waagent 2.7.3",
    grade="T",
    applies=_account_goes,
)
def check_ovf_account_sudoers_distinct(guest: LinuxGuest) -> list[Problem]:
    if guest.ovf_account.absent:
        return []
    name = guest.ovf_account.value.name
    return [
        problem(observed=f"a line of {other}", expected=f"lines of {name} alone", where="/etc/sudoers.d/waagent")
        for other in guest.deprovision.sudoers_accounts.value_or(())
        if name in other and other != name
    ]


def _seen_account_goes(before: Observation, policy: Policy) -> bool:
    return policy.removes_user and not _ovf_account(before).absent


@check(
    "LNX-USER-001",
    "the account of ovf-env.xml and its home are gone",
    phase="post",
    platform="linux",
    severity="blocker",
    proves="deprovisioned",
    applies=_seen_account_goes,
    why="An account that stays is a way into every machine made from the image: its key, its password hash and its "
    "sudo rights are all there. waagent only logs it when userdel fails.",
    fix="userdel -f -r ACCOUNT in the source VM, unless it was generalized; then seal again.",
    source=_RUNS,
    grade="T",
)
def check_ovf_account_gone(disk: LinuxDisk, before: Observation) -> list[Problem]:
    account = _ovf_account(before).value
    home = account.home.value_or("") if account.home.known else ""
    return _remains(disk, account.name, home or f"/home/{account.name}")


def _user_named(policy: Policy) -> bool:
    return bool(policy.accounts_to_miss)


@check(
    "LNX-USER-002",
    "the accounts that the fleet file or --account names and their homes are gone",
    phase="post",
    platform="linux",
    severity="blocker",
    proves="deprovisioned",
    applies=_user_named,
    why="Somebody says who shall be gone. This holds also where nobody saw the VM before it was sealed, so that the "
    "name in ovf-env.xml was never read.",
    fix="userdel -f -r ACCOUNT in the source VM, unless it was generalized; then seal again.",
    source=_RUNS,
    grade="T",
)
def check_named_account_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    looks = [partial(_remains, disk, name, f"/home/{name}") for name in policy.accounts_to_miss]
    return problems_of(*looks)


def _nobody_named(policy: Policy) -> bool:
    return policy.foreign and policy.removes_user and not policy.accounts_to_miss


@check(
    "LNX-USER-003",
    "no account of a person, and no home of one, is left",
    phase="post",
    platform="linux",
    severity="blocker",
    applies=_nobody_named,
    why="Nobody saw the machine before somebody else sealed it, so nobody knows which account had to go. Any account "
    "of a person in an image is a way into every machine made from it.",
    fix="userdel -f -r ACCOUNT in the source VM, unless it was generalized; then seal again. Accounts that stay on "
    "purpose go into allow_accounts in the fleet file; where the name of the one that had to go is known, --account "
    "NAME (or accounts in the fleet file) asks for that one instead.",
    source=_RUNS,
    grade="T",
)
def check_human_account_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return problems_of(lambda: _people(disk, policy), lambda: _people_homes(disk, policy))


def _name(account: OvfAccount, policy: Policy) -> list[Problem]:
    if policy.user in ("", account.name):
        return []
    return [problem(observed=account.name, expected=policy.user, where=_OVF)]


def _uid(account: OvfAccount, uid_min: Fact[int]) -> list[Problem]:
    if account.uid.absent:
        seen = f"{account.name} is not in /etc/passwd"
        return [problem(observed=seen, expected="an account of this guest", where=_OVF)]
    if account.uid.value >= uid_min.value:
        return []
    seen = f"{account.name} has uid {account.uid.value}, so it is a system account"
    return [problem(observed=seen, expected=f"an account with uid {uid_min.value} or more", where=_OVF)]


def _ovf_account(before: Observation) -> Fact[OvfAccount]:
    if isinstance(before.guest, Unobserved):
        raise UnknownFact(f"the guest was not seen before it was sealed: {before.guest.reason}")
    if not isinstance(before.guest, LinuxGuest):
        raise UnknownFact("what was seen before is no Linux guest")
    return before.guest.ovf_account


def _people(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return [
        problem(observed=f"account {name}", expected="no account of a person", where="/etc/passwd")
        for name in disk.human_accounts.value
        if name not in policy.allow_accounts
    ]


def _people_homes(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    # A home without its account: somebody was removed by hand, and what was his is still there.
    there = {name for name, files in disk.accounts.value.items() if "/etc/passwd" in files}
    return [
        problem(observed="a home whose account is gone", expected="no such folder", where=f"/home/{name}")
        for name in disk.homes.value_or(())
        if name not in there and name not in policy.allow_accounts
    ]


def _remains(disk: LinuxDisk, name: str, home: str) -> list[Problem]:
    return problems_of(lambda: _account_files(disk, name), lambda: _home(disk, name, home))


def _account_files(disk: LinuxDisk, name: str) -> list[Problem]:
    files = [f"/etc/{PurePosixPath(file).name}" for file in disk.accounts.value.get(name, ())]
    return [problem(observed=f"{name} is named", expected=f"no {name}", where=", ".join(files))] if files else []


def _home(disk: LinuxDisk, name: str, home: str) -> list[Problem]:
    path = PurePosixPath(home)
    if path.parent != PurePosixPath("/home"):
        raise UnknownFact(f"the home of {name} was {home}, and the reader lists only what is in /home")
    if path.name not in {PurePosixPath(item).name for item in disk.homes.value_or(())}:
        return []
    return [problem(observed="it exists", expected="no such folder", where=home)]
