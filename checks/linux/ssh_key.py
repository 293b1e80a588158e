"""Keys on the stopped disk: those that let somebody in, and those that were somebody's."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AuthorizedKey, LinuxDisk, Policy
from checks.remains import left

_SYSPREP = "libguestfs virt-sysprep, operation ssh-userdir"


@check(
    "LNX-KEY-001",
    "no key lets anybody log in who was not meant to",
    phase="post",
    platform="linux",
    severity="blocker",
    why="Whoever has the private key can log in to every machine made from the image. waagent removes the keys of the "
    "one account that it removes, and of nobody else.",
    fix="Add root-ssh to the target's clean in the fleet file for root's keys; remove those of other accounts in the "
    "source VM. A key that shall stay belongs into allow_authorized_keys. Then seal again.",
    source=f"https://github.com/microsoft/lisa (azure_image_standard.py); {_SYSPREP}; recorded run of waagent 2.7.3",
    grade="T",
)
def check_ssh_key_unauthorized(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    keys = [key for key in disk.secrets.authorized_keys.value_or(()) if not _stays(key, policy)]
    return [
        problem(observed=key.fingerprint or "a line that is no key", expected="no key", where=key.path) for key in keys
    ]


def _stays(key: AuthorizedKey, policy: Policy) -> bool:
    if key.refers or key.account in policy.allow_accounts or key.fingerprint in policy.allow_authorized_keys:
        return True
    # The fleet file keeps the provisioned account with its keys; root's and those of nobody's home are not among them.
    return not policy.removes_user and key.account not in ("", "root")


@check(
    "LNX-KEY-002",
    "no private key is left",
    phase="post",
    platform="linux",
    severity="blocker",
    why="A private key in the image belongs to everybody who gets the image: what it opens, signs or decrypts is "
    "theirs. waagent removes its own and, where told, the SSH host keys.",
    fix="Add root-ssh to the target's clean in the fleet file for root's SSH keys; remove others in the source VM, or "
    "name them in allow_files. Then seal again.",
    source=f"recorded run of waagent 2.7.3, after which root's key was still there; {_SYSPREP}",
    grade="T",
)
def check_ssh_key_private_gone(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.private_keys, policy, "a private key", "no private key")


@check(
    "LNX-KEY-004",
    "no SSH host key is left outside of /etc/ssh",
    phase="post",
    platform="linux",
    severity="blocker",
    why="waagent and the clean key host-keys look in /etc/ssh. Where sshd_config names another place, all new machines "
    "have the same key, and so has whoever gets the image.",
    fix="Delete the keys that the HostKey lines of sshd_config name in the source VM, then seal again.",
    source="https://github.com/Azure/WALinuxAgent (pa/deprovision/default.py)",
    grade="S",
)
def check_ssh_key_host_elsewhere_gone(disk: LinuxDisk) -> list[Problem]:
    return left(disk.secrets.host_keys_elsewhere, Policy(), "a key that sshd_config names", "none")


@check(
    "LNX-KEY-003",
    "no home tells which machines were logged in to",
    phase="post",
    platform="linux",
    severity="warning",
    why="known_hosts and the configuration of ssh name machines and accounts of those who built the image.",
    fix="Add root-ssh to the target's clean in the fleet file for root's; remove others in the source VM.",
    source=_SYSPREP,
    grade="C",
)
def check_ssh_key_peers_unnamed(disk: LinuxDisk, policy: Policy) -> list[Problem]:
    return left(disk.secrets.ssh_peers, policy, "it is not empty")
