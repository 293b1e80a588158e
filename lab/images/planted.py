"""Residue of every kind on one disk: what deprovisioning does not remove, and what it should have.

All of it is constructed: place holders where a secret would be, and hashes that no password has.
"""

from __future__ import annotations

from lab.images.linux import HASH, Entry, Tree, sealed

_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nconstructed place holder\n-----END OPENSSH PRIVATE KEY-----\n"
_PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f root@goldenvm\n"
"""Its 32 bytes are the numbers from 0 to 31."""
FINGERPRINT = "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"
"""What `ssh-keygen -l` prints of it."""
_REFERS = (
    'no-port-forwarding,command="echo \'Please login as the user \\"azureuser\\" rather than the user \\"root\\".\';'
    f'echo;sleep 10;exit 142" {_PUBLIC}'
)
_CONNECTION = "[connection]\nid=office\ntype=wifi\n[wifi-security]\npsk=constructed\n[ipv4]\nmethod=auto\n"
_NETPLAN = "network:\n  ethernets:\n    eth0:\n      match: {macaddress: 00:0d:3a:12:34:56}\n"
_UNIT = "[Service]\nExecStart=/usr/bin/python3 /var/lib/waagent/waagent-network-setup.py\n"
_KICKSTART = f"lang en_US\nrootpw --iscrypted {HASH}\n"

