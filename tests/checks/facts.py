"""The builders of facts that teams use for their checks; so do ours."""

from checks.healthy import (
    GROUP,
    SEALED,
    SUBSCRIPTION,
    azure_facts,
    coverage,
    linux_disk,
    linux_guest,
    observation,
    os_disk,
    ovf_account,
    receipt,
    sealed_azure_facts,
    sealed_observation,
    windows_disk,
    windows_guest,
)

__all__ = [
    "GROUP",
    "SEALED",
    "SUBSCRIPTION",
    "azure_facts",
    "coverage",
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
