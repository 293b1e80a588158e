"""Files that no step removes are foretold for the check that will find them on the disk."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from checks.facts import Fact, KeptFile, Policy
from checks.facts.linux.kept import Kind
from tests.runners.generalize.test_forecast import survives, told

CHECKS: dict[Any, tuple[str, str]] = {
    "registrations": ("LNX-REGISTER-001", "/var/lib/ubuntu-advantage/private/machine-token.json"),
    "domain_accounts": ("LNX-DOMAIN-002", "/etc/krb5.keytab"),
    "onboardings": ("LNX-DEFENDER-002", "/etc/opt/microsoft/mdatp/mdatp_onboard.json"),
    "peer_keys": ("LNX-MESH-002", "/etc/wireguard/wg0.conf"),
    "cluster_keys": ("LNX-MANAGER-002", "/etc/salt/minion_id"),
    "memory_dumps": ("LNX-DUMP-001", "/var/crash/core.1"),
    "installer_hashes": ("LNX-INSTALLER-001", "/root/anaconda-ks.cfg"),
    "host_keys_elsewhere": ("LNX-KEY-004", "/etc/keys/host_key"),
    "pinned_secrets": ("LNX-NIC-007", "/etc/NetworkManager/system-connections/office.nmconnection"),
}
NEVER_ALLOWED = ("installer_hashes", "host_keys_elsewhere")


def test_every_kind_is_foretold() -> None:
    assert set(CHECKS) == set(get_args(Kind))


@pytest.mark.parametrize("kind", CHECKS)
def test_a_file_of_a_kind_survives_for_its_own_check_only(kind: Any) -> None:
    check, path = CHECKS[kind]
    found = told(kept_files=(KeptFile(kind, path),))
    assert [item.check for item in found.values() if item.survives.value and item.check in dict(CHECKS.values())] == [
        check
    ]
    assert not survives(check, kept_files=())
    assert not survives(check, kept_files=Fact.missing())
    assert not told(kept_files=Fact.unknown("the probe was cut"))[check].survives.known


@pytest.mark.parametrize("kind", CHECKS)
def test_what_the_fleet_file_allows_may_stay_where_the_check_says_so(kind: Any) -> None:
    check, path = CHECKS[kind]
    stays = survives(check, Policy(allow_files=(path,)), kept_files=(KeptFile(kind, path),))
    assert stays is (kind in NEVER_ALLOWED)
    assert ("allow_files" in told()[check].remedy) is (kind not in NEVER_ALLOWED)
    assert survives(check, Policy(allow_files=(path,)), kept_files=(KeptFile(kind, path), KeptFile(kind, f"{path}2")))


def test_a_ticket_in_tmp_goes_with_its_key() -> None:
    ticket = (KeptFile("domain_accounts", "/tmp/krb5cc_0"),)
    assert survives("LNX-DOMAIN-002", kept_files=ticket)
    assert not survives("LNX-DOMAIN-002", Policy(clean=("tmp",)), kept_files=ticket)
