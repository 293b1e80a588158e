"""The platform's label `OSState/generalized`: somebody called generalize. It never says that the guest is sealed."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts, UnknownFact

_WHERE = "the instance view's OSState"
_READS = 2
_SOURCE = "https://learn.microsoft.com/azure/virtual-machines/generalize"


@check(
    "AZ-STATE-001",
    "the VM is not generalized yet",
    phase="pre",
    severity="blocker",
    waivable=False,
    why="A VM that carries the label can never start again. Nothing can be asked of its guest and nothing repaired in "
    "it; all that is left is to judge its stopped disk.",
    fix="To judge what somebody else sealed, run with --confirm. To seal, build a new VM and generalize that one.",
    source=_SOURCE,
    grade="D",
)
def check_state_specialized(azure: AzureFacts) -> list[Problem]:
    if any(_reads(azure)):
        return [problem(observed="generalized", expected="not generalized", where=_WHERE)]
    return []


@check(
    "AZ-STATE-002",
    "the platform calls the VM generalized, on two reads",
    phase="post",
    severity="blocker",
    waivable=False,
    why="Without the label no managed image can be made of the VM, and somebody may still start it and break the seal. "
    "One read may come from a replica that lags.",
    fix="az vm generalize --ids VM_ID, and only once the stopped disk was proven to be sealed.",
    source=_SOURCE,
    grade="D",
)
def check_state_generalized(azure: AzureFacts) -> list[Problem]:
    reads = _reads(azure)
    if not all(reads):
        seen = f"generalized in {sum(reads)} of {len(reads)} reads"
        return [problem(observed=seen, expected="generalized in every read", where=_WHERE)]
    if len(reads) < _READS:
        raise UnknownFact(f"the instance view was read {len(reads)} time(s); {_READS} reads must agree")
    return []


def _reads(azure: AzureFacts) -> tuple[bool, ...]:
    reads = azure.generalized.value
    if not reads:
        raise UnknownFact("the instance view was never read")
    return reads
