"""Whole observations of healthy targets, before and after the step."""

from __future__ import annotations

from typing import Any

from checks.facts import Fact, Foretold, Observation, Policy, Receipt, Unobserved
from checks.healthy.azure import azure_facts, sealed_azure_facts
from checks.healthy.build import build
from checks.healthy.linux import linux_disk, linux_guest
from checks.healthy.windows import windows_disk, windows_guest


def receipt(**overrides: Any) -> Receipt:
    """Return the receipt of a generalization that succeeded."""
    return build(Receipt, {"outcome": "succeeded", "cause": "", "launched_as": "root", "excerpt": ()}, overrides)


def foretold(survives: bool | Fact[bool] = False, **overrides: Any) -> Foretold:
    """Return what was foretold of the machine-id: that it goes."""
    healthy = {
        "check": "LNX-MACHINE-001",
        "clean": "machine-id",
        "what": "the machine-id",
        "remedy": "",
        "survives": survives,
    }
    return build(Foretold, healthy, overrides)


def observation(platform: str = "linux", **vantages: Any) -> Observation:
    """Return the observation of a healthy target before it is generalized: azure and guest were seen.

    Keywords set vantages whole: `observation(guest=linux_guest(...), policy=Policy(...))`.
    """
    linux = platform == "linux"
    healthy = {
        "platform": platform,
        "azure": azure_facts(platform=platform),
        "guest": linux_guest() if linux else windows_guest(),
        "forecast": (foretold(),) if linux else (),
    }
    return build(Observation, healthy, vantages)


def sealed_observation(platform: str = "linux", **vantages: Any) -> Observation:
    """Return the observation of a target that was generalized well: azure, disk, receipt and the one before."""
    healthy = {
        "platform": platform,
        "azure": sealed_azure_facts(platform=platform),
        "guest": Unobserved("a generalized VM can't be asked", applicable=False),
        "disk": linux_disk() if platform == "linux" else windows_disk(),
        "receipt": receipt(),
        "before": observation(platform),
        "policy": Policy(),
    }
    return build(Observation, healthy, vantages)
