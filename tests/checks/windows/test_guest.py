"""BitLocker, the agent's services, ImageState and our own account, in a running Windows guest."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation, Policy, Service, Volume
from checks.healthy import observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
SYSTEM = "NT AUTHORITY\\SYSTEM"
SUPPORTED = Policy(require_supported_identity=True)
RUNNING = Service("RdAgent", "Running")


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


def wish(policy: Policy, **overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides), policy=policy)


def volumes(*statuses: int, mount: str = "C:") -> Observation:
    return guest(volumes=tuple(Volume(mount, status, 0) for status in statuses))


VOLUMES = (
    clean("WIN-DISK-001", "decrypted", volumes(0)),
    clean("WIN-DISK-001", "no volume", volumes()),
    dirty("WIN-DISK-001", "encrypted, though its protection is suspended", volumes(1), "fully encrypted"),
    dirty("WIN-DISK-001", "still decrypting", volumes(3), "decryption in progress"),
    dirty("WIN-DISK-001", "the second volume only", volumes(0, 4), "encryption paused"),
    dirty("WIN-DISK-001", "a status that nobody knows", volumes(9), "conversion status 9"),
    dirty("WIN-DISK-001", "a volume without a letter", volumes(1, mount=""), "(not mounted)"),
    absent("WIN-DISK-001", "BitLocker is not installed", guest(volumes=Fact.missing()), "passed"),
    unknown("WIN-DISK-001", "volumes not read", guest(volumes=UNREAD), "denied"),
)

SERVICES = (
    clean("WIN-AGENT-001", "both run", guest()),
    clean("WIN-AGENT-001", "the one that exists runs", guest(agent_services=(RUNNING,))),
    dirty(
        "WIN-AGENT-001",
        "one is stopped",
        guest(agent_services=(RUNNING, Service("WindowsAzureGuestAgent", "Stopped"))),
        "service WindowsAzureGuestAgent",
    ),
    dirty("WIN-AGENT-001", "a service without a status", guest(agent_services=(Service("RdAgent", ""),)), "no status"),
    dirty("WIN-AGENT-001", "none exists", guest(agent_services=()), "no service"),
    absent("WIN-AGENT-001", "none exists", guest(agent_services=Fact.missing()), "failed", "no service"),
    unknown("WIN-AGENT-001", "services not read", guest(agent_services=UNREAD), "denied"),
)

STATE = (
    clean("WIN-STATE-001", "complete", guest(image_state="IMAGE_STATE_COMPLETE")),
    dirty("WIN-STATE-001", "in the middle", guest(image_state="IMAGE_STATE_UNDEPLOYABLE"), "IMAGE_STATE_UNDEPLOYABLE"),
    dirty(
        "WIN-STATE-001",
        "sealed already",
        guest(image_state="IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"),
        "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE",
    ),
    absent("WIN-STATE-001", "no value", guest(image_state=Fact.missing()), "failed", "no value"),
    unknown("WIN-STATE-001", "registry not read", guest(image_state=UNREAD), "denied"),
)

ACCOUNT = (
    clean("WIN-RUNAS-001", "an administrator", guest(launched_as="GOLDEN\\builder")),
    clean("WIN-RUNAS-001", "an administrator of a like name", guest(launched_as="SYSTEM\\builder")),
    dirty("WIN-RUNAS-001", "SYSTEM", guest(launched_as="NT AUTHORITY\\SYSTEM"), "NT AUTHORITY\\SYSTEM"),
    dirty("WIN-RUNAS-001", "SYSTEM in German", guest(launched_as="NT-AUTORITÄT\\System"), "NT-AUTORITÄT"),
    dirty("WIN-RUNAS-001", "SYSTEM by its SID", guest(launched_as="S-1-5-18"), "S-1-5-18"),
    absent("WIN-RUNAS-001", "not told", guest(launched_as=Fact.missing()), "undetermined"),
    unknown("WIN-RUNAS-001", "not read", guest(launched_as=UNREAD), "denied"),
    clean("WIN-RUNAS-001", "an account in the fleet file", wish(Policy(run_as="builder"), launched_as=SYSTEM)),
    clean("WIN-RUNAS-002", "an administrator", wish(SUPPORTED, launched_as="GOLDEN\\builder")),
    clean(
        "WIN-RUNAS-002",
        "an account in the fleet file",
        wish(Policy(run_as="builder", require_supported_identity=True), launched_as=SYSTEM),
    ),
    dirty("WIN-RUNAS-002", "SYSTEM", wish(SUPPORTED, launched_as=SYSTEM), "NT AUTHORITY\\SYSTEM"),
    absent("WIN-RUNAS-002", "not told", wish(SUPPORTED, launched_as=Fact.missing()), "undetermined"),
    unknown("WIN-RUNAS-002", "not read", wish(SUPPORTED, launched_as=UNREAD), "denied"),
)

MODE = (
    clean("WIN-MODE-001", "no mode", wish(Policy())),
    dirty("WIN-MODE-001", "mode vm", wish(Policy(sysprep_mode="vm")), "/mode:vm"),
    absent("WIN-MODE-001", "no build", wish(Policy(sysprep_mode="vm"), build=Fact.missing()), "undetermined"),
    unknown("WIN-MODE-001", "build not read", wish(Policy(sysprep_mode="vm"), build=UNREAD), "denied"),
)

CLAIMS = VOLUMES + SERVICES + STATE + ACCOUNT + MODE


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_guest(claim: Claim) -> None:
    claim.verify()
