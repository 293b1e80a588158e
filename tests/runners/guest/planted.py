"""Files of an ordinary Debian guest on Azure, with a canary in every secret."""

from __future__ import annotations

from tests.runners.guest.planted_topics import TOPICS

CANARY = "CANARY0secret"
"""Stands in each secret that a probe could stumble on. No output may hold it."""

SHADOW = f"""\
root:*LOCK*:14600::::::
daemon:*:19000:0:99999:7:::
sshd:!:19000::::::
locked:!$6${CANARY}$abc:19000:0:99999:7:::
old:{CANARY[:13]}:19000:0:99999:7:::
open::19000:0:99999:7:::
azureuser:$y$j9T${CANARY}$xyz:19000:0:99999:7:::
"""

OVF_ENV = f"""\
<?xml version="1.0" encoding="utf-8"?>
<ns0:Environment xmlns:ns0="http://schemas.dmtf.org/ovf/environment/1" xmlns:ns1="http://schemas.microsoft.com/windowsazure">
  <ns1:ProvisioningSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:LinuxProvisioningConfigurationSet>
      <ns1:HostName>golden</ns1:HostName>
      <ns1:UserName>azureuser</ns1:UserName>
      <ns1:UserPassword>{CANARY}</ns1:UserPassword>
      <ns1:DisableSshPasswordAuthentication>false</ns1:DisableSshPasswordAuthentication>
      <ns1:CustomData>{CANARY}</ns1:CustomData>
    </ns1:LinuxProvisioningConfigurationSet>
  </ns1:ProvisioningSection>
</ns0:Environment>
"""

# What waagent 2.7.3.0 of Debian 12 printed when it was run with -show-configuration, and a proxy with a password.
CONFIGURATION = f"""\
AutoUpdate.Enabled = False
AutoUpdate.GAFamily = Prod
Autoupdate.Frequency = 3600
DVD.MountPoint = /mnt/cdrom/secure
Debug.AgentCpuQuota = 75
Extension.LogDir = /var/log/azure
HttpProxy.Host = operator:{CANARY}@proxy
HttpProxy.Port = None
Lib.Dir = /var/lib/waagent
OS.EnableFIPS = False
OS.HomeDir = /home
OS.PasswordPath = /etc/shadow
OS.SshDir = /etc/ssh
OS.SudoersDir = /etc/sudoers.d
Provisioning.Agent = cloud-init
Provisioning.DeleteRootPassword = True
Provisioning.RegenerateSshHostKeyPair = True
Provisioning.SshHostKeyPairType = auto
ResourceDisk.Format = True
ResourceDisk.MountOptions = None
"""

WAAGENT = f"""\
#!/bin/sh
case $1 in
-version) printf '%s\\n' 'WALinuxAgent-2.7.3.0 running on debian 12' 'Python: 3.11.2' 'Goal state agent: 2.7.3.0' ;;
-show-configuration) cat <<'EOF'
{CONFIGURATION}EOF
    ;;
esac
"""

SYSTEMCTL = """\
#!/bin/sh
case $2 in
walinuxagent.service | cloud-init-local.service) ;;
*)
    echo "Failed to get unit file state for $2: No such file or directory" >&2
    exit 1
    ;;
esac
case $1 in
is-enabled) echo enabled ;;
is-active) echo active ;;
esac
"""

KERNEL = "6.1.0-41-cloud-amd64"

# What the tools of an ordinary guest print, as far as probes ask them.
TOOLS = {
    "cloud-init": "echo 'status: done'; echo 'boot_status_code: enabled-by-generator'",
    "df": """case $2 in
-i) echo '/dev/sda1 1900000 60000 1840000 4% /' ;;
-k) echo '/dev/sda1 30300000 2300000 26700000 8% /' ;;
esac""",
    "dmesg": "echo '[    1.2] EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.'",
    "findmnt": "case $1 in --help) echo ' -x, --verify' ;; esac",
    "findfs": "exit 1",
    "lsinitramfs": """drivers=usr/lib/modules/6.1.0-41-cloud-amd64/kernel/drivers
for module in hv/hv_vmbus scsi/hv_storvsc net/hyperv/hv_netvsc nvme/host/nvme nvme/host/nvme-core; do
    echo $drivers/$module.ko
done""",
    "uname": f"case $1 in -r) echo {KERNEL} ;; -m) echo x86_64 ;; esac",
}

