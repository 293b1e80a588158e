"""What the fleet file has Sealproof remove beside waagent's own work."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest, Policy


def _cloud_init_asked(policy: Policy) -> bool:
    return policy.cloud_init is not None


@check(
    "LNX-CLEAN-001",
    "cloud-init is installed where the fleet file asks for its cleaning",
    phase="pre",
    platform="linux",
    severity="blocker",
    waivable=False,
    applies=_cloud_init_asked,
    why="The launched step cleans cloud-init first, and does not start waagent where that fails: the VM would be "
    "powered off and nothing sealed.",
    fix="cloud_init: off in the target's entry of the fleet file, or install cloud-init.",
    source="runners/generalize/scripts: our own launch script",
    grade="S",
)
def check_cleaning_cloud_init_installed(guest: LinuxGuest) -> list[Problem]:
    if not guest.residue.cloud_init_tool.absent:
        return []
    return [problem(observed="not found", expected="cloud-init", where="PATH")]
