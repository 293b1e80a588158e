"""The stopped disk of a Windows VM: ImageState, what the next start does, and the success tag."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import SEALED, sealed_observation, windows_disk
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the hive is damaged")
MISSING: Fact[Any] = Fact.missing()
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
    clean("WIN-TAG-002", "after the run began", disk()),
    clean("WIN-TAG-002", "of the run, in a time zone east of it", disk(run_began="2026-11-23 00:20:01")),
    dirty("WIN-TAG-002", "of another day", disk(run_began="2026-11-24 10:20:01"), "2026-11-22T10:30:00"),
    absent("WIN-TAG-002", "no tag: another rule", disk(success_tag=MISSING), "passed"),
    absent("WIN-TAG-002", "no run: another rule", disk(run_began=MISSING), "passed"),
    unknown("WIN-TAG-002", "tag not read", disk(success_tag=UNREAD), "damaged"),
    unknown("WIN-TAG-002", "log not read", disk(run_began=UNREAD), "damaged"),
    clean("WIN-LOG-001", "generalized, for the first start", disk()),
    dirty("WIN-LOG-001", "without /generalize", disk(run_options=("OOBE", "SHUTDOWN")), "/generalize"),
    dirty("WIN-LOG-001", "for audit mode", disk(run_options=("AUDIT", "GENERALIZE")), "/oobe", "no /audit"),
    dirty("WIN-LOG-001", "without any option", disk(run_options=()), "/generalize", "/oobe"),
    absent("WIN-LOG-001", "no run in the log", disk(run_options=MISSING), "failed", "no run of Sysprep"),
    unknown("WIN-LOG-001", "log not read", disk(run_options=UNREAD), "damaged"),
    clean("WIN-LOG-002", "no error", disk()),
    clean(
        "WIN-LOG-002",
        "a harmless one",
        disk(run_errors=("SPPNP: Failed to queue enumerated driver packages. Err = 0x57",)),
    ),
    dirty("WIN-LOG-002", "errors", disk(run_errors=("SYSPRP one", "SYSPRP two")), "SYSPRP one (and 1 more)"),
    absent("WIN-LOG-002", "no log: another rule", disk(run_errors=MISSING), "passed"),
    unknown("WIN-LOG-002", "log not read", disk(run_errors=UNREAD), "damaged"),
    clean("WIN-SETUP-003", "both marked", disk()),
    dirty("WIN-SETUP-003", "one is not", disk(oobe_in_progress=0), "OOBEInProgress"),
    absent("WIN-SETUP-003", "no value", disk(setup_in_progress=MISSING), "warned", "SystemSetupInProgress"),
    unknown("WIN-SETUP-003", "not read", disk(setup_in_progress=UNREAD), "damaged"),
    clean("WIN-SETUP-004", "as seen on sealed disks", disk()),
    dirty("WIN-SETUP-004", "of a finished machine", disk(generalization_state=7), "7"),
    dirty("WIN-SETUP-004", "of a run that was broken off", disk(generalization_state=3), "3"),
    absent("WIN-SETUP-004", "no value", disk(generalization_state=MISSING), "passed"),
    unknown("WIN-SETUP-004", "not read", disk(generalization_state=UNREAD), "damaged"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_disk(claim: Claim) -> None:
    claim.verify()
