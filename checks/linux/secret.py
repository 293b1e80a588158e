"""Secrets on the stopped disk that waagent does not look for."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import LinuxDisk, Policy
from checks.remains import left


@check(
    "LNX-BACKUP-002",
    "no other copy of the account files holds a password hash",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Editors, package managers and shadow-utils keep copies of shadow and gshadow, with hashes that can be cracked "
    "at leisure by whoever gets the image.",
    fix="Add passwd-backups to the target's clean in the fleet file, and delete copies of other names in the source "
    "VM; then seal again.",
    source="recorded run of waagent 2.7.3; libguestfs virt-sysprep, operation passwd-backups",
    grade="T",
)
def check_secret_hashed_copies_gone(disk: LinuxDisk) -> list[Problem]:
    return left(disk.secrets.hashed_copies, Policy(), "a password hash", "no hash")


@check(
    "LNX-BACKUP-003",
    "no copy of the account files names an account that is gone",
    phase="post",
    platform="linux",
    severity="warning",
    why="The copies tell everybody who has the image the names of those who built it.",
    fix="Add passwd-backups to the target's clean in the fleet file, then seal again.",
    source="recorded run of waagent 2.7.3; libguestfs virt-sysprep, operation passwd-backups",
    grade="T",
)
def check_secret_named_copies_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.named_copies, policy, "it names an account that is gone", "no such name")


@check(
    "LNX-RESIDUE-005",
    "no history of another tool than a shell is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="Database clients, editors and pagers keep what was typed and looked at: statements with passwords, names of "
    "files and hosts.",
    fix="Add histories to the target's clean in the fleet file, then seal again.",
    source="libguestfs virt-sysprep (bash-history, zsh-history) and a recorded run of waagent 2.7.3",
    grade="T",
)
def check_secret_tool_histories_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.tool_histories, policy, "it is not empty")


@check(
    "LNX-RESIDUE-006",
    "sudo has no rule for an account that is gone",
    phase="post",
    platform="linux",
    severity="warning",
    why="Whoever makes an account of that name on a new machine gets its rights, with their own password.",
    fix="Add sudoers to the target's clean in the fleet file, then seal again.",
    source="https://github.com/Azure/WALinuxAgent/issues/3663",
    grade="I",
)
def check_secret_sudo_rules_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.sudo_rules, policy, "a rule for an account that is gone", "no such rule")


@check(
    "LNX-CREDENTIAL-001",
    "no home holds credentials of a cloud, a registry or a database",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Tokens and passwords that somebody used on this machine work for whoever gets the image. waagent removes the "
    "home of one account.",
    fix="Log out with the tool (az logout, docker logout ...) and remove its files in the source VM, or name them in "
    "allow_files; then seal again.",
    source="recorded run of waagent 2.7.3, after which root's .azure was still there",
    grade="T",
)
def check_secret_credentials_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.credentials, policy, "credentials")


@check(
    "LNX-USERDATA-001",
    "no copy of the user data is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="The user data of the source VM says how it was set up, often with passwords and tokens. cloud-init keeps "
    "copies, and runs what lies in its seed on every new machine.",
    fix="cloud_init: [logs, seed] in the target's entry of the fleet file, then seal again.",
    source="https://github.com/canonical/cloud-init (cmd/clean.py) and a recorded run of cloud-init 22.4.2",
    grade="T",
)
def check_secret_user_data_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.user_data, policy, "user data")


@check(
    "LNX-DUMP-001",
    "no dump of a process or of the kernel is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="A dump is memory: passwords, keys and data of whoever used the machine, in clear.",
    fix="coredumpctl list; then rm -rf /var/lib/systemd/coredump/* /var/crash/* in the source VM, and seal again.",
    source="libguestfs virt-sysprep, operations crash-data and abrt-data",
    grade="C",
)
def check_secret_memory_dumps_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.memory_dumps, policy, "a dump of memory")


@check(
    "LNX-INSTALLER-001",
    "no file of an installer holds a password hash",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Kickstart, preseed and autoinstall files hold the hash of the password that was set then, also where the "
    "account files do not any more.",
    fix="Delete the file in the source VM (rm /root/anaconda-ks.cfg /root/original-ks.cfg), then seal again.",
    source="libguestfs virt-sysprep, operation logfiles",
    grade="C",
)
def check_secret_installer_hashes_gone(disk: LinuxDisk) -> list[Problem]:
    return left(disk.secrets.installer_hashes, Policy(), "a password hash", "no hash")


@check(
    "LNX-SWAP-002",
    "no swap lies on the stopped disk",
    phase="post",
    platform="linux",
    severity="warning",
    why="Swap holds what was in this machine's memory, passwords and keys too, and it travels in the image.",
    fix="swapoff -a, remove the line from /etc/fstab and the file or volume in the source VM; then seal again.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_secret_swap_absent(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.swap, policy, "swap", "no swap")
