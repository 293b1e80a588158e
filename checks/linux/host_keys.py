"""SSH host keys: each machine must make its own."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.provisioning import cloud_init_provisions


@check(
    "LNX-HOSTKEY-001",
    "each new machine gets SSH host keys of its own",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="With the host keys of one machine in all of them, whoever reads the keys in one can pose as any other. "
    "waagent keeps the keys unless told otherwise, and only cloud-init would replace them at the first boot.",
    fix="Provisioning.RegenerateSshHostKeyPair=y in /etc/waagent.conf; or leave it to cloud-init, and ssh_deletekeys "
    "at true.",
    source="https://github.com/Azure/WALinuxAgent/issues/621, cloud-init (cc_ssh.py) and recorded runs of waagent",
    grade="T",
)
def check_host_keys_renewed(guest: LinuxGuest) -> list[Problem]:
    # waagent -show-configuration: Provisioning.RegenerateSshHostKeyPair = True; without the key the default is no
    if guest.agent_configuration.value.get("Provisioning.RegenerateSshHostKeyPair") == "True":
        return []
    where = "Provisioning.RegenerateSshHostKeyPair in waagent.conf"
    if not cloud_init_provisions(guest):
        return [problem(observed="off, and cloud-init does not provision", expected="y", where=where)]
    if guest.cloud_init.ssh_deletekeys.value_or(True):
        return []
    return [problem(observed="off, and cloud-init has ssh_deletekeys: false", expected="y", where=where)]
