"""How a row of the record looks as the outcome of a pytest item."""

from __future__ import annotations

from reports.evidence import Result, Target
from reports.text import line, log_safe

REPORT_ATTRIBUTE = "sealproof"
"""The attribute of a pytest report that carries `{"explained": bool, "outcome": str}`.

`explained`: the item failed because of what the record holds. `outcome`: of the row that the item shows, or nothing."""

SHOWN = {
    # outcome -> (letter, word with -v)
    "warned": ("w", "WARNED"),
    "waived": ("x", "WAIVED"),
    "undetermined": ("U", "UNDETERMINED"),
    "blocked": ("B", "BLOCKED"),
    "not applicable": ("-", "NOT APPLICABLE"),
}
"""What pytest's own words would hide. Passed and failed keep pytest's."""


def message(row: Result) -> str:
    """Return what a person needs to know of a row: the outcome's word first, then what was seen, and what to do."""
    head = f"{row.outcome}: {row.check} {row.rule.title}"
    if row.outcome in ("blocked", "undetermined", "not applicable", "waived"):
        head = f"{head}: {line(row.reason)}"
    if row.outcome == "blocked":
        return log_safe(head)
    seen = [f"  {item.where}: {item.observed} (required: {item.expected})" for item in row.problems]
    fix = [f"  fix: {row.rule.fix}"] if row.outcome in ("failed", "warned", "undetermined") else []
    return log_safe("\n".join([head, *seen, *fix]))


def fails(row: Result) -> bool:
    """Return whether the row's item fails: blockers decide, nothing else does."""
    return row.severity == "blocker" and row.outcome in ("failed", "undetermined", "blocked")


def refusal(target: Target) -> str:
    """Return why a target was not generalized, in one text; empty when it was."""
    if target.gate.open is False:
        # What a check found is told by its own item; what has no item, such as a forecast, is told here.
        named = ", ".join(dict.fromkeys(item.check for item in target.gate.reasons if item.check))
        others = [item for item in target.gate.reasons if item.code not in ("failed", "undetermined")]
        reasons = "".join(f"\n  {item.text}\n    fix: {item.remedy}" for item in others)
        return log_safe(f"gate closed: {target.name} was not generalized{f' ({named})' if named else ''}{reasons}")
    reached = target.outcome in ("proven", "sealed")
    return log_safe(f"{target.name}: {target.note}") if target.note and not reached else ""
