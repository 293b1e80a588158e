"""The table of docs/reliability.md: what was struck, and what came of it.

`make faults` keeps what each campaign found in .cache/faults, and then writes the page: python -m tests.faults.table
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from runners.cli import ROOT
from tests.faults.campaign import GOOD, Clean, Finding
from tests.faults.truth import MOST_UPDATES

KEPT = ROOT / ".cache" / "faults"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make faults: begin -->\n", "<!-- written by make faults: end -->\n"
CAMPAIGNS = {
    "refusals": "Azure refuses",
    "connections": "Connections, operations and answers",
    "others": "Somebody else, and the agent",
    "crashes": "The process is killed (SIGKILL)",
    "windows": "Windows, which Sysprep shuts down",
    "quitting": "Windows, whose Sysprep quits and was launched through managed Run Command",
    "windows-crashes": "Windows, and the process is killed (SIGKILL)",
    "pairs": "Two in one run",
}
UNSTRUCK = {
    "refusals": "on one Linux VM",
    "windows": "on one Windows VM",
    "quitting": "on one whose Sysprep quits and is launched through managed Run Command",
}
"""Of whose campaigns the page says what a run does that nothing strikes."""
HEAD = (
    "what goes wrong",
    "calls struck",
    "proven at once",
    "proven by the next run",
    "stopped, and told",
    "violations",
    "calls that never came",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: how often something was made to go wrong, and what came of it."""

    title: str
    struck: int
    survived: int
    later: int
    stopped: int
    violations: int
    never: int

    @classmethod
    def of(cls, title: str, found: Sequence[Finding]) -> Row:
        """Count the findings of one family."""
        struck = [item for item in found if item.struck]
        survived = sum(item.outcomes[0] in GOOD for item in struck)
        later = sum(item.outcomes[0] not in GOOD and item.outcomes[-1] in GOOD for item in struck)
        broken = sum(bool(item.broken) for item in found)
        stopped = len(struck) - survived - later
        return cls(title, len(struck), survived, later, stopped, broken, len(found) - len(struck))

    def __str__(self) -> str:
        numbers = (self.struck, self.survived, self.later, self.stopped, self.violations, self.never)
        return f"| {self.title} | {' | '.join(str(number) for number in numbers)} |"


def rows(found: Iterable[Finding]) -> list[Row]:
    """Return a row for each family, in the order in which they come."""
    by_title: dict[str, list[Finding]] = {}
    for item in found:
        by_title.setdefault(item.title, []).append(item)
    return [Row.of(title, some) for title, some in by_title.items()]


def keep(campaign: str, found: Sequence[Finding], seen: Clean) -> None:
    """Keep what a campaign found, for the page."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = {
        "rows": [asdict(row) for row in rows(found)],
        "updates": max(item.updates for item in found),
        "calls": seen.requests,
        "clean_updates": seen.updates,
    }
    (KEPT / f"{campaign}.json").write_text(json.dumps(kept, indent=2), encoding="utf-8")


def table() -> str:
    """Return the tables of all campaigns that were kept. Raises `FileNotFoundError` where one was never run."""
    parts, unstruck, updates, struck, violations = [], [], 0, 0, 0
    for campaign, title in CAMPAIGNS.items():
        kept = json.loads((KEPT / f"{campaign}.json").read_text(encoding="utf-8"))
        some = [Row(**row) for row in kept["rows"]]
        updates = max(updates, kept["updates"])
        if campaign in UNSTRUCK:
            unstruck.append(f"{UNSTRUCK[campaign]} {kept['calls']} calls, {kept['clean_updates']} of them updates")
        struck += sum(row.struck for row in some)
        violations += sum(row.violations for row in some)
        lines = [f"### {title}", "", f"| {' | '.join(HEAD)} |", "|---|---|---|---|---|---|---|", *map(str, some), ""]
        parts.append("\n".join(lines))
    total = (
        f"**{struck:,} runs were struck; violations: {violations}.** A run that nothing strikes makes, "
        f"{'; '.join(unstruck)} of the VM. No run made more than {updates} updates of a VM; Azure allows "
        f"{MOST_UPDATES} in a burst.\n"
    )
    return "\n".join([total, *parts])


def written(page: str, text: str) -> str:
    """Return the page with `text` between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{text}{END}{after}"


def main(page: Path = PAGE) -> int:
    """Write the page."""
    text = page.read_text(encoding="utf-8")
    page.write_text(written(text, table()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
