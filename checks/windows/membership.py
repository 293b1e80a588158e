"""What a Windows machine belongs to: a domain, Entra ID, a device management, a cluster."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_DISABLED = 4
_GOLDEN = "https://learn.microsoft.com/azure/virtual-desktop/set-up-golden-image"


@check(
    "WIN-DOMAIN-001",
    "the machine is no member of a domain",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep takes the machine out of the domain and leaves what the domain set: policies, among them that of "
    "passwords, and members of local groups. The computer's account stays in the directory.",
    fix="Remove-Computer -WorkgroupName WORKGROUP -Restart, as a local administrator, and join the machines made from "
    "the image.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview",
    grade="D",
)
def check_domain_left(guest: WindowsGuest) -> list[Problem]:
    if not guest.installation.domain_joined.value:
        return []
    where = "Win32_ComputerSystem.PartOfDomain"
    return [problem(observed="a member of a domain", expected="a workgroup", where=where)]


@check(
    "WIN-ENTRA-001",
    "the machine is not joined to Entra ID",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="The join is a device of its own in the directory. Machines made from the image would all claim to be it.",
    fix="dsregcmd /leave, as SYSTEM or an administrator, then restart.",
    source=_GOLDEN,
    grade="D",
)
def check_entra_left(guest: WindowsGuest) -> list[Problem]:
    if not guest.installation.entra_joined.value:
        return []
    where = r"HKLM\SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo"
    return [problem(observed="joined", expected="not joined", where=where)]


@check(
    "WIN-MDM-001",
    "the machine is enrolled with no device management",
    phase="pre",
    platform="windows",
    severity="warning",
    why="The enrolment identifies one device. Machines made from the image would share it, and take each other's "
    "policies and commands.",
    fix="Disconnect the account at Settings > Accounts > Access work or school, or retire the device.",
    source="recalled: enrolments are keys below HKLM\\SOFTWARE\\Microsoft\\Enrollments",
    grade="R",
)
def check_device_management_left(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed=name, expected="no enrolment", where=r"HKLM\SOFTWARE\Microsoft\Enrollments")
        for name in guest.installation.mdm_providers.value_or(())
    ]


@check(
    "WIN-CLUSTER-001",
    "the server is no member of a failover cluster",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="The cluster knows the server by its name and its identity, and both go. Microsoft has excluded such servers "
    "from Sysprep since it wrote of Windows Server 2003; nothing newer was found.",
    fix="Remove-ClusterNode on another node, then Uninstall-WindowsFeature -Name Failover-Clustering -Restart.",
    source="https://mskb.pkisolutions.com/kb/830958",
    grade="E",
)
def check_cluster_left(guest: WindowsGuest) -> list[Problem]:
    # The feature brings the service disabled; it is enabled when the server joins.
    if guest.installation.cluster_start.value_or(_DISABLED) == _DISABLED:
        return []
    return [problem(observed="its service starts", expected="no such service, or disabled", where="service ClusSvc")]
