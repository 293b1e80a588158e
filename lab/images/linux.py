"""What is on the lab's Linux disks, in each state of the irreversible step.

The account files are those of a Debian 12 machine before and after real runs of `waagent -deprovision+user -force`
(2.7.3, and 2.15 where it died half way), with a constructed hash where the record of the run says <HASH>. The rest is
the little that waagent and cloud-init leave on a machine; keys are place holders, since no secret is ever committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HASH = "$y$j9T$ConstructedForTheLab$LabHashMustNeverLeaveTheReaderProcess0123456"
"""The one password hash on these disks: no password has it, and a test searches every answer for it."""

MACHINE_ID = "0123456789abcdef0123456789abcdef"

_SYSTEM_ACCOUNTS = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
games:x:5:60:games:/usr/games:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
news:x:9:9:news:/var/spool/news:/usr/sbin/nologin
uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin
proxy:x:13:13:proxy:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin
irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin
messagebus:x:100:101::/nonexistent:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
"""
_USER = "azureuser:x:1000:1000::/home/azureuser:/bin/bash\n"
_DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
_RED_HAT = 'PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\nVERSION_ID="9.4"\nID="rhel"\nID_LIKE="fedora"\n'
_FSTAB = """\
# /etc/fstab: static file system information
UUID=5ea1f001-0000-4000-8000-00000000e474 / ext4 rw,discard,errors=remount-ro 0 1
LABEL=EFI /boot/efi vfat umask=0077 0 0
/dev/disk/cloud/azure_resource-part1 /mnt auto defaults,nofail,x-systemd.after=cloud-init.service,_netdev 0 2
"""
_AGENT_LOG = """\
2026-11-22T18:02:11.202114Z INFO Daemon Daemon Azure Linux Agent Version:2.7.3
2026-11-22T18:02:14.650931Z INFO ExtHandler ExtHandler Agent WALinuxAgent-2.7.3 is running as the goal state agent
"""
_AGENT_FAILURE = (
    "2026-11-22T19:26:10.352371Z ERROR MainThread Failed to run 'deprovision+user': "
    "[Errno 2] No such file or directory: '/etc/sysconfig/network-scripts/ifcfg-eth0'\n"
)
_OVF_ENV = """\
<?xml version="1.0" encoding="utf-8"?>
<ns0:Environment xmlns:ns0="http://schemas.dmtf.org/ovf/environment/1"
 xmlns:ns1="http://schemas.microsoft.com/windowsazure">
 <ns1:ProvisioningSection><ns1:Version>1.0</ns1:Version><ns1:LinuxProvisioningConfigurationSet>
  <ns1:ConfigurationSetType>LinuxProvisioningConfiguration</ns1:ConfigurationSetType>
  <ns1:HostName>goldenvm</ns1:HostName><ns1:UserName>azureuser</ns1:UserName>
  <ns1:UserPassword>REDACTED</ns1:UserPassword>
 </ns1:LinuxProvisioningConfigurationSet></ns1:ProvisioningSection>
</ns0:Environment>
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or symbolic link of an image."""

    content: str | None = None
    """The content of a file; `None` for a folder or a link."""
    link: str | None = None
    mode: int = 0o644
    owner: int = 0
    """Both uid and gid."""


Tree = Mapping[str, Entry]
"""Path below the root, without the leading slash -> what is there. Parents of a path need no entry of their own."""


def configured() -> Tree:
    """Return a provisioned, working machine, as it is before the step."""
    accounts = _accounts(user=True, root_locked=False)
    return {
        **_base(_DEBIAN, hostname="goldenvm\n"),
        **accounts,
        **_backups(accounts),
        **_user(),
        **_agent(_AGENT_LOG),
        **_host_keys(),
        "etc/machine-id": Entry(MACHINE_ID + "\n", mode=0o444),
        "etc/sudoers.d/waagent": Entry("azureuser ALL=(ALL) NOPASSWD: ALL\n", mode=0o440),
    }


def residue() -> Tree:
    """Return the same machine after `waagent -deprovision+user -force` succeeded, and nothing else was done."""
    return {
        **_base(_DEBIAN, hostname="localhost.localdomain"),
        **_accounts(user=False, root_locked=True),
        **_backups(_accounts(user=True, root_locked=True)),
        "home": _folder(),
        "etc/machine-id": Entry(MACHINE_ID + "\n", mode=0o444),
        "etc/sudoers.d/waagent": Entry("", mode=0o440),
    }


def sealed() -> Tree:
    """Return it after waagent and after `clean: [machine-id, passwd-backups, sudoers]`."""
    gone = ("etc/sudoers.d/90-cloud-init-users", "etc/sudoers.d/waagent")
    tree = {path: entry for path, entry in residue().items() if not path.endswith("-") and path not in gone}
    return {**tree, "etc/machine-id": Entry("", mode=0o444), "etc/sudoers.d": _folder(0o750)}


