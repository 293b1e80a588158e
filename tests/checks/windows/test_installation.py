"""How Windows was installed, what it belongs to, and what an earlier Sysprep left."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, Observation
from checks.healthy import observation, windows_guest
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("access denied")
NONE: Fact[Any] = Fact.missing()


def guest(**overrides: Any) -> Observation:
    return observation("windows", guest=windows_guest(**overrides))


SOURCE = "Source OS (Updated on 3/14/2026 09:26:53)"
COMPLETE = "IMAGE_STATE_COMPLETE"


def client(build: str | Fact[Any], **overrides: Any) -> Observation:
    return guest(product_type=1, build=build, **overrides)


STATES = (
    clean("WIN-STATE-002", "both complete", guest(image_state_file=COMPLETE)),
    dirty(
        "WIN-STATE-002", "another state in the file", guest(image_state_file="IMAGE_STATE_UNDEPLOYABLE"), "UNDEPLOYABLE"
    ),
    absent("WIN-STATE-002", "no file", guest(image_state_file=NONE), "warned", "no value"),
    absent("WIN-STATE-002", "neither", guest(image_state_file=NONE, image_state=NONE), "passed"),
    unknown("WIN-STATE-002", "file not read", guest(image_state_file=UNREAD), "denied"),
    unknown("WIN-STATE-002", "registry not read", guest(image_state=UNREAD), "denied"),
    clean("WIN-SETUP-002", "ended", guest(setup_in_progress=0, oobe_in_progress=0, setup_type=0)),
    dirty("WIN-SETUP-002", "running", guest(setup_in_progress=1), "SystemSetupInProgress"),
    dirty("WIN-SETUP-002", "before the first sign-in", guest(oobe_in_progress=1), "OOBEInProgress"),
    dirty("WIN-SETUP-002", "due at the next start", guest(setup_type=2), "SetupType"),
    dirty("WIN-SETUP-002", "due, though one value can't be read", guest(setup_type=2, oobe_in_progress=UNREAD), "Type"),
    absent(
        "WIN-SETUP-002", "no values", guest(setup_in_progress=NONE, oobe_in_progress=NONE, setup_type=NONE), "passed"
    ),
    unknown("WIN-SETUP-002", "registry not read", guest(setup_type=UNREAD), "denied"),
)

SYSPREP = (
    clean("WIN-SYSPREP-001", "nothing runs", guest(busy_processes=())),
    clean("WIN-SYSPREP-001", "an update runs", guest(busy_processes=("TiWorker",))),
    dirty("WIN-SYSPREP-001", "it runs", guest(busy_processes=("TiWorker", "Sysprep")), "sysprep.exe"),
    absent("WIN-SYSPREP-001", "nothing runs", guest(busy_processes=NONE), "passed"),
    unknown("WIN-SYSPREP-001", "processes not read", guest(busy_processes=UNREAD), "denied"),
    clean("WIN-SYSPREP-002", "its own", guest(sysprep_build=20348, system_build=20348)),
    clean(
        "WIN-SYSPREP-002",
        "an update that only raises the number",
        guest(build="19045.5000", sysprep_build=19041, system_build=19041),
    ),
    dirty("WIN-SYSPREP-002", "that of another", guest(sysprep_build=17763), "build 17763"),
    absent("WIN-SYSPREP-002", "no file", guest(sysprep_build=NONE), "failed", "no such file"),
    unknown("WIN-SYSPREP-002", "file not read", guest(sysprep_build=UNREAD), "denied"),
    clean("WIN-SYSPREP-003", "at rest", guest(generalization_state=7, cleanup_state=2)),
    dirty("WIN-SYSPREP-003", "half-way", guest(generalization_state=3), "GeneralizationState"),
    dirty("WIN-SYSPREP-003", "in the clean-up", guest(cleanup_state=1), "CleanupState"),
    absent("WIN-SYSPREP-003", "never run", guest(generalization_state=NONE, cleanup_state=NONE), "passed"),
    unknown("WIN-SYSPREP-003", "registry not read", guest(generalization_state=UNREAD), "denied"),
)

UPGRADES = (
    clean("WIN-UPGRADE-001", "an early client, installed cleanly", client("10586.0")),
    dirty("WIN-UPGRADE-001", "an early client, upgraded", client("10586.0", source_systems=(SOURCE,)), "Source OS"),
    absent("WIN-UPGRADE-001", "no such keys", client("10586.0", source_systems=NONE), "passed"),
    absent("WIN-UPGRADE-001", "a later client", client("14393.0", source_systems=(SOURCE,)), "not applicable"),
    absent("WIN-UPGRADE-001", "a server", guest(build="9600.0", source_systems=(SOURCE,)), "not applicable"),
    unknown("WIN-UPGRADE-001", "registry not read", client("10586.0", source_systems=UNREAD), "denied"),
    unknown("WIN-UPGRADE-001", "build not read", client(UNREAD), "denied"),
    unknown("WIN-UPGRADE-001", "a build of no number", client("."), "starts with no number"),
    clean("WIN-UPGRADE-002", "installed cleanly", guest()),
    dirty("WIN-UPGRADE-002", "a server, upgraded", guest(source_systems=(SOURCE,)), "Source OS"),
    dirty("WIN-UPGRADE-002", "the old folder alone", guest(windows_old=True), "Windows.old"),
    dirty("WIN-UPGRADE-002", "a later client", client("22631.1", source_systems=(SOURCE,)), "Source OS"),
    absent("WIN-UPGRADE-002", "no traces", guest(source_systems=NONE, windows_old=NONE), "passed"),
    unknown("WIN-UPGRADE-002", "folder not looked for", guest(windows_old=UNREAD), "denied"),
)

MEMBERSHIPS = (
    clean("WIN-DOMAIN-001", "a workgroup", guest(domain_joined=False)),
    dirty("WIN-DOMAIN-001", "a domain", guest(domain_joined=True), "PartOfDomain"),
    absent("WIN-DOMAIN-001", "not told", guest(domain_joined=NONE), "undetermined"),
    unknown("WIN-DOMAIN-001", "not read", guest(domain_joined=UNREAD), "denied"),
    clean("WIN-ENTRA-001", "not joined", guest(entra_joined=False)),
    dirty("WIN-ENTRA-001", "joined", guest(entra_joined=True), "JoinInfo"),
    absent("WIN-ENTRA-001", "not told", guest(entra_joined=NONE), "undetermined"),
    unknown("WIN-ENTRA-001", "not read", guest(entra_joined=UNREAD), "denied"),
    clean("WIN-MDM-001", "none", guest(mdm_providers=())),
    dirty("WIN-MDM-001", "Intune", guest(mdm_providers=("MS DM Server",)), "MS DM Server"),
    absent("WIN-MDM-001", "no enrolments", guest(mdm_providers=NONE), "passed"),
    unknown("WIN-MDM-001", "not read", guest(mdm_providers=UNREAD), "denied"),
    clean("WIN-CLUSTER-001", "the feature, in no cluster", guest(cluster_start=4)),
    dirty("WIN-CLUSTER-001", "a node", guest(cluster_start=2), "ClusSvc"),
    absent("WIN-CLUSTER-001", "no feature", guest(cluster_start=NONE), "passed"),
    unknown("WIN-CLUSTER-001", "not read", guest(cluster_start=UNREAD), "denied"),
)

VOLUME = (
    clean("WIN-VOLUME-001", "drive C alone", guest(other_volumes=())),
    dirty("WIN-VOLUME-001", "a drive D", guest(other_volumes=("partition 4 D",)), "partition 4 D"),
    absent("WIN-VOLUME-001", "not told", guest(other_volumes=NONE), "passed"),
    unknown("WIN-VOLUME-001", "no such cmdlet", guest(other_volumes=UNREAD), "denied"),
    clean("WIN-LOADER-001", "one", guest(system_loaders=1)),
    dirty("WIN-LOADER-001", "two", guest(system_loaders=2), "osloader"),
    absent("WIN-LOADER-001", "not told", guest(system_loaders=NONE), "undetermined"),
    unknown("WIN-LOADER-001", "bcdedit failed", guest(system_loaders=UNREAD), "denied"),
    clean("WIN-SPACE-001", "just enough", guest(free_megabytes=1024)),
    dirty("WIN-SPACE-001", "too little", guest(free_megabytes=1023), "1023 MiB"),
    absent("WIN-SPACE-001", "not told", guest(free_megabytes=NONE), "undetermined"),
    unknown("WIN-SPACE-001", "not read", guest(free_megabytes=UNREAD), "denied"),
    clean("WIN-FILTER-001", "off", guest(write_filter=False)),
    dirty("WIN-FILTER-001", "on", guest(write_filter=True), "UWF_Filter"),
    absent("WIN-FILTER-001", "Windows without it", guest(write_filter=NONE), "passed"),
    unknown("WIN-FILTER-001", "not read", guest(write_filter=UNREAD), "denied"),
)

PROCESS = (
    clean("WIN-PROCESS-001", "all rights", guest(elevated=True)),
    dirty("WIN-PROCESS-001", "filtered rights", guest(elevated=False), "no administrator"),
    absent("WIN-PROCESS-001", "not told", guest(elevated=NONE), "undetermined"),
    unknown("WIN-PROCESS-001", "not read", guest(elevated=UNREAD), "denied"),
    clean("WIN-PROCESS-002", "64 bits", guest(process_64_bit=True)),
    dirty("WIN-PROCESS-002", "32 bits", guest(process_64_bit=False), "32 bits"),
    absent("WIN-PROCESS-002", "not told", guest(process_64_bit=NONE), "undetermined"),
    unknown("WIN-PROCESS-002", "not read", guest(process_64_bit=UNREAD), "denied"),
)

LICENCE = (
    clean("WIN-REARM-001", "one left", guest(rearms_left=1)),
    clean("WIN-REARM-001", "none left, and none is asked for", guest(rearms_left=0, skip_rearm=1)),
    dirty("WIN-REARM-001", "none left", guest(rearms_left=0), "RemainingWindowsReArmCount"),
    dirty("WIN-REARM-001", "none left, and no SkipRearm", guest(rearms_left=0, skip_rearm=NONE), "ReArmCount"),
    absent("WIN-REARM-001", "not told", guest(rearms_left=NONE), "undetermined"),
    unknown("WIN-REARM-001", "not read", guest(rearms_left=UNREAD), "denied"),
    clean("WIN-REARM-002", "0", guest(skip_rearm=0)),
    dirty("WIN-REARM-002", "1", guest(skip_rearm=1), "SkipRearm"),
    absent("WIN-REARM-002", "no value", guest(skip_rearm=NONE), "passed"),
    unknown("WIN-REARM-002", "not read", guest(skip_rearm=UNREAD), "denied"),
    clean("WIN-EDITION-001", "licensed", guest(edition="ServerDatacenter")),
    dirty("WIN-EDITION-001", "an evaluation", guest(edition="ServerStandardEval"), "ServerStandardEval"),
    absent("WIN-EDITION-001", "not told", guest(edition=NONE), "undetermined"),
    unknown("WIN-EDITION-001", "not read", guest(edition=UNREAD), "denied"),
)

CLAIMS = STATES + SYSPREP + UPGRADES + MEMBERSHIPS + VOLUME + PROCESS + LICENCE


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_installation(claim: Claim) -> None:
    claim.verify()
