"""What a person reads at the end of a run: per target what became of it, why, and what to do.

Words tell, colours only help.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.evidence import Evidence, Mode, Reason, Result, Target
from reports.notices import meaning, notices, obstacles, order_of_interest, some
from reports.text import log_safe
from reports.verdict import goal_reached, left_to_prepare

_STYLES = {"proven": "bold green", "sealed": "bold yellow", "ready": "bold green", "failed": "bold red"}
_MOST_TARGETS = 50
_MOST_OBSTACLES = 10
_MOST_PROBLEMS = 5
_WIDEST_NAME = 22
"""With the outcome and what it was seen through, that fits 80 columns."""


def render(evidence: Evidence, width: int = 80, color: bool = False, folder: str = "") -> str:
    """Return the end of a run as text of `width` columns; `folder` is where the evidence lies, for the last lines.

    Safe to print in a CI job: guest text can start no CI command and no terminal control sequence.
    """
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(width, 40),
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in _parts(evidence, folder):
        if isinstance(part, Text) and part.no_wrap:
            # Said again here, since rich forgets what a text says of itself when it prints it.
            console.print(part, no_wrap=True, overflow="ignore", crop=False)
        else:
            console.print(part)
    text = "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())
    return log_safe(re.sub(r"\n{3,}", "\n\n", text))


def _parts(evidence: Evidence, folder: str) -> Iterator[Text | Padding | Table]:
    for notice in notices(evidence):
        yield Text(notice, style="bold yellow")
    yield Text()
    targets = order_of_interest(evidence.targets)
    rows = evidence.rows()
    widest = min(max((len(target.name) for target in targets), default=0), _WIDEST_NAME)
    for target in targets[:_MOST_TARGETS]:
        yield _heading(target, widest)
        explanation = list(_explanation(evidence.run.mode, target, rows[target.name]))
        yield from explanation
        if not goal_reached(evidence.run.mode, target) and explanation:
            yield Text()
    if len(targets) > _MOST_TARGETS:
        yield Text(f"and {len(targets) - _MOST_TARGETS} more targets: see summary.md")
    yield Text()
    reached = sum(goal_reached(evidence.run.mode, target) for target in targets)
    yield Text.assemble(
        "verdict: ",
        (evidence.verdict.upper(), _STYLES.get(evidence.verdict, "bold yellow")),
        f"  {meaning(evidence)}",
    )
    if evidence.waivers:
        used = sum(waiver.state == "used" for waiver in evidence.waivers)
        others = [f"{item.check} on {item.target}: {item.state}" for item in evidence.waivers if item.state != "used"]
        yield Text(f"waivers: {'; '.join([f'{used} used', *others[:_MOST_PROBLEMS]])}")
    yield Text(f"mode {evidence.run.mode}: {reached} of {len(targets)} targets reached the goal")
    for name, file in (("evidence", "evidence.json"), ("report", "report.html")) if folder else ():
        # Not wrapped, so that it can be clicked and copied.
        yield Text(f"{name + ':':9} {folder}/{file}", no_wrap=True, overflow="ignore")


def _heading(target: Target, widest: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=widest)
    grid.add_column(width=len("UNDETERMINED"))
    grid.add_column()
    grid.add_row(
        Text(target.name, style="bold"),
        Text(target.outcome.upper(), style=_STYLES.get(target.outcome, "bold yellow")),
        Text(_seen_through(target), style="dim"),
    )
    return grid


def _seen_through(target: Target) -> str:
    """Return what was looked at: `linux, guest real, disk real`; `linux snapshot, disk real`."""
    seen = target.vantages
    if target.kind != "vm":
        return f"{target.platform} {target.kind}, disk {seen.disk}"
    look = f", own look {seen.look}" if seen.look != "none" else ""
    return f"{target.platform}, guest {seen.guest}, disk {seen.disk}{look}"


def _explanation(mode: Mode, target: Target, rows: Sequence[Result]) -> Iterator[Padding]:
    """Return why a target is where it is, below its heading; what was warned or waived is only counted."""
    hindering = obstacles(target, rows)
    listed = {row.check for row in hindering}
    parts = [_failure(row) for row in hindering if row.problems]
    parts += [_silence(group) for group in _alike(row for row in hindering if not row.problems)]
    parts += [_reason(reason) for reason in target.gate.reasons if reason.check not in listed]
    for part in parts[:_MOST_OBSTACLES]:
        yield Padding(part, (0, 0, 0, 2))
    if len(parts) > _MOST_OBSTACLES:
        yield Padding(Text(f"and {len(parts) - _MOST_OBSTACLES} more: see summary.md"), (0, 0, 0, 2))
    said = {row.reason for row in hindering}
    if target.note and target.note not in said and not goal_reached(mode, target):
        yield Padding(_lines(("note", target.note)), (0, 0, 0, 2))
    remedied = [row.check for row in rows if left_to_prepare(row, target)]
    if remedied:
        said_of = f"{some(remedied)}: what they found is removed before the step"
        yield Padding(_lines(("to prepare", said_of)), (0, 0, 0, 2))
    for outcome in ("waived", "warned"):
        found = [f"{row.check} {row.rule.title}" for row in rows if row.outcome == outcome]
        for text in found[:_MOST_PROBLEMS]:
            yield Padding(_lines((outcome, text)), (0, 0, 0, 2))
        if len(found) > _MOST_PROBLEMS:
            yield Padding(_lines((outcome, f"and {len(found) - _MOST_PROBLEMS} more")), (0, 0, 0, 2))


def _failure(row: Result) -> Table:
    said = [("seen", item.sentence) for item in row.problems[:_MOST_PROBLEMS]]
    if len(row.problems) > _MOST_PROBLEMS:
        said.append(("seen", f"and {len(row.problems) - _MOST_PROBLEMS} more like these"))
    return _lines((row.outcome, f"{row.check} {row.rule.title}"), *said, ("fix", row.rule.fix), loud=True)


def _silence(rows: Sequence[Result]) -> Table:
    """Return what is said of checks that found no problem and yet did not pass, all for one reason."""
    first, *others = rows
    named = f"{first.check} {first.rule.title}" if not others else some([row.check for row in rows])
    return _lines((first.outcome, named), ("why", first.reason or "no reason was recorded"))


def _alike(rows: Iterable[Result]) -> list[list[Result]]:
    groups: dict[tuple[str, str], list[Result]] = {}
    for row in rows:
        groups.setdefault((row.outcome, row.reason), []).append(row)
    return list(groups.values())


def _reason(reason: Reason) -> Table:
    return _lines(("gate", f"{reason.code}: {reason.text}"), ("fix", reason.remedy), loud=True)


def _lines(*pairs: tuple[str, str], loud: bool = False) -> Table:
    """Return a small table of a word and what it introduces; wrapped text stays in its column."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=len("undetermined"))
    grid.add_column(overflow="fold")
    for index, (word, text) in enumerate(pairs):
        if text:
            grid.add_row(Text(word, style="red" if loud and index == 0 else "dim"), Text(text, overflow="fold"))
    return grid
