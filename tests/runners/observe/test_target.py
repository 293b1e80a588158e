"""What the fleet file asks of a target reaches the checks."""

from __future__ import annotations

from checks.healthy import GROUP
from runners.fleet import Target
from runners.observe.target import policy_of


def test_accounts_that_may_stay_reach_the_checks() -> None:
    target = Target(name="golden", id=f"{GROUP}/virtualMachines/golden", allow_accounts=("backup-operator",))

    assert policy_of(target).allow_accounts == ("backup-operator",)
