"""What waagent leaves on the stopped disk, unless its configuration or the fleet file has it removed."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxDisk, Policy
from checks.remains import left

_WAAGENT = "https://github.com/Azure/WALinuxAgent (pa/deprovision/default.py)"


@check(
    "LNX-RESIDUE-001",
    "no SSH host key is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Whoever gets the image gets the private keys, and can pose as any machine that was made from it before its "
    "first boot replaced them. waagent removes them only with Provisioning.RegenerateSshHostKeyPair=y.",
    fix="Add host-keys to the target's clean in the fleet file, or set Provisioning.RegenerateSshHostKeyPair=y in "
    "/etc/waagent.conf; then seal again.",
    source=f"{_WAAGENT} and a recorded run of waagent 2.15 with Ubuntu's configuration",
    grade="T",
)
def check_residue_host_keys_gone(disk: LinuxDisk) -> list[Problem]:
    names = disk.host_keys.value_or(())
    return [problem(observed=", ".join(names[:6]), expected="none", where="/etc/ssh")] if names else []


@check(
    "LNX-RESIDUE-002",
    "no account that is gone may become root without a password",
    phase="post",
    platform="linux",
    severity="blocker",
    why="cloud-init gives the first account this right in a file that neither it nor waagent takes back. Whoever makes "
    "an account of that name on a new machine is root there.",
    fix="Add sudoers to the target's clean in the fleet file, then seal again. It takes out rules of one account each: "
    "take the account out of lists and aliases with visudo. One that may stay, or comes from a directory, goes into "
    "allow_accounts.",
    source="https://github.com/Azure/WALinuxAgent/issues/3663 and a recorded run of waagent 2.7.3",
    grade="T",
)
def check_residue_sudo_rights_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    named = disk.sudo_accounts.value_or({})
    there = {name for name, files in disk.accounts.value.items() if "/etc/passwd" in files} if named else set()
    return [
        problem(observed=f"NOPASSWD for {name}, who does not exist", expected="no such rule", where=", ".join(files))
        for name, files in named.items()
        if name not in there and name not in policy.allow_accounts
    ]


@check(
    "LNX-RESIDUE-003",
    "no shell history is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Commands that people typed hold passwords, tokens and host names. waagent removes root's history of bash, and "
    "that of the one account.",
    fix="Add histories to the target's clean in the fleet file, then seal again.",
    source="https://github.com/microsoft/lisa (azure_image_standard.py), and a recorded run of waagent 2.7.3",
    grade="T",
)
def check_residue_histories_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.shell_histories, policy, "it is not empty", "no such file, or an empty one")


@check(
    "LNX-RESIDUE-004",
    "cloud-init keeps no state of the source machine",
    phase="post",
    platform="linux",
    severity="warning",
    why="What cloud-init keeps of an instance holds its user data, and what it runs once only it does not run again "
    "where it takes a new machine for the old one. waagent does not touch it.",
    fix="cloud_init: [logs, seed] in the target's entry of the fleet file, then seal again.",
    source="https://github.com/canonical/cloud-init (cmd/clean.py) and a recorded run of cloud-init 22.4.2",
    grade="T",
)
def check_residue_cloud_instances_gone(disk: LinuxDisk) -> list[Problem]:
    names = disk.cloud_instances.value_or(())
    seen = f"{len(names)} instance(s)"
    return [problem(observed=seen, expected="none", where="/var/lib/cloud/instances")] if names else []
