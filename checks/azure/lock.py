"""Management locks that apply to the VM, or to its OS disk."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import AzureFacts

# What each level was seen to refuse. A level that is not listed blocks as well: we do not know what it refuses.
_REFUSES = {
    "cannotdelete": "CanNotDelete, which refuses deallocate",
    "readonly": "ReadOnly, which refuses every POST: run-command, deallocate, generalize, and read access to a disk",
}


@check(
    "AZ-LOCK-001",
    "no management lock applies to the VM or its OS disk",
    phase="pre",
    severity="blocker",
    waivable=False,
    why="A lock lets the guest be sealed and then refuses the platform's half. What is left is a VM that was wiped "
    "and can't be finished. A lock on the OS disk refuses the access by which the disk is read and judged.",
    fix="az lock delete --ids LOCK_ID for the time of the run, and set it again afterwards.",
    source="https://github.com/MicrosoftDocs/azure-docs/issues/50385",
    grade="I",
)
def check_lock_absent(azure: AzureFacts) -> list[Problem]:
    return [
        problem(
            observed=_REFUSES.get(lock.level.lower(), f"level {lock.level or '(none)'}"),
            expected="no lock",
            where=f"lock {lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}",
        )
        for lock in azure.locks.value_or(())
    ]
