"""What a Linux machine was doing, and what of it would go on in every machine made from its disk."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxDisk, Policy
from checks.remains import left

_BLANK = ("localhost.localdomain", "localhost", "")
_AGENT = "https://github.com/Azure/WALinuxAgent (pa/deprovision/default.py) and recorded runs of waagent 2.7.3 and 2.15"
_CLOUD_INIT = "cloud_init: [logs, seed] in the target's entry of the fleet file, then seal again."


@check(
    "LNX-HOSTNAME-001",
    "the host name is the blank one that waagent writes",
    phase="post",
    platform="linux",
    severity="blocker",
    why="waagent blanks the host name in the middle of its work. A name that is still there shows that it did not come "
    "so far, or that the machine was started again afterwards.",
    fix="Start the VM unless it was generalized, find the error with waagent -deprovision+user -force, and seal again.",
    source=_AGENT,
    grade="T",
)
def check_stopped_hostname_blank(disk: LinuxDisk) -> list[Problem]:
    name = disk.hostname.value_or("")
    return [] if name in _BLANK else [problem(observed=name, expected=_BLANK[0], where="/etc/hostname")]


@check(
    "LNX-HOSTNAME-002",
    "cloud-init will set the host name of a new machine",
    phase="post",
    platform="linux",
    severity="blocker",
    why="cloud-init remembers which name it has set. A new machine that is given the same name keeps the blank one, "
    "and comes up as localhost.",
    fix=_CLOUD_INIT,
    source="https://github.com/Azure/WALinuxAgent/issues/2184 and a recorded run of cloud-init 22.4.2",
    grade="I",
)
def check_stopped_hostname_forgotten(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.kept_hostname, policy, "the name that was set")


@check(
    "LNX-HOSTNAME-003",
    "/etc/hosts does not name the source machine",
    phase="post",
    platform="linux",
    severity="warning",
    why="Every new machine takes the source's name for its own, and it is in everybody's image.",
    fix="Delete the line 127.0.1.1 in the source VM, then seal again.",
    source="recorded run of waagent 2.7.3, after which the line was still there",
    grade="T",
)
def check_stopped_hosts_blank(disk: LinuxDisk) -> list[Problem]:
    names = disk.state.own_host_names.value_or(())
    return [problem(observed=", ".join(names[:5]), expected="localhost alone", where="/etc/hosts")] if names else []


@check(
    "LNX-LEASE-001",
    "no lease of the source machine's network is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="New machines ask for the address that this one had, and its leases tell of the network that it was built in.",
    fix="Add leases to the target's clean in the fleet file, then seal again.",
    source=f"{_AGENT}; libguestfs virt-sysprep, operation dhcp-client-state",
    grade="T",
)
def check_stopped_leases_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.leases, policy, "state of a network")


@check(
    "LNX-LOG-001",
    "no log of the source machine is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="Logs name accounts, addresses and commands of those who built the image, and mix with those of each new "
    "machine. waagent removes its own.",
    fix="Add logs to the target's clean in the fleet file, then seal again.",
    source="libguestfs virt-sysprep, operation logfiles; recorded run of waagent 2.7.3",
    grade="T",
)
def check_stopped_logs_empty(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.logs, policy, "it is not empty", "empty, or not there")


@check(
    "LNX-CRON-001",
    "no crontab of an account that is gone is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="userdel leaves the crontab of the account that it removes. Its commands run again, as whoever makes an "
    "account of that name on a new machine.",
    fix="Add crontabs to the target's clean in the fleet file, then seal again.",
    source="recorded run of waagent 2.7.3, after which the removed account's crontab was still there",
    grade="T",
)
def check_stopped_crontabs_owned(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.orphaned_crontabs, policy, "a crontab of an account that is gone")


@check(
    "LNX-CRON-002",
    "no crontab and no waiting job of an account is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="It will run on every machine made from the image.",
    fix="crontab -r -u ACCOUNT (atrm for jobs) in the source VM, or name the file in allow_files; then seal again.",
    source="libguestfs virt-sysprep, operation cron-spool",
    grade="C",
)
def check_stopped_jobs_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.crontabs, policy, "a crontab or a job")


@check(
    "LNX-MAIL-001",
    "no mail is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="Mail of cron and of daemons names hosts, accounts and files of the source machine.",
    fix="Add crontabs to the target's clean in the fleet file for accounts that are gone; delete other mail in the "
    "source VM. Then seal again.",
    source="libguestfs virt-sysprep, operation mail-spool",
    grade="C",
)
def check_stopped_mail_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.mail, policy, "mail")


@check(
    "LNX-TMP-001",
    "no temporary file is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="What was put into /tmp and /var/tmp while the image was built, installers and scripts with their passwords "
    "among it, is in every machine.",
    fix="Add tmp to the target's clean in the fleet file, then seal again.",
    source="libguestfs virt-sysprep, operation tmp-files",
    grade="C",
)
def check_stopped_temporary_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.temporary, policy, "a temporary file")


@check(
    "LNX-UNIT-001",
    "no unit starts what deprovisioning deleted",
    phase="post",
    platform="linux",
    severity="warning",
    why="Extensions install units whose program lies in /var/lib/waagent, which was emptied: they fail on every new "
    "machine.",
    fix="Remove the extension through Azure before sealing, or systemctl disable --now UNIT and delete its file.",
    source="https://github.com/Azure/WALinuxAgent (pa/deprovision/default.py)",
    grade="S",
)
def check_stopped_units_able(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.stale_units, policy, "it starts something in /var/lib/waagent")


@check(
    "LNX-FSTAB-004",
    "the start waits for no volume that is not on the stopped disk",
    phase="post",
    platform="linux",
    severity="blocker",
    why="A new machine has no data disk of this one: it waits for it, then stops in emergency mode, without network.",
    fix="Add nofail to the line in /etc/fstab of the source VM, or remove it; then seal again.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/attach-disk-portal",
    grade="D",
)
def check_stopped_mounts_own(disk: LinuxDisk) -> list[Problem]:
    return [
        problem(observed=f"{point} is on another disk, without nofail", expected="nofail", where="/etc/fstab")
        for point in disk.state.foreign_mounts.value_or(())
    ]


@check(
    "LNX-LUKS-002",
    "the stopped disk opens no encrypted volume",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Machines made from the image have no key, so they stop at a passphrase prompt that nobody sees.",
    fix="Remove the line from /etc/crypttab in the source VM, then seal again.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/disk-encryption-linux#restrictions",
    grade="D",
)
def check_stopped_crypttab_empty(disk: LinuxDisk) -> list[Problem]:
    names = disk.state.encrypted_mounts.value_or(())
    return [problem(observed=name, expected="no line", where="/etc/crypttab") for name in names]


@check(
    "LNX-TRACE-001",
    "nothing of Run Command and of Sealproof is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Run Command keeps each script with what it printed, also those of others than Sealproof, and they may hold "
    "passwords. What Sealproof itself writes is its own to remove.",
    fix="waagent removes it with its folders, and the launched script what is left: see in the receipt at which of the "
    "two it stopped, and seal again.",
    source="runners/generalize/scripts/launch.sh: our own script; recorded runs of waagent 2.7.3",
    grade="S",
)
def check_stopped_traces_gone(disk: LinuxDisk) -> list[Problem]:
    return left(disk.state.own_traces, Policy(), "scripts, or what they printed")


@check(
    "LNX-EDITOR-001",
    "no copy that an editor made is left",
    phase="post",
    platform="linux",
    severity="warning",
    why="Copies keep what was taken out of a file, passwords too.",
    fix="Delete the file in the source VM, or name it in allow_files; then seal again.",
    source="libguestfs virt-sysprep, operation backup-files",
    grade="C",
)
def check_stopped_editor_copies_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.state.editor_copies, policy, "a copy that an editor made")
