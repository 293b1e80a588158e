from __future__ import annotations

from typing import Any, get_args

import pytest

from checks.facts import Enrolment, Fact, Observation, PeerIdentity
from checks.facts.linux.identities import Peer, Service
from checks.healthy import linux_guest, observation
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()

SERVICES: dict[str, tuple[Service, str]] = {
    "LNX-MONITOR-001": ("monitor", "/etc/opt/microsoft/azuremonitoragent"),
    "LNX-DEFENDER-001": ("defender", "/etc/opt/microsoft/mdatp/mdatp_onboard.json"),
    "LNX-ARC-001": ("arc", "/var/opt/azcmagent"),
    "LNX-DOMAIN-001": ("domain", "/etc/krb5.keytab"),
    "LNX-RHSM-001": ("red-hat", "/etc/pki/consumer/cert.pem"),
    "LNX-SCC-001": ("suse", "/etc/zypp/credentials.d/SCCcredentials"),
    "LNX-PRO-001": ("ubuntu-pro", "/var/lib/ubuntu-advantage/private/machine-token.json"),
}
ALL = tuple(Enrolment(service, path) for service, path in SERVICES.values())


def guest(check: str = "", **overrides: Any) -> Observation:
    family: dict[str, Any] = {"distribution": "sles"} if check == "LNX-SCC-001" else {}
    return observation(guest=linux_guest(**family, **overrides))


def enrolled(check: str) -> tuple[Claim, ...]:
    service, path = SERVICES[check]
    others = tuple(item for item in ALL if item.service != service)
    return (
        clean(check, "no traces", guest(check)),
        clean(check, "traces of others", guest(check, enrolments=others)),
        dirty(check, "a trace", guest(check, enrolments=ALL), path),
        absent(check, "nothing to look at", guest(check, enrolments=MISSING), "passed"),
        unknown(check, "not looked", guest(check, enrolments=UNREAD), "cut off"),
    )


NETWORK = (PeerIdentity("wireguard", "/etc/wireguard/wg0.conf"), PeerIdentity("netbird", "/etc/netbird/config.json"))
CLUSTER = (PeerIdentity("puppet", "/etc/puppet/key.pem"), PeerIdentity("k3s", "/etc/rancher/node/password"))
PEERS = (
    clean("LNX-MANAGER-001", "no traces", guest()),
    clean("LNX-MANAGER-001", "a private network", guest(peers=NETWORK)),
    dirty("LNX-MANAGER-001", "two", guest(peers=NETWORK + CLUSTER), "puppet", "k3s"),
    absent("LNX-MANAGER-001", "nothing to look at", guest(peers=MISSING), "passed"),
    unknown("LNX-MANAGER-001", "not looked", guest(peers=UNREAD), "cut off"),
    clean("LNX-MESH-001", "no traces", guest()),
    clean("LNX-MESH-001", "a cluster", guest(peers=CLUSTER)),
    dirty("LNX-MESH-001", "two", guest(peers=NETWORK + CLUSTER), "wireguard", "netbird"),
    absent("LNX-MESH-001", "nothing to look at", guest(peers=MISSING), "passed"),
    unknown("LNX-MESH-001", "not looked", guest(peers=UNREAD), "cut off"),
)
ELSEWHERE = (absent("LNX-SCC-001", "another family", observation(guest=linux_guest(enrolments=ALL)), "not applicable"),)

CLAIMS = tuple(claim for check in SERVICES for claim in enrolled(check)) + PEERS + ELSEWHERE


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_enrolment(claim: Claim) -> None:
    claim.verify()


def test_each_service_has_a_check() -> None:
    assert {service for service, _ in SERVICES.values()} == set(get_args(Service))


@pytest.mark.parametrize("peer", get_args(Peer))
def test_each_peer_is_judged_by_one_check(peer: Peer) -> None:
    seen = guest(peers=(PeerIdentity(peer, "/key"),))
    outcomes = [_outcome(check, seen) for check in ("LNX-MANAGER-001", "LNX-MESH-001")]
    assert outcomes in (["warned", "passed"], ["passed", "failed"])


def _outcome(check: str, seen: Observation) -> str:
    return judge(catalogue()[check], seen).outcome
