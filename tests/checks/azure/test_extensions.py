"""VM extensions that are left on a Windows VM."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Extension, Fact, Observation
from checks.healthy import azure_facts, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

SCRIPT = Extension("setup", "Microsoft.Compute", "CustomScriptExtension", "Succeeded")
COMMAND = Extension("RunCommandWindows", "Microsoft.CPlat.Core", "RunCommandWindows", "Succeeded")
SIGN_IN = Extension("AADLoginForWindows", "Microsoft.Azure.ActiveDirectory", "AADLoginForWindows", "Succeeded")
REFUSED: Fact[Any] = Fact.unknown("403")


def vm(*extensions: Extension, facts: Fact[Any] | None = None) -> Observation:
    return observation("windows", azure=azure_facts(platform="windows", extensions=facts or extensions))


CLAIMS = (
    clean("AZ-EXTENSION-001", "none", vm()),
    clean("AZ-EXTENSION-001", "what our scripts travel in", vm(COMMAND)),
    clean("AZ-EXTENSION-001", "the sign-in has a rule of its own", vm(SIGN_IN)),
    dirty("AZ-EXTENSION-001", "a script", vm(COMMAND, SCRIPT), "CustomScriptExtension"),
    absent("AZ-EXTENSION-001", "none", vm(facts=Fact.missing()), "passed"),
    unknown("AZ-EXTENSION-001", "ARM refused", vm(facts=REFUSED), "403"),
    clean("AZ-ENTRA-001", "another extension", vm(SCRIPT)),
    dirty("AZ-ENTRA-001", "the sign-in", vm(SIGN_IN), "AADLoginForWindows"),
    absent("AZ-ENTRA-001", "none", vm(facts=Fact.missing()), "passed"),
    unknown("AZ-ENTRA-001", "ARM refused", vm(facts=REFUSED), "403"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_extensions(claim: Claim) -> None:
    claim.verify()
