from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import observation, windows_guest
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("Get-WindowsFeature failed")
EVERY_SERVER = ("FileAndStorage-Services", "Storage-Services")


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


def roles(*names: str) -> Observation:
    return guest(installed_roles=(*EVERY_SERVER, *names))


SQL = (
    clean("WIN-SQL-001", "prepared only", guest(sql_instances=())),
    dirty("WIN-SQL-001", "an instance", guest(sql_instances=("MSSQLSERVER",)), "SQL Server MSSQLSERVER"),
    absent("WIN-SQL-001", "not installed", guest(), "passed"),
    unknown("WIN-SQL-001", "not read", guest(sql_instances=UNREAD), "failed"),
)

CLAIMS = (
    *SQL,
    clean("WIN-ROLE-001", "what every server has", roles()),
    clean("WIN-ROLE-001", "roles that Sysprep supports", roles("Print-Services", "RDS-RD-Server", "Web-Server")),
    clean("WIN-ROLE-001", "a role without a verdict", roles("DNS")),
    dirty("WIN-ROLE-001", "a domain controller's role", roles("AD-Domain-Services"), "AD-Domain-Services"),
    dirty("WIN-ROLE-001", "in other case", roles("dhcp"), "DHCP Server"),
    dirty("WIN-ROLE-001", "two roles", roles("DHCP", "UpdateServices"), "DHCP", "UpdateServices"),
    dirty("WIN-ROLE-001", "a domain controller", guest(product_type=2), "domain controller"),
    dirty(
        "WIN-ROLE-001",
        "a domain controller, roles not read",
        guest(product_type=2, installed_roles=UNREAD),
        "ProductType",
    ),
    dirty("WIN-ROLE-001", "a backup domain controller", guest(domain_role=4), "DomainRole"),
    dirty(
        "WIN-ROLE-001",
        "a primary domain controller, nothing else read",
        guest(domain_role=5, product_type=UNREAD, installed_roles=UNREAD),
        "DomainRole",
    ),
    dirty(
        "WIN-ROLE-001",
        "deployment services before Windows Server 2012",
        guest(build="7601.24499", installed_roles=("WDS", "WDS-Transport")),
        "(WDS)",
        "WDS-Transport",
    ),
    clean("WIN-ROLE-001", "deployment services, which have a check of their own", roles("WDS", "WDS-Deployment")),
    unknown("WIN-ROLE-001", "domain role not read", guest(domain_role=UNREAD), "Get-WindowsFeature"),
    absent("WIN-ROLE-001", "a client edition", guest(product_type=1, installed_roles=Fact.missing()), "passed"),
    absent("WIN-ROLE-001", "no product type", guest(product_type=Fact.missing()), "undetermined"),
    unknown("WIN-ROLE-001", "roles not read", guest(installed_roles=UNREAD), "Get-WindowsFeature"),
    unknown("WIN-ROLE-001", "product type not read", guest(product_type=UNREAD), "Get-WindowsFeature"),
    clean("WIN-ROLE-002", "what every server has", roles()),
    dirty("WIN-ROLE-002", "DNS", roles("DNS"), "DNS Server"),
    dirty("WIN-ROLE-002", "routing", roles("Routing"), "Routing and Remote Access"),
    dirty("WIN-ROLE-002", "volume activation", roles("VolumeActivation"), "Volume Activation"),
    dirty("WIN-ROLE-002", "a role outside the table", roles("Failover-Clustering"), "Failover Clustering"),
    dirty("WIN-ROLE-002", "a part of a role outside the table", roles("MSMQ-Triggers"), "Message Queuing"),
    dirty("WIN-ROLE-002", "a broker, no session host", roles("RDS-Connection-Broker"), "RDS-Connection-Broker"),
    clean("WIN-ROLE-002", "a session host", roles("Remote-Desktop-Services", "RDS-RD-Server")),
    clean(
        "WIN-ROLE-002",
        "roles that Sysprep supports",
        roles("Application-Server", "AS-NET-Framework", "FS-DFS-Namespace"),
    ),
    absent("WIN-ROLE-002", "a client edition", guest(installed_roles=Fact.missing()), "passed"),
    unknown("WIN-ROLE-002", "roles not read", guest(installed_roles=UNREAD), "Get-WindowsFeature"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_server_roles(claim: Claim) -> None:
    claim.verify()


@pytest.mark.parametrize(
    "role",
    ["AD-Certificate", "ADFS-Federation", "ADLDS", "ADRMS", "Fax", "NPAS"],
)
def test_each_unsupported_role_of_the_table_fails(role: str) -> None:
    assert judge(catalogue()["WIN-ROLE-001"], roles(role)).outcome == "failed"


@pytest.mark.parametrize(
    "build",
    ["14393.7428", "20348.2849", "20348", "9201.1", ".9200", "\u0667", Fact.unknown("not read"), Fact.missing(), "odd"],
)
def test_on_later_versions_the_verdict_is_marked_as_ours(build: Any) -> None:
    problems = judge(catalogue()["WIN-ROLE-001"], guest(installed_roles=("DHCP",), build=build)).problems

    assert "is our reading" in problems[0].expected


@pytest.mark.parametrize("build", ["9200.24975", "9200", "7601.24499"])
def test_up_to_server_2012_the_verdict_is_microsofts(build: str) -> None:
    problems = judge(catalogue()["WIN-ROLE-001"], guest(installed_roles=("DHCP",), build=build)).problems

    assert "our reading" not in problems[0].expected
