"""What an ordinary Debian guest on Azure has for the topics of network, logins, packages and identities."""

from __future__ import annotations

SSHD = """\
#!/bin/sh
case $1 in
-t) ;;
-T) printf '%s\\n' 'port 22' 'clientaliveinterval 120' 'permitrootlogin without-password' 'permitemptypasswords no' \\
    'hostkey /etc/ssh/ssh_host_rsa_key' 'hostkey /etc/ssh/ssh_host_ed25519_key' ;;
esac
"""

# What ip of iproute2 6.1 prints for a leased address.
LEASED = (
    "2: eth0    inet 10.0.0.4/24 metric 100 brd 10.0.0.255 scope global dynamic eth0\\\\"
    "       valid_lft 86000sec preferred_lft 86000sec"
)
FIXED = "2: eth0    inet 10.0.0.4/24 brd 10.0.0.255 scope global eth0\\\\       valid_lft forever preferred_lft forever"

TOPICS: dict[str, str | bytes] = {
    "/etc/bin/sshd": SSHD,
    "/etc/bin/ip": f"#!/bin/sh\nprintf '%b\\n' '{LEASED}'\n",
    "/etc/bin/dpkg": "#!/bin/sh\n",
    "/etc/bin/openssl": "#!/bin/sh\necho 'OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)'\n",
    "/etc/bin/chronyc": "#!/bin/sh\nprintf '%s\\n' 'Reference ID    : 50484330 (PHC0)' 'Leap status     : Normal'\n",
    "/etc/hostname": "golden\n",
    "/etc/sudoers": "Defaults\tenv_reset\n#Defaults targetpw\nroot\tALL=(ALL:ALL) ALL\n",
    "/etc/network/interfaces": "source-directory /etc/network/interfaces.d\nauto lo\niface lo inet loopback\n",
    "/etc/apt/sources.list": "deb https://deb.debian.org/debian bookworm main\n",
    "/etc/cloud/clean.d/README": "Scripts in this folder are run by cloud-init clean\n",
    "/proc/1/comm": "systemd\n",
    "/proc/500/comm": "hv_kvp_daemon\n",
    "/proc/600/comm": "unattended-upgr\n",
    "/proc/600/cmdline": b"/usr/bin/python3\0/usr/share/unattended-upgrades/unattended-upgrade-shutdown\0--wait\0",
    "/proc/self/cgroup": "0::/system.slice/walinuxagent.service\n",
    "/proc/net/route": "Iface\tDestination\tGateway \tFlags\neth0\t00000000\t0100000A\t0003\n",
    "/proc/mounts": "/dev/sda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0\n",
    "/proc/sys/crypto/fips_enabled": "0\n",
    "/sys/bus/vmbus/devices/one/id": "1\n",
}
