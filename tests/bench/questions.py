"""What pytest-testinfra is asked of a Linux VM, in its own words where it has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testinfra.host import Host

Question = Callable[[Host], Any]

QUESTIONS: tuple[Question, ...] = (
    lambda host: host.system_info.distribution,
    lambda host: host.system_info.release,
    lambda host: host.package("waagent").is_installed,
    lambda host: host.package("cloud-init").is_installed,
    lambda host: host.package("openssh-server").version,
    lambda host: host.service("walinuxagent").is_enabled,
    lambda host: host.service("walinuxagent").is_running,
    lambda host: host.service("cloud-init").is_enabled,
    lambda host: host.service("ssh").is_enabled,
    lambda host: host.file("/etc/waagent.conf").contains("^Provisioning.RegenerateSshHostKeyPair=y"),
    lambda host: host.file("/etc/waagent.conf").contains("^ResourceDisk.Format=n"),
    lambda host: host.file("/etc/waagent.conf").mode,
    lambda host: host.file("/etc/fstab").content_string,
    lambda host: host.file("/etc/hosts").contains("127.0.1.1"),
    lambda host: host.file("/etc/machine-id").size,
    lambda host: host.file("/etc/ssh/ssh_host_rsa_key").exists,
    lambda host: host.file("/etc/shadow").mode,
    lambda host: host.file("/etc/sudoers.d/90-cloud-init-users").exists,
    lambda host: host.file("/var/lib/waagent/provisioned").exists,
    lambda host: host.file("/var/lib/dpkg/lock-frontend").exists,
    lambda host: host.file("/var/run/reboot-required").exists,
    lambda host: host.user("root").password,
    lambda host: host.user("azureuser").exists,
    lambda host: host.mount_point("/").filesystem,
    lambda host: host.mount_point("/").options,
    lambda host: host.sysctl("kernel.hostname"),
    lambda host: host.process.filter(comm="apt-get"),
    lambda host: host.run("hv_kvp=$(pgrep -f hv_kvp_daemon); echo $hv_kvp").stdout,
    lambda host: host.run("grep -c ^menuentry /boot/grub/grub.cfg").stdout,
    lambda host: host.run("df --output=avail /").stdout,
)
"""Some of what our checks before the step ask of a Linux guest."""
