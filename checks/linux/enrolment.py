"""Services that know a Linux machine by an identity of its own, which its clones would share."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.families import of_family

_SYSPREP = "https://libguestfs.org/virt-sysprep.1.html"


def _traces(guest: LinuxGuest, service: str) -> list[Problem]:
    return [
        problem(observed="it exists", expected="no trace", where=item.path)
        for item in guest.enrolments.enrolments.value_or(())
        if item.service == service
    ]


@check(
    "LNX-MONITOR-001",
    "no monitoring agent of Azure has left its state",
    phase="pre",
    platform="linux",
    severity="warning",
    why="The Azure Monitor agent and its predecessor keep the machine's identity, workspace and queues outside of "
    "waagent's folder, so they stay: clones report as the source VM.",
    fix="az vm extension delete --name AzureMonitorLinuxAgent (or OmsAgentForLinux), then remove the folders named. "
    "Let Azure Policy install it on the clones.",
    source="https://learn.microsoft.com/azure/azure-monitor/agents/azure-monitor-agent-manage, paths by our own "
    "inference",
    grade="X",
)
def check_enrolment_monitor_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "monitor")


@check(
    "LNX-DEFENDER-001",
    "Defender for Endpoint is not on the machine",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Its onboarding blob and its device id stay. All clones appear as one device, in the tenant of whoever made "
    "the image.",
    fix="Offboard the machine, remove the package mdatp, and delete /etc/opt/microsoft/mdatp and "
    "/var/log/microsoft/mdatp; onboard clones after they were made.",
    source="https://github.com/microsoft/mdatp-xplat/issues/88; https://github.com/microsoft/lisa (mdatp)",
    grade="I",
)
def check_enrolment_defender_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "defender")


@check(
    "LNX-ARC-001",
    "the Azure Arc agent is not on the machine",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Its certificate connects the machine to one Arc resource. All clones claim to be that one, throw each other "
    "out, and get each other's extensions; on an Azure VM it is not supported at all.",
    fix="azcmagent disconnect, remove the package azcmagent, and delete /var/opt/azcmagent.",
    source="our own inference from where the agent keeps its identity; "
    "https://learn.microsoft.com/azure/azure-arc/servers/plan-evaluate-on-azure-virtual-machine",
    grade="X",
)
def check_enrolment_arc_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "arc")


@check(
    "LNX-DOMAIN-001",
    "the machine has joined no domain",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="A domain knows a machine by its account and key, which no step removes. All clones share them; the first that "
    "renews its password locks out the others.",
    fix="realm leave (or ipa-client-install --uninstall, net ads leave), and delete /etc/krb5.keytab; clones join by "
    "themselves.",
    source=f"{_SYSPREP}, operations ipa-client, kerberos-hostkeytab, sssd-db-log, samba-db-log",
    grade="C",
)
def check_enrolment_domain_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "domain")


@check(
    "LNX-RHSM-001",
    "the machine is not registered with Red Hat",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Clones share the consumer id: they overwrite each other's records and take one subscription for all of them. "
    "Azure's own update servers (RHUI) need no registration.",
    fix="subscription-manager unregister; subscription-manager clean; insights-client --unregister",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd",
    grade="D",
)
def check_enrolment_red_hat_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "red-hat")


@check(
    "LNX-SCC-001",
    "the machine is not registered with the SUSE Customer Center",
    phase="pre",
    platform="linux",
    severity="warning",
    applies=of_family("suse"),
    why="Clones share the system's credentials, so they are one system to the customer center. Images that Azure bills "
    "for register anew by themselves, and are not meant.",
    fix="SUSEConnect --de-register; SUSEConnect --cleanup",
    source="our own inference from where SUSEConnect keeps its credentials",
    grade="X",
)
def check_enrolment_suse_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "suse")


@check(
    "LNX-PRO-001",
    "the machine is not attached to Ubuntu Pro by a token",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="The machine's token stays, readable for whoever gets the image: all clones draw on one contract as one "
    "machine. Ubuntu Pro's own images attach anew by themselves, and are not meant.",
    fix="pro detach --assume-yes",
    source="our own inference from where ubuntu-advantage-tools keep the token",
    grade="X",
)
def check_enrolment_ubuntu_pro_absent(guest: LinuxGuest) -> list[Problem]:
    return _traces(guest, "ubuntu-pro")
