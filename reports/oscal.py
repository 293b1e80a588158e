"""OSCAL assessment results: the record for who keeps controls of NIST SP 800-53 by machine.

One observation for each target of all that passed, and one for each row that did not; a risk for each failure under a
waiver. A finding tells of a control and a target where a check that looks at a part of what it asks for did not pass:
that part is open, and it `not-satisfied`. None says `satisfied`, which in OSCAL is all of a control: finding-target in
https://github.com/usnistgov/OSCAL/blob/v1.1.3/src/metaschema/oscal_assessment-common_metaschema.xml.
Uuids are computed from the run: the same record gives the same bytes.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reports.controls import ASKED_FOR, Framework, checks_of, frameworks, themes
from reports.evidence import Evidence, Result, Target, canonical_chunks

FILE_NAME = "oscal-assessment-results.json"
VERSION = "1.1.3"
NAMESPACE = "urn:sealproof:oscal"
_FRAMEWORK = "NIST SP 800-53"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
_SEEN_AS_BAD = frozenset({"failed", "warned", "waived"})
_LOOKED = _SEEN_AS_BAD | {"passed"}
_SUPPORTS_ONLY = (
    "Checks support controls: they look at a part of one at most. So no finding says satisfied, and observations alone "
    "tell what passed. docs/controls.md says which check supports which control, how sure that is and why."
)

Json = dict[str, Any]


def render(evidence: Evidence) -> bytes:
    """Return the file's bytes."""
    return b"".join(chunks(evidence))


def chunks(evidence: Evidence) -> Iterator[bytes]:
    """Yield the file piece by piece."""
    return canonical_chunks(document(evidence))


def document(evidence: Evidence) -> Json:
    """Return the assessment results as plain JSON."""
    return {"assessment-results": _Document(evidence).build()}


