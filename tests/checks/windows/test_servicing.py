"""Restarts that are due, and Windows' own servicing."""

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


RESTARTS = (
    clean("WIN-RESTART-001", "none", guest(restart_signs=())),
    dirty("WIN-RESTART-001", "component servicing", guest(restart_signs=("RebootPending",)), "component servicing"),
    dirty(
        "WIN-RESTART-001",
        "packages and updates",
        guest(restart_signs=("PackagesPending", "RebootRequired")),
        "PackagesPending",
        "Windows Update",
    ),
    absent("WIN-RESTART-001", "no such key", guest(restart_signs=NONE), "passed"),
    unknown("WIN-RESTART-001", "registry not read", guest(restart_signs=UNREAD), "denied"),
    clean("WIN-RESTART-002", "none", guest(pending_renames=0)),
    dirty("WIN-RESTART-002", "three", guest(pending_renames=3), "3 file(s)"),
    absent("WIN-RESTART-002", "no such value", guest(pending_renames=NONE), "passed"),
    unknown("WIN-RESTART-002", "registry not read", guest(pending_renames=UNREAD), "denied"),
    clean("WIN-RESTART-003", "one name", guest(computer_rename_pending=False)),
    dirty("WIN-RESTART-003", "two names", guest(computer_rename_pending=True), "next start"),
    absent("WIN-RESTART-003", "no name in the registry", guest(computer_rename_pending=NONE), "undetermined"),
    unknown("WIN-RESTART-003", "registry not read", guest(computer_rename_pending=UNREAD), "denied"),
)

INSTALLER = (
    clean("WIN-SERVICING-001", "manual", guest(installer_start=3)),
    clean("WIN-SERVICING-001", "automatic", guest(installer_start=2)),
    dirty("WIN-SERVICING-001", "disabled", guest(installer_start=4), "disabled"),
    absent("WIN-SERVICING-001", "no such service", guest(installer_start=NONE), "failed", "no such service"),
    unknown("WIN-SERVICING-001", "registry not read", guest(installer_start=UNREAD), "denied"),
    clean("WIN-SERVICING-002", "nothing runs", guest(busy_processes=())),
    clean("WIN-SERVICING-002", "Sysprep has a rule of its own", guest(busy_processes=("sysprep",))),
    dirty(
        "WIN-SERVICING-002",
        "an update and an installer",
        guest(busy_processes=("msiexec", "TiWorker")),
        "process msiexec",
        "process TiWorker",
    ),
    absent("WIN-SERVICING-002", "nothing runs", guest(busy_processes=NONE), "passed"),
    unknown("WIN-SERVICING-002", "processes not read", guest(busy_processes=UNREAD), "denied"),
    clean("WIN-SERVICING-003", "healthy", guest(component_store="Healthy")),
    dirty("WIN-SERVICING-003", "damaged", guest(component_store="Repairable"), "Repairable"),
    absent("WIN-SERVICING-003", "no answer", guest(component_store=NONE), "undetermined"),
    unknown("WIN-SERVICING-003", "DISM hangs", guest(component_store=UNREAD), "denied"),
    clean("WIN-RESERVE-001", "unused", guest(reserve_scenario=0)),
    dirty("WIN-RESERVE-001", "in use", guest(reserve_scenario=2), "ActiveScenario"),
    absent("WIN-RESERVE-001", "Windows without reserved storage", guest(reserve_scenario=NONE), "passed"),
    unknown("WIN-RESERVE-001", "registry not read", guest(reserve_scenario=UNREAD), "denied"),
)

CLAIMS = RESTARTS + INSTALLER


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_servicing(claim: Claim) -> None:
    claim.verify()
