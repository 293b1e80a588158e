"""The stopped disk of a Windows VM: ImageState, what the next start does, and the success tag."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import SEALED, sealed_observation, windows_disk
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the hive is damaged")
COMPLETE = "IMAGE_STATE_COMPLETE"


def disk(**overrides: Any) -> Observation:
    return sealed_observation("windows", disk=windows_disk(**overrides))


CLAIMS = (
    clean("WIN-IMAGE-001", "sealed", disk(image_state=SEALED, image_state_file=SEALED)),
    dirty("WIN-IMAGE-001", "never sealed", disk(image_state=COMPLETE, image_state_file=COMPLETE), "HKLM", "State.ini"),
    dirty("WIN-IMAGE-001", "the file disagrees", disk(image_state_file=COMPLETE), "State.ini"),
    dirty("WIN-IMAGE-001", "the hive disagrees", disk(image_state=COMPLETE), "HKLM"),
    dirty("WIN-IMAGE-001", "for audit mode", disk(image_state="IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT"), "AUDIT"),
    dirty(
        "WIN-IMAGE-001",
        "never sealed, the hive not read",
        disk(image_state=UNREAD, image_state_file=COMPLETE),
        "State.ini",
    ),
    absent("WIN-IMAGE-001", "no value", disk(image_state=Fact.missing()), "failed", "no value"),
    absent("WIN-IMAGE-001", "no State.ini", disk(image_state_file=Fact.missing()), "failed", "State.ini"),
    unknown("WIN-IMAGE-001", "hive not read", disk(image_state=UNREAD), "damaged"),
    unknown("WIN-IMAGE-001", "file not read", disk(image_state_file=UNREAD), "damaged"),
    clean("WIN-SETUP-001", "armed", disk()),
    clean("WIN-SETUP-001", "armed, short form", disk(setup_command=r"OOBE\windeploy.exe")),
    dirty("WIN-SETUP-001", "the type of an ordinary start", disk(setup_type=0), "SetupType"),
    dirty("WIN-SETUP-001", "no command", disk(setup_command=""), "empty"),
    dirty("WIN-SETUP-001", "another command", disk(setup_command=r"C:\own.exe"), "own.exe"),
    dirty("WIN-SETUP-001", "neither", disk(setup_type=0, setup_command=""), "SetupType", "CmdLine"),
    absent("WIN-SETUP-001", "no type", disk(setup_type=Fact.missing()), "failed", "SetupType"),
    absent("WIN-SETUP-001", "no command value", disk(setup_command=Fact.missing()), "failed", "CmdLine"),
    unknown("WIN-SETUP-001", "type not read", disk(setup_type=UNREAD), "damaged"),
    unknown("WIN-SETUP-001", "command not read", disk(setup_command=UNREAD), "damaged"),
    clean("WIN-TAG-001", "there", disk()),
    dirty("WIN-TAG-001", "not there", disk(success_tag=Fact.missing()), "Sysprep_succeeded.tag"),
    absent("WIN-TAG-001", "not there", disk(success_tag=Fact.missing()), "failed", "Sysprep_succeeded.tag"),
    unknown("WIN-TAG-001", "folder not read", disk(success_tag=UNREAD), "damaged"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_disk(claim: Claim) -> None:
    claim.verify()