def kept(what: str) -> Tree:
    """Return the sealed machine with one thing that stayed: its `user`, its `machine-id`, or its `host-keys`."""
    stays: Mapping[str, Tree] = {
        "user": {**_accounts(user=True, root_locked=True), **_user()},
        "machine-id": {"etc/machine-id": Entry(MACHINE_ID + "\n", mode=0o444)},
        "host-keys": _host_keys(),
    }
    return {**sealed(), **stays[what]}


def unsealed() -> Tree:
    """Return a machine on which waagent 2.15 died in its fifth action, with exit code 0."""
    tree = {path: entry for path, entry in configured().items() if not path.startswith("etc/ssh/ssh_host_")}
    return {
        **tree,
        "etc/hostname": Entry("localhost.localdomain"),
        "usr/lib/os-release": Entry(_RED_HAT),
        "var/log/waagent.log": Entry(_AGENT_LOG.replace("2.7.3", "2.15.0.1") + _AGENT_FAILURE),
    }


def _folder(mode: int = 0o755, owner: int = 0) -> Entry:
    return Entry(mode=mode, owner=owner)


def _base(os_release: str, *, hostname: str) -> dict[str, Entry]:
    return {
        "usr/lib/os-release": Entry(os_release),
        # Debian and Red Hat link both of these; a reader must resolve them inside the image.
        "etc/os-release": Entry(link="../usr/lib/os-release"),
        "var/lib/dbus/machine-id": Entry(link="/etc/machine-id"),
        "etc/hostname": Entry(hostname),
        "etc/fstab": Entry(_FSTAB),
        "etc/hosts": Entry("127.0.0.1 localhost\n127.0.1.1 goldenvm.example goldenvm\n"),
        "etc/sudoers.d/90-cloud-init-users": Entry("# Created by cloud-init\nazureuser ALL=(ALL) NOPASSWD:ALL\n"),
        "root": _folder(0o700),
        "tmp": _folder(0o1777),
        "var/lib/waagent": _folder(0o700),
        "var/log/azure": _folder(),
    }


def _accounts(*, user: bool, root_locked: bool) -> dict[str, Entry]:
    shadow = ["root:*LOCK*:14600::::::" if root_locked else f"root:{HASH}:20779:0:99999:7:::"]
    for line in _SYSTEM_ACCOUNTS.splitlines()[1:]:
        name = line.partition(":")[0]
        locked = {"systemd-network": "!*:20779::::::", "messagebus": "!:20779::::::", "sshd": "!:20779::::::"}
        shadow.append(f"{name}:{locked.get(name, '*:20779:0:99999:7:::')}")
    if user:
        shadow.append(f"azureuser:{HASH}:20779:0:99999:7:::")
    return {
        "etc/passwd": Entry(_SYSTEM_ACCOUNTS + (_USER if user else "")),
        "etc/shadow": Entry("\n".join(shadow) + "\n", mode=0o640),
        "etc/group": Entry("root:x:0:\nsudo:x:27:\nnogroup:x:65534:\n" + ("azureuser:x:1000:\n" if user else "")),
        "etc/gshadow": Entry("root:*::\nsudo:*::\nnogroup:*::\n" + ("azureuser:!::\n" if user else ""), mode=0o640),
        "etc/subuid": Entry("azureuser:100000:65536\n" if user else ""),
        "etc/subgid": Entry("azureuser:100000:65536\n" if user else ""),
    }


def _backups(accounts: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return `passwd-`, `shadow-` and so on: shadow-utils keeps each file as it was before its last change."""
    return {f"{path}-": Entry(entry.content, mode=0o600) for path, entry in accounts.items()}


def _user() -> dict[str, Entry]:
    return {
        "home/azureuser": _folder(0o700, owner=1000),
        "home/azureuser/.bash_history": Entry("sudo apt-get update\nsudo waagent -version\n", mode=0o600, owner=1000),
        "home/azureuser/.ssh": _folder(0o700, owner=1000),
        "home/azureuser/.ssh/authorized_keys": Entry("ssh-ed25519 constructed azureuser\n", mode=0o600, owner=1000),
    }


def _agent(log: str) -> dict[str, Entry]:
    secret = Entry("constructed place holder\n", mode=0o600)
    return {
        "var/lib/waagent/ovf-env.xml": Entry(_OVF_ENV, mode=0o600),
        "var/lib/waagent/provisioned": Entry("5b1c2f7e-0000-4000-8000-000000000001"),
        "var/lib/waagent/TransportPrivate.pem": secret,
        "var/lib/waagent/TransportCert.pem": secret,
        "var/lib/waagent/Certificates.p7m": secret,
        "var/lib/waagent/GoalState.1.xml": Entry("<GoalState/>\n", mode=0o600),
        "var/lib/waagent/history": _folder(0o700),
        "var/log/waagent.log": Entry(log),
    }


def _host_keys() -> dict[str, Entry]:
    keys = {}
    for kind in ("rsa", "ecdsa", "ed25519"):
        keys[f"etc/ssh/ssh_host_{kind}_key"] = Entry("constructed place holder\n", mode=0o600)
        keys[f"etc/ssh/ssh_host_{kind}_key.pub"] = Entry("constructed place holder\n")
    return keys
