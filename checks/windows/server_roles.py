"""Server roles, and what Microsoft's support table says of Sysprep with each.

The table ends at Windows Server 2012. That its verdicts hold for later versions is our reading, and each problem
found on a later version says so. Hyper-V, IIS and Windows Deployment Services have a conditional verdict: their
conditions are checks of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from checks.catalogue import Problem, check, problem
from checks.facts import UnknownFact, WindowsGuest
from checks.parts import problems_of
from checks.windows.version import build_number

_TABLE = "https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-support-for-server-roles"
_LAST_BUILD_OF_TABLE = 9200  # Windows Server 2012
_LAST_BUILD_OF_2008_R2 = 7601
_DOMAIN_CONTROLLER = 2
_DOMAIN_CONTROLLERS = (4, 5)  # backup and primary


@dataclass(frozen=True, slots=True)
class _Role:
    """One row of the table: the role and the names of its features as Get-WindowsFeature knows them."""

    title: str
    features: tuple[str, ...]
    """A name that ends in * stands for all that begin so."""

    def has(self, feature: str) -> bool:
        # Windows compares names of features without regard to case.
        return any(fnmatchcase(feature.lower(), name.lower()) for name in self.features)


_UNSUPPORTED = (
    _Role(
        "Active Directory Certificate Services",
        (
            "AD-Certificate",
            "ADCS-Cert-Authority",
            "ADCS-Device-Enrollment",
            "ADCS-Enroll-Web-Pol",
            "ADCS-Enroll-Web-Svc",
            "ADCS-Online-Cert",
            "ADCS-Web-Enrollment",
        ),
    ),
    _Role("Active Directory Domain Services", ("AD-Domain-Services",)),
    _Role(
        "Active Directory Federation Services",
        ("ADFS-Federation", "ADFS-Proxy", "ADFS-Claims", "ADFS-Windows-Token"),
    ),
    _Role("Active Directory Lightweight Directory Services", ("ADLDS",)),
    _Role("Active Directory Rights Management Services", ("ADRMS", "ADRMS-Server", "ADRMS-Identity")),
    _Role("DHCP Server", ("DHCP",)),
    _Role("Fax Server", ("Fax",)),
    _Role("Network Policy and Access Services", ("NPAS", "NPAS-Policy-Server", "NPAS-Health", "NPAS-Host-Cred")),
    _Role(
        "Windows Server Update Services",
        ("UpdateServices", "UpdateServices-WidDB", "UpdateServices-Services", "UpdateServices-DB"),
    ),
)

# A condition since Windows Server 2012, and not supported at all before.
_UNSUPPORTED_UNTIL_2008_R2 = (_Role("Windows Deployment Services", ("WDS", "WDS-*")),)

# Rows whose verdict is "not applicable" for every version in use, and roles that the table does not list at all.
_NO_VERDICT = (
    _Role("DNS Server", ("DNS",)),
    _Role("Routing and Remote Access", ("RemoteAccess", "DirectAccess-VPN", "Routing", "Web-Application-Proxy")),
    _Role("Volume Activation Services", ("VolumeActivation",)),
    _Role(
        "Remote Desktop Services other than the session host",
        ("RDS-Connection-Broker", "RDS-Gateway", "RDS-Licensing", "RDS-Virtualization", "RDS-Web-Access"),
    ),
    _Role("Device Health Attestation", ("DeviceHealthAttestationService",)),
    _Role("Failover Clustering", ("Failover-Clustering",)),
    _Role("Host Guardian Service", ("HostGuardianServiceRole",)),
    _Role("Message Queuing", ("MSMQ", "MSMQ-*")),
    _Role("MultiPoint Services", ("MultiPointServerRole",)),
    _Role("Network Controller", ("NetworkController",)),
    _Role("Network Load Balancing", ("NLB",)),
    _Role("Windows Server Essentials", ("ServerEssentialsRole",)),
    _Role("Windows Internal Database", ("Windows-Internal-Database",)),
)


@check(
    "WIN-ROLE-001",
    "no server role is installed that Sysprep does not support",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="These roles tie their configuration to the computer's name, SID or certificates. Sysprep may seal the server "
    "without a complaint, and the role is broken on every machine made from the image.",
    fix="Uninstall-WindowsFeature -Name FEATURE -Restart, and install the role on the machines made from the image. A "
    "domain controller has to be demoted first: Uninstall-ADDSDomainController. Where a waiver shall excuse Network "
    "Policy Server: netsh nps show client and netsh nps show remoteservergroup must list nothing.",
    source=_TABLE,
    grade="D",
)
def check_role_supported(guest: WindowsGuest) -> list[Problem]:
    build = _build(guest)
    roles = _UNSUPPORTED if build > _LAST_BUILD_OF_2008_R2 else _UNSUPPORTED + _UNSUPPORTED_UNTIL_2008_R2
    return problems_of(
        lambda: _installed(guest, roles, f"roles that Sysprep supports{_ours(build)}"),
        lambda: _product_type(guest),
        lambda: _domain_role(guest),
    )


@check(
    "WIN-ROLE-002",
    "no server role is installed for which Sysprep's support is not stated",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Microsoft's table gives no verdict for these roles and features, so nobody vouches for machines made from "
    "such an image.",
    fix="Uninstall-WindowsFeature -Name FEATURE and install it later, or try a machine made from the image.",
    source=_TABLE,
    grade="D",
)
def check_role_stated(guest: WindowsGuest) -> list[Problem]:
    return list(_installed(guest, _NO_VERDICT, "roles that the support table vouches for"))


def _installed(guest: WindowsGuest, roles: tuple[_Role, ...], expected: str) -> list[Problem]:
    # Client editions have no server roles.
    features = guest.installed_roles.value_or(())
    return [
        problem(observed=f"{role.title} ({feature})", expected=expected, where="Get-WindowsFeature")
        for role in roles
        for feature in features
        if role.has(feature)
    ]


def _product_type(guest: WindowsGuest) -> list[Problem]:
    if guest.product_type.value != _DOMAIN_CONTROLLER:
        return []
    where = "Win32_OperatingSystem.ProductType"
    return [problem(observed="2 (domain controller)", expected="1 (client) or 3 (server)", where=where)]


def _domain_role(guest: WindowsGuest) -> list[Problem]:
    role = guest.roles.domain_role.value
    if role not in _DOMAIN_CONTROLLERS:
        return []
    return [problem(observed=f"{role} (domain controller)", expected="0 to 3", where="Win32_ComputerSystem.DomainRole")]


def _build(guest: WindowsGuest) -> int:
    """Return the build; where it is not known, that of no version in Microsoft's table."""
    try:
        return build_number(guest.build)
    except UnknownFact:
        return _LAST_BUILD_OF_TABLE + 1


def _ours(build: int) -> str:
    if build <= _LAST_BUILD_OF_TABLE:
        return ""
    return " (Microsoft's table ends at Windows Server 2012; that it holds for later versions is our reading)"
