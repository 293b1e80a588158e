"""The Markdown summary, for `summary.md` and a CI job's page: the verdict first, then what is wrong, then the rest.

GitHub refuses a step summary over 1 MiB as a whole, so the least important sections are left out, with a mark, once
the budget is spent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from reports.evidence import Evidence, Result, Target, utc
from reports.notices import meaning, notices, obstacles, order_of_interest
from reports.text import log_safe, markdown
from reports.verdict import goal_reached

FILE_NAME = "summary.md"
BUDGET = (1 << 20) - 1024
"""Bytes: GitHub's limit, less a margin for what other steps' tools add."""


def render(evidence: Evidence) -> bytes:
    """Return the summary in Markdown, at most `BUDGET` bytes."""
    sections = [
        _head(evidence),
        _targets(evidence),
        _problems(evidence),
        _waivers(evidence),
        _run(evidence),
        *(_details(evidence, target) for target in evidence.targets),
    ]
    return within(BUDGET, [section for section in sections if section])


def _head(evidence: Evidence) -> str:
    lines = [f"# Sealproof: {evidence.verdict}", "", f"Mode *{evidence.run.mode}*: {meaning(evidence)}."]
    for text in notices(evidence):
        loud, _, rest = re.split(r"([.:])", text, maxsplit=1)
        lines.append(f"\n> [!WARNING]\n> **{loud}.** {markdown(rest.strip())}")
    return "\n".join(lines)


def _targets(evidence: Evidence) -> str:
    lines = ["## Targets", "", "| target | platform | outcome | gate | azure | guest | disk | checks |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for target in evidence.targets:
        seen = target.vantages
        gate = {True: "open", False: "closed", None: "not decided"}[target.gate.open]
        counts = Counter(row.outcome for row in evidence.rows(target.name))
        checks = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        cells = (
            markdown(target.name),
            target.platform,
            f"**{target.outcome}**",
            gate,
            seen.azure,
            seen.guest,
            seen.disk,
        )
        lines.append(f"| {' | '.join(cells)} | {checks} |")
    return "\n".join(lines)


def _problems(evidence: Evidence) -> str:
    lines = [line for target in order_of_interest(evidence.targets) for line in _target_problems(evidence, target)]
    if not lines:
        return ""
    header = ["| target | check | outcome | observed | expected | remedy |", "|---|---|---|---|---|---|"]
    return "\n".join(["## What is wrong", "", *header, *lines])


def _target_problems(evidence: Evidence, target: Target) -> list[str]:
    rows = obstacles(evidence, target)
    listed = {row.check for row in rows}
    lines = [line for row in rows for line in _problem_lines(row)]
    lines += [
        f"| {markdown(target.name)} | {markdown(reason.check or '')} | gate closed: {markdown(reason.code)} "
        f"| {markdown(reason.text)} |  | {_remedy(reason.remedy)} |"
        for reason in target.gate.reasons
        if reason.check not in listed
    ]
    if target.note and not goal_reached(evidence.run.mode, target):
        lines.append(f"| {markdown(target.name)} |  | {target.outcome} | {markdown(target.note)} |  |  |")
    return lines


def _problem_lines(row: Result) -> list[str]:
    start = f"| {markdown(row.target)} | {markdown(row.check)} {markdown(row.title)} | {row.outcome} "
    if not row.problems:
        return [f"{start}| {markdown(row.reason)} |  | {_remedy(row.fix)} |"]
    end = f"{_remedy(row.fix)} |"
    return [
        f"{start}| {markdown(item.where.rstrip(':'))}: {markdown(item.observed)} | {markdown(item.expected)} | {end}"
        for item in row.problems
    ]


def _remedy(text: str) -> str:
    return "<br>".join(markdown(part) for part in text.split("\n"))


def _waivers(evidence: Evidence) -> str:
    if not evidence.waivers:
        return ""
    lines = ["## Waivers", "", "| check | target | state | reason | approver | expires |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {markdown(item.check)} | {markdown(item.target)} | **{item.state}** | {markdown(item.reason)} "
        f"| {markdown(item.approver)} | {item.expires} |"
        for item in evidence.waivers
    ]
    return "\n".join(lines)


def _run(evidence: Evidence) -> str:
    run = evidence.run
    facts = {
        "run": run.id,
        "Azure Resource Manager": run.endpoint + (" (lab)" if run.lab else ""),
        "tenant": run.tenant,
        "principal": run.principal,
        "started": utc(run.started),
        "ended": utc(run.ended) if run.ended else "not yet",
        "arguments": " ".join(run.arguments),
        **run.versions,
        **{f"SHA-256 of {name}": digest for name, digest in run.digests.items()},
    }
    rows = [f"| {markdown(name)} | {markdown(value)} |" for name, value in facts.items() if value]
    return _folded("The run", ["|  |  |", "|---|---|", *rows])


def _details(evidence: Evidence, target: Target) -> str:
    lines = ["| check | phase | severity | outcome | |", "|---|---|---|---|---|"]
    for row in evidence.rows(target.name):
        said = "; ".join([item.sentence for item in row.problems] + ([row.reason] if row.reason else []))
        cells = (f"{markdown(row.check)} {markdown(row.title)}", row.phase, row.severity, row.outcome, markdown(said))
        lines.append(f"| {' | '.join(cells)} |")
    read = evidence.coverage.get(target.name)
    if read:
        volumes = ", ".join(f"{item.name}: {item.filesystem} {item.reason}".strip() for item in read.volumes)
        text = f"{read.bytes_read:,} of {read.size_bytes:,} bytes, {read.files_examined} files; {volumes}"
        lines += ["", f"Stopped disk: read {markdown(text)}."]
    if target.receipt:
        lines += ["", f"The step {target.receipt.outcome} {markdown(target.receipt.cause)}".rstrip() + "."]
    return _folded(f"Every check of {markdown(target.name)}", lines)


def _folded(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"<details><summary>{title}</summary>", "", *lines, "", "</details>"])


def within(budget: int, sections: Sequence[str]) -> bytes:
    """Join the sections, most important first; cut the one that breaks the budget at a line's end, drop the rest."""
    mark = "\n\n**Cut here: the rest did not fit. evidence.json has all of it.**\n"
    text = "\n\n".join(log_safe(section) for section in sections) + "\n"
    data = text.encode()
    if len(data) <= budget:
        return data
    kept = data[: budget - len(mark.encode()) - len(b"\n</details>")]
    kept = kept[: kept.rfind(b"\n")]
    closing = b"\n</details>" if kept.count(b"<details>") > kept.count(b"</details>") else b""
    return kept + closing + mark.encode()
