"""Who can log in to a Linux guest: waagent removes one account, and nothing else."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest, Policy
from checks.parts import problems_of


@check(
    "LNX-LOGIN-001",
    "no account but the provisioned one can log in",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="waagent removes the account of ovf-env.xml alone. Every other account stays with its key, its password hash "
    "and its home: a way into each machine made from the image.",
    fix="userdel -r ACCOUNT, or add it to allow_accounts in the fleet file where it shall be in the image.",
    source="recorded runs of waagent 2.7.3 and 2.15; https://github.com/microsoft/lisa (azure_image_standard.py)",
    grade="T",
)
def check_login_accounts_known(guest: LinuxGuest, policy: Policy) -> list[Problem]:
    if guest.logins.login_accounts.absent or not guest.logins.login_accounts.value:
        return []
    provisioned = "" if guest.ovf_account.absent else guest.ovf_account.value.name
    return [
        problem(
            observed=f"{item.account} has a {item.ways.replace(',', ' and a ')}",
            expected="no password and no key",
            where=f"account {item.account}",
        )
        for item in guest.logins.login_accounts.value
        if item.account not in (provisioned, *policy.allow_accounts)
    ]


@check(
    "LNX-LOGIN-002",
    "root is the only account with uid 0, and no password is empty",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="A second account with uid 0 is root under another name, and an empty password is none: both are open doors "
    "that waagent leaves in every clone.",
    fix="userdel ACCOUNT (with -f for a second root), or passwd -l ACCOUNT for an empty password.",
    source="our own inference: waagent touches neither, and the stopped disk is refused with an empty password",
    grade="X",
)
def check_login_root_alone(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _twins(guest), lambda: _empty(guest))


def _twins(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{account} has uid 0", expected="root alone", where="/etc/passwd")
        for account in guest.logins.root_twins.value_or(())
    ]


def _empty(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=f"{field.account}: an empty password", expected="locked, or a hash", where="/etc/shadow")
        for field in guest.password_fields.value_or(())
        if field.kind == "empty"
    ]


@check(
    "LNX-SUDO-001",
    "sudo asks for the caller's own password",
    phase="pre",
    platform="linux",
    severity="warning",
    why="With Defaults targetpw sudo wants root's password, and on Azure root has none: nobody can become root.",
    fix="Comment out Defaults targetpw, and the ALL line that belongs to it, with visudo.",
    source="https://github.com/microsoft/lisa (azure_image_standard.py)",
    grade="C",
)
def check_login_sudo_usable(guest: LinuxGuest) -> list[Problem]:
    if not guest.logins.sudo_targetpw.value_or(False):
        return []
    return [problem(observed="Defaults targetpw", expected="no such line", where="/etc/sudoers and /etc/sudoers.d")]


@check(
    "LNX-SESSION-001",
    "nobody else is logged in",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Whoever is logged in goes on writing histories and files while the machine is deprovisioned, and is cut off "
    "by it. userdel removes an account under its running processes, and has been seen to fail for them.",
    fix="Ask them to log out, or: loginctl terminate-user ACCOUNT",
    source="https://github.com/Azure/WALinuxAgent/issues/1064",
    grade="I",
)
def check_login_sessions_closed(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="logged in", expected="no other session", where=f"account {account}")
        for account in guest.logins.open_sessions.value_or(())
    ]
