"""The Markdown summary, for `summary.md` and a CI job's page: the verdict first, then what is wrong, then the rest.

GitHub refuses a step summary over 1 MiB as a whole, so the least important sections are left out, with a mark, once
the budget is spent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reports.evidence import Evidence, Mode, Result, Target, utc
from reports.forecast import forecasts
from reports.notices import meaning, notices, obstacles, order_of_interest
from reports.text import log_safe, markdown
from reports.verdict import goal_reached

FILE_NAME = "summary.md"
BUDGET = (1 << 20) - 1024
"""Bytes: GitHub's limit, less a margin for what other steps' tools add."""

_Rows = Mapping[str, Sequence[Result]]


def render(evidence: Evidence, budget: int = BUDGET) -> bytes:
    """Return the summary in Markdown, at most `budget` bytes."""
    return within(budget, _sections(evidence))


def _sections(evidence: Evidence) -> Iterator[str]:
    """Return the parts, most important first."""
    rows = evidence.rows()
    yield _head(evidence)
    yield _targets(evidence, rows)
    yield _problems(evidence, rows)
    yield _plain_tests(evidence)
    yield _waivers(evidence)
    yield forecasts(evidence, rows)
    yield _run(evidence)
    for target in order_of_interest(evidence.targets):
        yield _details(evidence, target, rows[target.name])


def _head(evidence: Evidence) -> str:
    lines = [f"# Sealproof: {evidence.verdict}", "", f"Mode *{evidence.run.mode}*: {meaning(evidence)}."]
    for text in notices(evidence):
        loud, _, rest = re.split(r"([.:])", text, maxsplit=1)
        lines.append(f"\n> [!WARNING]\n> **{loud}.** {markdown(rest.strip())}")
    return "\n".join(lines)


def _targets(evidence: Evidence, rows: _Rows) -> str:
    # In mode confirm no gate is decided: the column would say nothing.
    columns = ["target", "platform", "outcome", "gate", "azure", "guest", "disk", "checks"]
    if evidence.run.mode == "confirm":
        columns.remove("gate")
    lines = ["## Targets", "", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for target in order_of_interest(evidence.targets):
        seen = target.vantages
        gate = {True: "open", False: "closed", None: "not decided"}[target.gate.open]
        counts = Counter(row.outcome for row in rows[target.name])
        checks = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        cells = {
            "target": markdown(target.name),
            "platform": target.platform,
            "outcome": f"**{target.outcome}**",
            "gate": gate,
            "azure": seen.azure,
            "guest": seen.guest,
            "disk": seen.disk,
            "checks": checks,
        }
        lines.append(f"| {' | '.join(cells[column] for column in columns)} |")
    return "\n".join(lines)


def _problems(evidence: Evidence, rows: _Rows) -> str:
    mode = evidence.run.mode
    targets = order_of_interest(evidence.targets)
    lines = [line for target in targets for line in _target_problems(mode, target, rows[target.name])]
    if not lines:
        return ""
    header = ["| target | check | outcome | observed | expected | remedy |", "|---|---|---|---|---|---|"]
    return "\n".join(["## What is wrong", "", *header, *lines])


def _target_problems(mode: Mode, target: Target, rows: Iterable[Result]) -> list[str]:
    hindering = obstacles(target, rows)
    listed = {row.check for row in hindering}
    lines = [line for row in hindering for line in _problem_lines(row)]
    lines += [
        f"| {markdown(target.name)} | {markdown(reason.check or '')} | gate closed: {markdown(reason.code)} "
        f"| {markdown(reason.text)} |  | {_remedy(reason.remedy)} |"
        for reason in target.gate.reasons
        if reason.check not in listed
    ]
    if target.note and not goal_reached(mode, target):
        lines.append(f"| {markdown(target.name)} |  | {target.outcome} | {markdown(target.note)} |  |  |")
    return lines


def _problem_lines(row: Result) -> list[str]:
    start = f"| {markdown(row.target)} | {markdown(row.check)} {markdown(row.rule.title)} | {row.outcome} "
    if not row.problems:
        return [f"{start}| {markdown(row.reason)} |  | {_remedy(row.rule.fix)} |"]
    end = f"{_remedy(row.rule.fix)} |"
    return [
        f"{start}| {markdown(item.where.rstrip(':'))}: {markdown(item.observed)} | {markdown(item.expected)} | {end}"
        for item in row.problems
    ]


def _remedy(text: str) -> str:
    return "<br>".join(markdown(part) for part in text.split("\n"))


def _plain_tests(evidence: Evidence) -> str:
    """Return what the plain tests said that did not pass; those that did are a number."""
    against = [item for item in evidence.tests if item.outcome != "passed"]
    if not evidence.tests:
        return ""
    lines = ["## Plain tests", "", f"{len(evidence.tests) - len(against)} of {len(evidence.tests)} passed."]
    lines += ["", "| test | target | outcome | reason |", "|---|---|---|---|"] if against else []
    lines += [
        f"| {markdown(item.test)} | {markdown(item.target or 'every one')} | {item.outcome} | {markdown(item.reason)} |"
        for item in against
    ]
    return "\n".join(lines)


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
        "selected": "; ".join(f"{item.query}: {item.count} VM(s), {utc(item.at)}" for item in run.selected),
        **run.versions,
        **{f"SHA-256 of {name}": digest for name, digest in run.digests.items()},
    }
    rows = [f"| {markdown(name)} | {markdown(value)} |" for name, value in facts.items() if value]
    return _folded("The run", ["|  |  |", "|---|---|", *rows])


def _details(evidence: Evidence, target: Target, rows: Iterable[Result]) -> str:
    lines = ["| check | phase | severity | outcome | |", "|---|---|---|---|---|"]
    for row in rows:
        said = "; ".join([item.sentence for item in row.problems] + ([row.reason] if row.reason else []))
        cells = (
            f"{markdown(row.check)} {markdown(row.rule.title)}",
            row.phase,
            row.severity,
            row.outcome,
            markdown(said),
        )
        lines.append(f"| {' | '.join(cells)} |")
    read = evidence.coverage.get(target.name)
    if read:
        volumes = ", ".join(f"{item.name}: {item.filesystem} {item.reason}".strip() for item in read.volumes)
        amount = f"{read.bytes_read:,} of {read.size_bytes:,} bytes in {read.requests} requests"
        text = f"{amount}, {read.files_examined} files; {volumes}"
        lines += ["", f"Stopped disk: read {markdown(text)}."]
        lines += [f"Not looked at: {markdown(gap)}." for gap in read.gaps[:10]]
    if target.receipt:
        lines += ["", f"The step {target.receipt.outcome} {markdown(target.receipt.cause)}".rstrip() + "."]
        lines += [f"What to do: {markdown(target.receipt.remedy)}."] if target.receipt.remedy else []
    return _folded(f"Every check of {markdown(target.name)}", lines)


def _folded(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"<details><summary>{title}</summary>", "", *lines, "", "</details>"])


def within(budget: int, sections: Iterable[str]) -> bytes:
    """Join sections, most important first, to at most `budget` bytes; empty ones are left out.

    The one that breaks the budget is cut at a line's end, and those after it are not even made.
    """
    data = b""
    for section in filter(None, sections):
        data += (b"\n" if data else b"") + (log_safe(section) + "\n").encode()
        if len(data) > budget:
            break
    else:
        return data
    mark = b"\n\n**Cut here: the rest did not fit. evidence.json has all of it.**\n"
    kept = data[: budget - len(mark) - len(b"\n</details>")]
    kept = kept[: kept.rfind(b"\n")]
    closing = b"\n</details>" if kept.count(b"<details>") > kept.count(b"</details>") else b""
    return kept + closing + mark
