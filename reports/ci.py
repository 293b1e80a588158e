"""What a run tells the CI system that it runs in: a few annotations, in the commands of its log. Pure.

GitHub shows ten annotations of a kind for each step, so the worst come first and the last one says how many are left
out. Every text in a command went through `log_safe` and the system's own escaping: it ends no command and starts none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reports.evidence import Evidence
from reports.faults import Fault, faults_of, rules_of
from reports.notices import notices, some
from reports.text import line, log_safe

MOST = 10
"""Annotations of one kind that GitHub shows for a step."""
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line that a CI system shows beside a job."""

    level: Literal["error", "warning"]
    title: str
    text: str


def annotated(evidence: Evidence) -> list[Annotation]:
    """Return what is wrong, at most `MOST` of each level, the worst first."""
    rows = evidence.rows()
    rules = rules_of(evidence)
    errors = [_of(fault) for fault in faults_of(evidence, rows, rules)]
    loud = [Annotation("warning", f"Sealproof: {evidence.verdict}", text) for text in notices(evidence)]
    warned: dict[str, list[str]] = {}
    for row in evidence.results:
        if row.outcome in ("warned", "waived"):
            warned.setdefault(row.check, []).append(row.target)
    warnings = [
        Annotation(
            "warning", f"{check} {rules[check].first.outcome}", f"{rules[check].first.rule.title}: {some(names)}"
        )
        for check, names in sorted(warned.items(), key=lambda item: -len(item[1]))
    ]
    return [*_few(errors), *_few(loud + warnings)]


def github(evidence: Evidence) -> str:
    """Return the annotations as workflow commands of GitHub Actions."""
    commands = (
        f"::{item.level} title={_github_property(item.title)}::{_github_text(item.text)}\n"
        for item in annotated(evidence)
    )
    return "".join(commands)


def github_outputs(evidence: Evidence, folder: Path) -> str:
    """Return what later steps of a job can read as `steps.ID.outputs.NAME`: lines for $GITHUB_OUTPUT."""
    return f"verdict={evidence.verdict}\nevidence={line(str(folder), 4000)}\n"


def azure(evidence: Evidence, folder: Path) -> str:
    """Return the annotations as logging commands of Azure Pipelines, the summary's upload and the verdict."""
    issues = (
        f"##vso[task.logissue type={item.level}]{_azure_text(f'{item.title}: {item.text}')}\n"
        for item in annotated(evidence)
    )
    place = _azure_text(str(folder.absolute()))
    return "".join(
        (
            *issues,
            f"##vso[task.uploadsummary]{place}/summary.md\n",
            f"##vso[task.setvariable variable=SEALPROOF_VERDICT;isOutput=true]{evidence.verdict}\n",
            f"##vso[task.setvariable variable=SEALPROOF_EVIDENCE;isOutput=true]{place}\n",
        )
    )


def _of(fault: Fault) -> Annotation:
    title = f"{fault.rule.first.check} {fault.outcome}" if fault.rule else fault.outcome
    seen = next((problem.sentence for hit in fault.hits for problem in hit.problems), "")
    parts = (fault.title, f"on {some(fault.names)}", seen, f"what to do: {_remedy(fault)}" if _remedy(fault) else "")
    return Annotation("error", title, ". ".join(part.rstrip(".") for part in parts if part))


def _remedy(fault: Fault) -> str:
    return fault.rule.first.rule.fix if fault.rule else fault.remedy


def _few(found: Iterable[Annotation]) -> list[Annotation]:
    every = list(found)
    if len(every) <= MOST:
        return every
    left = len(every) - MOST + 1
    return [
        *every[: MOST - 1],
        Annotation(every[0].level, "Sealproof", f"and {left} more: see summary.md, report.html"),
    ]


def _plain(text: str) -> str:
    return log_safe(line(text, _LONGEST))


def _github_text(text: str) -> str:
    return _plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


def _azure_text(text: str) -> str:
    return _plain(text).replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