MODULES_DEP = """\
kernel/fs/fat/vfat.ko: kernel/fs/fat/fat.ko
kernel/fs/udf/udf.ko: kernel/lib/crc-itu-t.ko kernel/drivers/cdrom/cdrom.ko
kernel/drivers/cdrom/cdrom.ko:
kernel/drivers/scsi/sr_mod.ko: kernel/drivers/cdrom/cdrom.ko
kernel/drivers/ata/ata_piix.ko: kernel/drivers/ata/libata.ko
"""

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""

DATASOURCES = """\
# to update this file, run dpkg-reconfigure cloud-init
datasource_list: [ NoCloud, ConfigDrive, OpenNebula, DigitalOcean, Azure, AltCloud, OVF, MAAS, GCE, None ]
"""

LUKS = b"LUKS\xba\xbe\x00\x02" + b"\0" * 504
PLAIN = b"\0" * 512

FILES: dict[str, str | bytes] = {
    **TOPICS,
    "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian"\nVERSION_ID="12"\nID=debian\n',
    "/etc/login.defs": "# comment\nUID_MIN\t\t\t 1000\nUID_MAX\t\t\t60000\n#SYS_UID_MIN 101\n",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nazureuser:x:1000:1000::/home/azureuser:/bin/bash\n",
    "/etc/shadow": SHADOW,
    "/etc/shadow-": SHADOW,
    "/etc/passwd-": "",
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "/etc/crypttab": "# <target name>\t<source device>\n\n",
    "/etc/waagent.conf": "Lib.Dir=/var/lib/waagent\n",
    "/etc/bin/waagent": WAAGENT,
    "/etc/bin/systemctl": SYSTEMCTL,
    "/var/lib/waagent/ovf-env.xml": OVF_ENV,
    "/sys/class/dmi/id/product_uuid": "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1001\n",
    "/sys/class/block/sda/size": "62914560\n",
    "/sys/class/block/sda1/size": "62912512\n",
    "/sys/class/block/sr0/size": "2097151\n",
    "/sys/class/block/loop0/size": "0\n",
    "/dev/sda": PLAIN,
    "/dev/sda1": PLAIN,
    "/sys/class/block/sda/sda1/partition": "1\n",
    "/etc/fstab": "# <file system> <mount point>\nUUID=2f0aa1f0 / ext4 rw,discard,errors=remount-ro 0 1\n",
    "/etc/cloud/cloud.cfg": "users:\n   - default\nnetwork:\n  version: 2\nssh_pwauth: false\n",
    "/etc/cloud/cloud.cfg.d/90_dpkg.cfg": DATASOURCES,
    "/etc/default/grub": 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200 earlyprintk=ttyS0,115200"\n',
    "/etc/sudoers.d/waagent": "azureuser ALL=(ALL) NOPASSWD: ALL\n",
    "/boot/initrd.img-" + KERNEL: "",
    "/proc/mounts": "sysfs /sys sysfs rw 0 0\n/dev/sda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0\n",
    "/proc/self/mountinfo": "24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,discard,errors=remount-ro\n",
    "/proc/swaps": "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
    "/proc/cmdline": f"BOOT_IMAGE=/boot/vmlinuz-{KERNEL} root=PARTUUID=9a1c ro console=tty0 console=ttyS0,115200\n",
    "/proc/net/route": ROUTES,
    f"/lib/modules/{KERNEL}/modules.dep": MODULES_DEP,
    f"/lib/modules/{KERNEL}/modules.builtin": "kernel/fs/ext4/ext4.ko\n",
    **{f"/etc/bin/{name}": f"#!/bin/sh\n{text}\n" for name, text in TOOLS.items()},
}
LINKS = {
    "/var/lib/dbus/machine-id": "/etc/machine-id",
    "/boot/vmlinuz": f"vmlinuz-{KERNEL}",
    "/dev/disk/by-uuid/2f0aa1f0": "/dev/sda1",
}
PATH = "/etc/bin"
