from __future__ import annotations

from typing import Any

import pytest

from checks.facts import DiskVolume, Observation, Policy, Unobserved
from checks.healthy import coverage, linux_disk, sealed_observation, windows_disk
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, unknown

CHECK, OPENED = "DISK-COVERAGE-001", "DISK-COVERAGE-002"
NO_DISK = sealed_observation(disk=Unobserved("witness: guest", applicable=False))


def disk(**overrides: Any) -> Observation:
    return sealed_observation(disk=linux_disk(coverage=coverage(**overrides)))


CLAIMS = (
    clean(CHECK, "a boot partition and a root file system", disk()),
    clean(CHECK, "a Windows disk", sealed_observation("windows", disk=windows_disk())),
    absent(CHECK, "no volumes", disk(volumes=()), "undetermined", "0 volumes and no file system"),
    absent(
        CHECK,
        "no disk in this mode",
        sealed_observation(disk=Unobserved("witness: guest", applicable=False)),
        "not applicable",
    ),
    absent(
        CHECK,
        "the guest testifies",
        sealed_observation(look=linux_disk(), policy=Policy(witness="guest")),
        "not applicable",
    ),
    unknown(
        CHECK,
        "an encrypted volume",
        disk(volumes=(DiskVolume("partition 1", "ext4", ""), DiskVolume("partition 2", "unreadable", "crypto_LUKS"))),
        "partition 2: crypto_LUKS",
    ),
    unknown(
        CHECK, "a volume without a reason", disk(volumes=(DiskVolume("partition 1", "unreadable", ""),)), "no reason"
    ),
    unknown(
        CHECK,
        "a volume that nothing mounts",
        disk(volumes=(DiskVolume("partition 1", "ext4", ""), DiskVolume("partition 2", "ext4", "nothing mounts it"))),
        "partition 2: nothing mounts it",
    ),
    unknown(CHECK, "volumes without a file system", disk(volumes=(DiskVolume("p1", "none", ""),)), "no file system"),
    unknown(CHECK, "no file was examined", disk(files_examined=0), "no file"),
    clean(OPENED, "all was opened", disk()),
    absent(OPENED, "a target whose disk is not the witness", NO_DISK, "not applicable"),
    unknown(OPENED, "a damaged folder", disk(gaps=("/var/log: damaged (logs)",)), "/var/log"),
    unknown(CHECK, "the reader died", sealed_observation(disk=Unobserved("the reader ran out of memory")), "memory"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_coverage(claim: Claim) -> None:
    claim.verify()


def test_every_unreadable_volume_is_named() -> None:
    volumes = tuple(DiskVolume(f"partition {number}", "unreadable", "damaged") for number in (1, 2))

    reason = judge(catalogue()[CHECK], disk(volumes=volumes)).reason

    assert "partition 1" in reason
    assert "partition 2" in reason