SECRETS: Tree = {
    "etc/ssh/sshd_config": Entry("HostKey /etc/keys/host_key\nPasswordAuthentication no\n"),
    "etc/keys/host_key": Entry(_KEY, mode=0o600),
    "root/.ssh/authorized_keys": Entry(_PUBLIC, mode=0o600),
    "root/.ssh/authorized_keys2": Entry(_REFERS, mode=0o600),
    "root/.ssh/id_ed25519": Entry(_KEY, mode=0o600),
    "root/.ssh/known_hosts": Entry("bastion.example ssh-ed25519 constructed\n"),
    "root/.zsh_history": Entry("sudo -i\n", mode=0o600),
    "root/.python_history": Entry("print(1)\n", mode=0o600),
    "root/.azure/msal_token_cache.json": Entry("constructed place holder\n", mode=0o600),
    "root/.docker/config.json": Entry("{}\n", mode=0o600),
    "etc/ssl/private/server.key": Entry(_KEY, mode=0o600),
    "etc/shadow-": Entry(f"azureuser:{HASH}:20779:0:99999:7:::\n", mode=0o600),
    "etc/gshadow-": Entry(f"azureuser:{HASH}::\n", mode=0o600),
    "etc/passwd-": Entry("azureuser:x:1000:1000::/home/azureuser:/bin/bash\n", mode=0o600),
    "etc/sudoers.d/90-cloud-init-users": Entry("azureuser ALL=(ALL) NOPASSWD:ALL\n", mode=0o440),
    "etc/sudoers.d/old": Entry("oldadmin ALL=(ALL) ALL\n", mode=0o440),
    "var/lib/cloud/instances/one/user-data.txt": Entry("#cloud-config\npassword: constructed\n", mode=0o600),
    "var/crash/core.1": Entry("constructed place holder\n"),
    "root/anaconda-ks.cfg": Entry(_KICKSTART, mode=0o600),
    "swapfile": Entry("constructed place holder\n", mode=0o600),
}
IDENTITIES: Tree = {
    "etc/machine-id": Entry("0123456789abcdef0123456789abcdef\n", mode=0o444),
    "etc/ssh/ssh_host_rsa_key": Entry(_KEY, mode=0o600),
    "etc/krb5.keytab": Entry("constructed place holder\n", mode=0o600),
    "etc/pki/consumer/cert.pem": Entry("constructed place holder\n"),
    "etc/opt/microsoft/mdatp/mdatp_onboard.json": Entry("{}\n"),
    "var/opt/microsoft/azuremonitoragent/state": Entry("constructed place holder\n"),
    "etc/wireguard/wg0.conf": Entry("[Interface]\nPrivateKey = constructed\n", mode=0o600),
    "etc/salt/minion_id": Entry("goldenvm\n"),
    "etc/nvme/hostid": Entry("0123456789ab\n"),
    "etc/lvm/devices/system.devices": Entry("IDTYPE=sys_wwid IDNAME=constructed DEVNAME=/dev/sda4\n"),
    "etc/NetworkManager/system-connections/office.nmconnection": Entry(_CONNECTION, mode=0o600),
    "etc/netplan/50-cloud-init.yaml": Entry(_NETPLAN, mode=0o600),
    "var/lib/yum/uuid": Entry("0123456789ab\n"),
}
STATE: Tree = {
    "etc/hostname": Entry("goldenvm\n"),
    "var/lib/cloud/data/set-hostname": Entry("{}\n"),
    "var/lib/NetworkManager/secret_key": Entry("constructed place holder\n", mode=0o600),
    "var/log/journal/0123/system.journal": Entry("constructed place holder\n"),
    "var/log/syslog": Entry("goldenvm sshd: session opened for user azureuser\n"),
    "var/log/waagent.log": Entry("2026-11-22T19:26:10.352371Z ERROR MainThread Failed to run 'deprovision+user': x\n"),
    "var/spool/cron/crontabs/azureuser": Entry("* * * * * true\n", mode=0o600),
    "var/mail/root": Entry("From cron\n", mode=0o600),
    "tmp/setup.sh": Entry("#!/bin/sh\n"),
    "etc/systemd/system/waagent-network-setup.service": Entry(_UNIT),
    "etc/crypttab": Entry("data UUID=5ea1f001-0000-4000-8000-00000000c4d7 none luks\n"),
    "etc/hosts~": Entry("127.0.0.1 localhost\n"),
    "var/lib/waagent/run-command/download/0/script.sh": Entry("echo constructed\n", mode=0o600),
}
OVERLOOKED: Tree = {
    # As Debian ships it, but for its last two lines
    "etc/sudoers": Entry(
        'Defaults\tenv_reset\nDefaults\tsecure_path="/usr/sbin:/usr/bin"\n# User_Alias ADMINS = a\n'
        "root\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"
        "User_Alias BUILDERS = azureuser, %wheel\nBUILDERS ALL=(ALL) NOPASSWD: ALL\n",
        mode=0o440,
    ),
    "home/example.com/jdoe/.bash_history": Entry("kinit\n", mode=0o600, owner=71000),
    "home/example.com/jdoe/.ssh/authorized_keys": Entry(_PUBLIC, mode=0o600, owner=71000),
    "home/example.com/jdoe/.ssh/id_ed25519": Entry(_KEY, mode=0o600, owner=71000),
    "home/example.com/jdoe/.azure/msal_token_cache.json": Entry("constructed place holder\n", mode=0o600, owner=71000),
}
"""What is found only by who looks further: an alias in sudo's own file, and a home of a directory's account."""
DATA: Tree = {"backup/shadow": Entry(f"azureuser:{HASH}:20779:0:99999:7:::\n", mode=0o600)}
"""What is on a volume that nothing mounts."""
DATA_DISK = "UUID=5ea1f001-0000-4000-8000-0000000000d1 /data xfs defaults 0 2\n"
"""A line of /etc/fstab."""


def planted() -> Tree:
    """Return a sealed machine with residue of every kind planted on it."""
    tree = {**sealed(), **SECRETS, **IDENTITIES, **STATE}
    return {**tree, "etc/fstab": Entry(f"{tree['etc/fstab'].content}{DATA_DISK}")}


def overlooked() -> Tree:
    """Return a sealed machine whose residue lies where it is easily overlooked."""
    return {**spotless(), **OVERLOOKED}


def spotless() -> Tree:
    """Return a sealed machine on which nothing of the source is left, not even its name in /etc/hosts."""
    return {**sealed(), "etc/hosts": Entry("127.0.0.1 localhost\n::1 localhost ip6-localhost\n")}
