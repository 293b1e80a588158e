"""JUnit XML, as GitLab, Azure DevOps and Jenkins read it (the xunit2 dialect): one suite per target.

Never greener than the record: what keeps a target from its goal is a failure or an error, and each target has one
more case, its outcome. GitLab keeps only the first of several cases with one name, so the target is in every name. It
refuses a file of 30 MB: of a larger one the cases are left out that keep nobody from anything, and the suites say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import inf
from xml.etree import ElementTree as ET

from reports.evidence import Evidence, Result, Target, utc
from reports.text import xml
from reports.verdict import exit_code, goal_reached, hinders

FILE_NAME = "TEST-sealproof.xml"
"""Azure DevOps looks for **/TEST-*.xml."""


LIMIT = 29_000_000
"""Bytes: GitLab's limit for a file, less a margin."""
_COUNTS = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
"""What a suite counts, by the elements that are counted."""


def render(evidence: Evidence, limit: int = LIMIT) -> bytes:
    """Return the record as JUnit XML, at most `limit` bytes unless what is wrong alone takes more."""
    return b"".join(chunks(evidence, limit))


def chunks(evidence: Evidence, limit: int = LIMIT) -> Sequence[bytes]:
    """Return what `render` does in pieces."""
    return _rendered(evidence, lean=False, limit=limit) or _rendered(evidence, lean=True, limit=inf)


def _rendered(evidence: Evidence, *, lean: bool, limit: float) -> Sequence[bytes]:
    """Return the file's pieces; none as soon as it is clear that they are more than `limit` bytes."""
    counts, suites, size = Counter[str](), [], 0
    # Suite by suite: the tree of a large fleet would take many times the room of the file.
    for suite in _suites(evidence, counts, lean=lean):
        suites.append(suite)
        size += len(suite)
        if size > limit:
            return ()
    root = ET.Element("testsuites", {"name": "sealproof", **{name: str(counts[name]) for name in _COUNTS}})
    head, tail = ET.tostring(root, encoding="utf-8", xml_declaration=True, short_empty_elements=False).split(b"><")
    pieces = head, b">", *suites, b"\n<", tail, b"\n"
    return pieces if sum(map(len, pieces)) <= limit else ()


def _suites(evidence: Evidence, counts: Counter[str], *, lean: bool) -> Iterator[bytes]:
    """Yield each suite as it stands in the file; what they count is in `counts` at the end."""
    rows = evidence.rows()
    for target in evidence.targets:
        yield _written(_suite(evidence, target, rows[target.name], lean=lean), counts)
    if not evidence.targets or (exit_code(evidence) and not counts["failures"] + counts["errors"]):
        yield _written(_unsound(evidence), counts)


def _written(suite: ET.Element, counts: Counter[str]) -> bytes:
    """Return a suite as it stands in the file, and add what it counts to `counts`."""
    counts.update({name: int(suite.get(name, 0)) for name in _COUNTS})
    ET.indent(suite, level=1)
    return b"\n  " + bytes(ET.tostring(suite, encoding="utf-8"))


def _suite(evidence: Evidence, target: Target, rows: Sequence[Result], *, lean: bool) -> ET.Element:
    suite = ET.Element("testsuite", name=xml(f"sealproof {target.name}"))
    suite.set("timestamp", evidence.run.started.strftime("%Y-%m-%dT%H:%M:%S"))
    properties = ET.SubElement(suite, "properties")
    for name, value in _facts(evidence, target):
        ET.SubElement(properties, "property", name=name, value=xml(value))
    told = [row for row in rows if not lean or row.outcome not in ("passed", "not applicable")]
    if lean:
        ET.SubElement(
            properties, "property", name="left out", value=f"{len(rows) - len(told)} passed or not applicable"
        )
    for row in told:
        suite.append(_case(row, target))
    suite.append(_outcome_case(evidence, target))
    _count(suite, suite.iter("testcase"))
    return suite


def _facts(evidence: Evidence, target: Target) -> list[tuple[str, str]]:
    run, vantages = evidence.run, target.vantages
    look = f", own look: {vantages.look}" if vantages.look != "none" else ""
    return [
        ("verdict", evidence.verdict),
        ("outcome", target.outcome),
        ("proven", "yes" if target.outcome == "proven" else "not proven"),
        ("lab", str(run.lab).lower()),
        ("mode", run.mode),
        ("run", run.id),
        ("started", utc(run.started)),
        ("target", target.id),
        ("vantages", f"azure: {vantages.azure}, guest: {vantages.guest}, disk: {vantages.disk}{look}"),
    ]


def _case(row: Result, target: Target) -> ET.Element:
    case = _named(f"{row.check} {row.rule.title}", target, f"sealproof.{row.phase}")
    if row.outcome == "passed":
        return case
    details = "\n".join(
        [*(item.sentence for item in row.problems), row.reason, f"Fix: {row.rule.fix}" if row.rule.fix else ""]
    )
    message = row.reason or "; ".join(item.sentence for item in row.problems) or row.outcome
    if hinders(row, target):
        kind = "failure" if row.outcome == "failed" else "error"
        _say(case, kind, f"{row.outcome}: {message}", details.strip(), row.outcome)
    elif row.outcome == "warned":
        ET.SubElement(case, "system-out").text = xml(f"warned: {message}\n{details.strip()}")
    else:
        _say(case, "skipped", f"{row.outcome}: {_waived(row) or message}")
    return case


def _outcome_case(evidence: Evidence, target: Target) -> ET.Element:
    """Return the case that is red for all that no row can tell: a veto, a forecast, a target that was not acted on."""
    case = _named(f"outcome, mode {evidence.run.mode}", target, "sealproof.outcome")
    if not goal_reached(evidence.run.mode, target):
        reasons = "\n".join(f"{item.text}\nFix: {item.remedy}" for item in target.gate.reasons)
        kind = "failure" if target.outcome == "failed" else "error"
        _say(case, kind, f"{target.outcome}: {target.note}".rstrip(": "), reasons, target.outcome)
    return case


def _unsound(evidence: Evidence) -> ET.Element:
    """Return a suite for a record that is not good and shows no bad row: unfinished, empty or contradictory."""
    suite = ET.Element("testsuite", name="sealproof record")
    case = ET.SubElement(suite, "testcase", classname="sealproof.record", name="the record is complete and sound")
    _say(case, "error", f"verdict {evidence.verdict}, exit code {exit_code(evidence)}", "", "record")
    _count(suite, [case])
    return suite


def _named(name: str, target: Target, classname: str) -> ET.Element:
    return ET.Element("testcase", classname=classname, name=f"{_harmless(name)} [{_harmless(target.name)}]")


@lru_cache(maxsize=4096)
def _harmless(name: str) -> str:
    # Of a fleet's cases most have one of the same few names.
    return xml(name)


def _say(case: ET.Element, kind: str, message: str, details: str = "", what: str = "") -> None:
    element = ET.SubElement(case, kind, message=xml(message))
    if what:
        element.set("type", f"sealproof.{what.replace(' ', '-')}")
    if details:
        element.text = xml(details)


def _waived(row: Result) -> str:
    if row.waiver is None:
        return ""
    return f"{row.waiver.reason} (approved by {row.waiver.approver}, until {row.waiver.expires})"


def _count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    kinds: Counter[str] = Counter()
    for case in cases:
        kinds.update(("testcase", *(child.tag for child in case)))
    for name, kind in _COUNTS.items():
        element.set(name, str(kinds[kind]))