class _Document:
    """One record on its way into OSCAL."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._framework: Framework = next(item for item in frameworks() if item.framework == _FRAMEWORK)
        self._rows = evidence.rows()
        self._controls: Mapping[str, frozenset[str]] = {
            control: checks_of(self._framework, control) for control in self._framework.controls
        }
        self._asked_for: Mapping[str, frozenset[str]] = {
            control: checks_of(self._framework, control, ASKED_FOR) for control in self._framework.controls
        }
        self._supporting = frozenset(check for theme in themes().themes.values() for check in theme.checks)
        self._looked = frozenset(
            row.check for target in evidence.targets for row in self._observed(target) if row.outcome in _LOOKED
        )

    def build(self) -> Json:
        run = self._evidence.run
        return {
            "uuid": self._uuid("assessment-results"),
            "metadata": {
                "title": f"Sealproof: {self._evidence.verdict}",
                "last-modified": (run.ended or run.started).isoformat(),
                "version": run.id,
                "oscal-version": VERSION,
                "props": list(self._props()),
            },
            "import-ap": {"href": f"#{self._uuid('plan')}"},
            "results": [self._result()],
            "back-matter": {"resources": [self._plan()]},
        }

    def _props(self) -> Iterator[Json]:
        yield _prop("mode", self._evidence.run.mode)
        yield _prop("verdict", self._evidence.verdict)
        yield _prop("lab", str(self._evidence.run.lab).lower())
        for name, digest in sorted(self._evidence.run.digests.items()):
            yield _prop("sha-256", digest, remarks=f"of what the run was told: {name}")

    def _result(self) -> Json:
        run, targets = self._evidence.run, self._evidence.targets
        findings = [item for target in targets for item in self._findings(target)]
        observations = [item for target in targets for item in self._observations(target)]
        risks = [self._risk(row) for target in targets for row in self._observed(target) if row.outcome == "waived"]
        lab = " It is a lab's run: it proves nothing about a VM in Azure." if run.lab else ""
        result: Json = {
            "uuid": self._uuid("result"),
            "title": f"Run {run.id}",
            "description": f"Mode {run.mode}; verdict {self._evidence.verdict}.{lab} {_SUPPORTS_ONLY}",
            "start": run.started.isoformat(),
            "reviewed-controls": {"control-selections": [self._selection(findings)]},
        }
        if run.ended:
            result["end"] = run.ended.isoformat()
        if targets:
            result["local-definitions"] = {"components": [self._component(target) for target in targets]}
        # An empty list is no OSCAL: what there is none of is left out.
        return result | {
            key: found
            for key, found in (
                ("props", list(self._supports())),
                ("observations", observations),
                ("risks", risks),
                ("findings", findings),
            )
            if found
        }

    def _supports(self) -> Iterator[Json]:
        """Say once which controls of which frameworks the checks that looked support: observations name the checks."""
        for framework in frameworks():
            for item in framework.mappings:
                if found := self._looked & frozenset(themes().themes[item.theme].checks):
                    name = f"{framework.framework} {item.control}"
                    yield _prop("supports", name, kind=item.sure, remarks=", ".join(sorted(found)))

    def _selection(self, findings: Iterable[Json]) -> Json:
        """Return the controls at whose checks somebody looked, and those that a finding leaves open."""
        found = {item["target"]["target-id"] for item in findings}
        reviewed = [
            control
            for control, checks in self._controls.items()
            if checks & self._looked or _statement(control) in found
        ]
        said = "that checks of this run support" if reviewed else "that checks support; this run judged none of these"
        return {
            "description": f"Controls of {_FRAMEWORK}, {self._framework.edition}, {said}.",
            # A selection of none is no OSCAL.
            "include-controls": [{"control-id": control_id(control)} for control in reviewed or self._controls],
        }

    def _component(self, target: Target) -> Json:
        return {
            "uuid": self._uuid("component", target.name),
            "type": "this-system" if target.kind == "vm" else "software",
            "title": target.name,
            "description": f"{target.kind} {target.id}",
            "status": {"state": "operational" if target.outcome == "ready" else "other"},
            "props": [
                _prop("outcome", target.outcome),
                *([_prop("vm-id", target.vm_id)] if target.vm_id else []),
                *(_prop("vantage", f"{name}: {kind}") for name, kind in sorted(target.vantages.model_dump().items())),
            ],
        }

    def _observed(self, target: Target) -> Iterable[Result]:
        """Return the rows that say something of a control, and those that a waiver excuses."""
        return [
            row
            for row in self._rows[target.name]
            if row.outcome == "waived" or (row.check in self._supporting and row.outcome != "not applicable")
        ]

    def _observations(self, target: Target) -> Iterator[Json]:
        rows = self._observed(target)
        passed = [row.check for row in rows if row.outcome == "passed"]
        if passed:
            # One for all of them: a fleet's would fill a hundred megabytes otherwise.
            yield {
                "uuid": self._uuid("passed", target.name),
                "title": f"What passed on {target.name}",
                "description": f"Passed: {', '.join(passed)}",
                "props": [_prop("outcome", "passed"), *(_prop("check", check) for check in passed)],
            } | self._seen(target.name)
        yield from (self._observation(row) for row in rows if row.outcome != "passed")

    def _seen(self, target: str) -> Json:
        return {
            "methods": ["TEST"],
            "collected": (self._evidence.run.ended or self._evidence.run.started).isoformat(),
            "subjects": [{"subject-uuid": self._uuid("component", target), "type": "component"}],
            "relevant-evidence": [{"href": "evidence.json", "description": f"results of {target}"}],
        }

    def _observation(self, row: Result) -> Json:
        said = "; ".join([*(item.sentence for item in row.problems), *([row.reason] if row.reason else [])])
        rule = row.rule
        return {
            "uuid": self._uuid("observation", row.check, row.target),
            "title": f"{row.check} on {row.target}",
            "description": f"{rule.title}: {row.outcome}{f' ({said})' if said else ''}",
            "props": [
                _prop("check", row.check),
                _prop("outcome", row.outcome.replace(" ", "-")),
                _prop("severity", row.severity),
                _prop("phase", row.phase),
            ],
        } | self._seen(row.target)

    def _findings(self, target: Target) -> Iterator[Json]:
        by_check: dict[str, list[Result]] = defaultdict(list)
        for row in self._observed(target):
            by_check[row.check].append(row)
        for control, checks in self._asked_for.items():
            rows = [row for check in sorted(checks) for row in by_check.get(check, ())]
            bad = [row for row in rows if row.outcome != "passed"]
            if bad:
                yield self._finding(control, target, bad, len(rows))

    def _finding(self, control: str, target: Target, bad: list[Result], of: int) -> Json:
        finding: Json = {
            "uuid": self._uuid("finding", control, target.name),
            "title": f"{control} {self._framework.controls[control]}, on {target.name}",
            "description": f"{len(bad)} of {of} checks that look at a part of what it asks for did not pass.",
            "target": {
                "type": "statement-id",
                "target-id": _statement(control),
                "status": {
                    "state": "not-satisfied",
                    # "other": nobody could look, and what nobody saw is not shown.
                    "reason": "fail" if any(row.outcome in _SEEN_AS_BAD for row in bad) else "other",
                    "remarks": "docs/controls.md says which part the checks look at, and how sure that is.",
                },
            },
            "related-observations": [
                {"observation-uuid": self._uuid("observation", row.check, row.target)} for row in bad
            ],
        }
        waived = [{"risk-uuid": self._uuid("risk", row.check, row.target)} for row in bad if row.outcome == "waived"]
        return finding | ({"related-risks": waived} if waived else {})

    def _risk(self, row: Result) -> Json:
        waiver = row.waiver
        approved = f"Waived by {waiver.approver} until {waiver.expires}: {waiver.reason}" if waiver else row.reason
        return {
            "uuid": self._uuid("risk", row.check, row.target),
            "title": f"{row.check} failed on {row.target}, under a waiver",
            "description": "; ".join(item.sentence for item in row.problems) or row.rule.title,
            "statement": f"{approved}. {row.rule.why}",
            "status": "deviation-approved",
            "related-observations": [{"observation-uuid": self._uuid("observation", row.check, row.target)}],
        }

    def _plan(self) -> Json:
        return {
            "uuid": self._uuid("plan"),
            "title": "The plan: Sealproof's whole catalogue on every target",
            "description": "There is no plan in OSCAL. Metadata pins the catalogue and what the run was told.",
            "rlinks": [{"href": self._framework.oscal or self._framework.source}],
        }

    def _uuid(self, *names: str) -> str:
        return str(uuid.uuid5(_ROOT, "\n".join((self._evidence.run.id, *names))))


def control_id(control: str) -> str:
    """Return a control's id as NIST's own catalogue in OSCAL has it: `IA-5(7)` is `ia-5.7`."""
    return control.lower().replace("(", ".").replace(")", "")


def _statement(control: str) -> str:
    return f"{control_id(control)}_smt"


def _prop(name: str, value: str, kind: str = "", remarks: str = "") -> Json:
    # A value is one line without spaces at its ends, and never empty.
    return {
        "name": name,
        "ns": NAMESPACE,
        "value": value.strip() or "none",
        **({"class": kind} if kind else {}),
        **({"remarks": remarks} if remarks else {}),
    }
