"""Password fields, before and on the stopped disk: only how they look, never what they hold."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxDisk, LinuxGuest


@check(
    "LNX-SHADOW-002",
    "root has no password, or waagent will lock it",
    phase="pre",
    platform="linux",
    severity="warning",
    why="waagent locks root only if its configuration says so. Otherwise root's password opens every machine made from "
    "the image.",
    fix="passwd -l root, or Provisioning.DeleteRootPassword=y in /etc/waagent.conf.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux and recorded runs of waagent",
    grade="T",
)
def check_root_password_locked(guest: LinuxGuest) -> list[Problem]:
    kinds = [field.kind for field in guest.password_fields.value if field.account == "root" and field.kind != "locked"]
    # waagent -show-configuration: Provisioning.DeleteRootPassword = True; without the key the default is no
    if not kinds or guest.agent_configuration.value_or({}).get("Provisioning.DeleteRootPassword") == "True":
        return []
    return [problem(observed=f"root: {kind}", expected="locked", where="/etc/shadow") for kind in kinds]


@check(
    "LNX-SHADOW-001",
    "every account's password is locked",
    phase="post",
    platform="linux",
    severity="blocker",
    why="A password that stays opens every machine made from the image, and its hash can be cracked at leisure by "
    "whoever gets the image. waagent removes one account and locks root only if its configuration says so.",
    fix="passwd -l ACCOUNT (or userdel -r ACCOUNT) in the source VM, and Provisioning.DeleteRootPassword=y in "
    "/etc/waagent.conf for root; then seal again.",
    source="https://github.com/microsoft/lisa (azure_image_standard.py) and recorded runs of waagent 2.7.3 and 2.15",
    grade="T",
)
def check_password_locked(disk: LinuxDisk) -> list[Problem]:
    where = "/etc/shadow"
    if disk.password_fields.absent:
        return [problem(observed="no such file", expected="root, locked", where=where)]
    fields = disk.password_fields.value
    if not any(field.account == "root" for field in fields):
        return [problem(observed="no line for root", expected="root, locked", where=where)]
    return [
        problem(observed=f"{field.account}: {field.kind}", expected="locked", where=where)
        for field in fields
        if field.kind != "locked"
    ]


@check(
    "LNX-BACKUP-001",
    "the backup of shadow holds no password hash",
    phase="post",
    platform="linux",
    severity="blocker",
    why="userdel copies shadow before it edits it, so after a flawless deprovisioning the removed account's hash is "
    "still in /etc/shadow-, in every image.",
    fix="Add passwd-backups to the target's clean in the fleet file, then seal again.",
    source="recorded run of waagent 2.7.3 on Debian 12; libguestfs virt-sysprep, operation passwd-backups",
    grade="T",
)
def check_password_backup_empty(disk: LinuxDisk) -> list[Problem]:
    return [
        problem(observed=f"{field.account}: a password hash", expected="no hash", where="/etc/shadow-")
        for field in disk.password_backup_fields.value_or(())
        if field.kind == "hash"
    ]
