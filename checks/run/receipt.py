"""The receipt: what the runner saw while it generalized."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Receipt, UnknownFact


@check(
    "RUN-RECEIPT-001",
    "the sealing step succeeded",
    phase="post",
    severity="blocker",
    waivable=False,
    why="A seal that failed or hung leaves a guest that is neither the old machine nor an image. The exit code does "
    "not show it: waagent swallows its errors, and a failed guest script is a succeeded Azure operation.",
    fix="Read the cause and the excerpt in the receipt. Repair or rebuild the VM; do not repeat the step blindly.",
    source="https://github.com/Azure/WALinuxAgent (agent.py, main) and recorded runs of waagent 2.7.3 and 2.15",
    grade="T",
)
def check_receipt_succeeded(receipt: Receipt) -> list[Problem]:
    if receipt.outcome == "succeeded":
        return []
    if receipt.outcome in ("failed", "hung"):
        seen = f"{receipt.outcome}: {receipt.cause or 'no cause was found'}"
        return [problem(observed=seen, expected="succeeded", where="the receipt")]
    raise UnknownFact(f"the outcome of the sealing step is {receipt.outcome}: {receipt.cause or 'no cause was found'}")
