from __future__ import annotations

import pytest

from checks.facts import Fact
from checks.healthy import azure_facts, observation
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

CHECK = "AZ-SERIAL-001"

CLAIMS = (
    clean(CHECK, "boot diagnostics on", observation(azure=azure_facts(serial_log=True))),
    dirty(CHECK, "boot diagnostics off", observation(azure=azure_facts(serial_log=False)), "bootDiagnostics"),
    absent(CHECK, "no diagnostics profile", observation(azure=azure_facts(serial_log=Fact.missing())), "failed"),
    unknown(CHECK, "no model", observation(azure=azure_facts(serial_log=Fact.unknown("ARM answered 403"))), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_serial_log(claim: Claim) -> None:
    claim.verify()


def test_windows_needs_no_serial_log() -> None:
    unlogged = observation("windows", azure=azure_facts(platform="windows", serial_log=False))

    assert judge(catalogue()[CHECK], unlogged).outcome == "not applicable"
