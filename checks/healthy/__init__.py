"""Facts of healthy targets, for tests of checks: each function returns such facts, and keywords change single ones.

A keyword takes a `Fact`, or a plain value that is wrapped as `Fact.of(value)` where the field is a fact; `own` takes
what own probes print:

    linux_guest(encrypted_volumes=("sda2 (crypto_LUKS)",), agent=Fact.missing())
    linux_guest(own={"kernel_args": "quiet", "broken": Fact.unknown("the own probe broken failed")})
"""

from checks.healthy.artifact import artifact
from checks.healthy.azure import GROUP, SUBSCRIPTION, azure_facts, os_disk, sealed_azure_facts
from checks.healthy.disk import coverage
from checks.healthy.linux import linux_disk, linux_guest, ovf_account
from checks.healthy.observations import foretold, observation, receipt, sealed_observation
from checks.healthy.windows import SEALED, windows_disk, windows_guest

__all__ = [
    "GROUP",
    "SEALED",
    "SUBSCRIPTION",
    "artifact",
    "azure_facts",
    "coverage",
    "foretold",
    "linux_disk",
    "linux_guest",
    "observation",
    "os_disk",
    "ovf_account",
    "receipt",
    "sealed_azure_facts",
    "sealed_observation",
    "windows_disk",
    "windows_guest",
]
