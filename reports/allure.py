"""Allure: the only file that knows it. What a row says, on the test that shows it; nothing here decides anything.

`annotate` is called inside a pytest item and does nothing unless allure is writing. `write_environment` and
`write_categories` are for the controller: allure's workers know nothing of the run as a whole.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks.catalogue import Metadata
from reports.evidence import Evidence, Result, Target, utc
from reports.folder import write_whole
from reports.text import line, markdown

_SEVERITIES = {"blocker": "blocker", "warning": "normal", "info": "trivial"}
_CATEGORIES = (
    ("Blockers that failed", ["failed", "broken"], "failed"),
    ("Could not be determined", ["failed", "broken"], "undetermined"),
    ("Blocked by a gate or an earlier step", ["failed", "broken"], "blocked"),
    ("Waived", ["skipped"], "waived"),
    ("Not applicable", ["skipped"], "not applicable"),
)
"""Title, allure's statuses, and the outcome's word, which starts the message of an item that did not pass."""


def active() -> bool:
    """Return whether allure is writing results in this process (`--alluredir`)."""
    commons: Any = importlib.import_module("allure_commons")
    # allure-pytest registers helpers in every session; only a writer of results has this hook.
    return bool(commons.plugin_manager.hook.report_result.get_hookimpls())


def annotate(metadata: Metadata, target: str, platform: str, row: Result | None = None) -> None:
    """Tell allure what a check is about, and with `row` what it found. Does nothing where allure is not active.

    The target is the one parameter, so a test keeps its history from run to run.
    """
    if not active():
        return
    allure: Any = importlib.import_module("allure")
    dynamic = allure.dynamic
    dynamic.title(f"{metadata.id} {metadata.title} [{line(target)}]")
    dynamic.description(_description(metadata, row))
    dynamic.severity(_SEVERITIES[metadata.severity])
    dynamic.epic(f"{platform} image")
    dynamic.feature(metadata.phase)
    dynamic.story(metadata.id.rsplit("-", 1)[0])
    dynamic.tag(metadata.severity, metadata.phase, platform)
    dynamic.label("layer", "before the step" if metadata.phase == "pre" else "after the step")
    dynamic.parameter("target", line(target))
    for source in metadata.source.split():
        if source.startswith("https://"):
            dynamic.link(source, name=source)
    if row is not None:
        allure.attach(row.model_dump_json(indent=2), "row of evidence.json", allure.attachment_type.JSON)


def annotate_step(target: Target) -> None:
    """Tell allure what the executor's item shows: the irreversible step on one target, its way and its receipt."""
    if not active():
        return
    allure: Any = importlib.import_module("allure")
    dynamic = allure.dynamic
    dynamic.title(f"the irreversible step [{line(target.name)}]")
    dynamic.description(f"**Outcome**: {target.outcome} {markdown(target.note)}".rstrip())
    dynamic.severity("blocker")
    dynamic.epic(f"{target.platform} image")
    dynamic.feature("step")
    dynamic.story("executor")
    dynamic.label("layer", "the step")
    dynamic.parameter("target", line(target.name))
    way = "".join(f"{utc(step.time)}  {step.event}  {step.text}\n" for step in target.story)
    allure.attach(way, "what was done, from the journal", allure.attachment_type.TEXT)
    if target.receipt is not None:
        allure.attach(target.receipt.model_dump_json(indent=2), "receipt", allure.attachment_type.JSON)


def write_executor(folder: Path, environ: Mapping[str, str]) -> Path | None:
    """Write executor.json, which tells allure of the CI job; nothing outside of one. Raises OSError."""
    data = _executor(environ)
    if data is None:
        return None
    path = folder / "executor.json"
    write_whole(path, (json.dumps(data, indent=2) + "\n").encode())
    return path


def _executor(environ: Mapping[str, str]) -> dict[str, str] | None:
    def said(name: str) -> str:
        return line(environ.get(name, ""))

    if said("GITHUB_ACTIONS") == "true":
        url = f"{said('GITHUB_SERVER_URL')}/{said('GITHUB_REPOSITORY')}/actions/runs/{said('GITHUB_RUN_ID')}"
        name = f"{said('GITHUB_WORKFLOW')} #{said('GITHUB_RUN_NUMBER')}"
        return {"name": "GitHub Actions", "type": "github", "buildName": name, "buildUrl": url}
    if said("TF_BUILD").lower() == "true":
        place = f"{said('SYSTEM_COLLECTIONURI')}{said('SYSTEM_TEAMPROJECT')}"
        url = f"{place}/_build/results?buildId={said('BUILD_BUILDID')}"
        name = f"{said('BUILD_DEFINITIONNAME')} {said('BUILD_BUILDNUMBER')}"
        return {"name": "Azure Pipelines", "type": "azure", "buildName": name, "buildUrl": url}
    return None


def write_environment(folder: Path, evidence: Evidence) -> Path:
    """Write environment.properties, which allure shows beside its results. Raises OSError."""
    run = evidence.run
    facts = {
        "verdict": evidence.verdict,
        "mode": run.mode,
        "run": run.id,
        "lab": "yes: proves nothing about Azure" if run.lab else "no",
        "endpoint": run.endpoint,
        **run.versions,
    }
    text = "".join(_property(key, value) for key, value in sorted(facts.items()))
    path = folder / "environment.properties"
    write_whole(path, text.encode())
    return path


def write_categories(folder: Path) -> Path:
    """Write categories.json, which sorts what did not pass by Sealproof's outcomes. Raises OSError."""
    # The whole message must match, which starts as pytest writes it: "Failed: undetermined: guest: no answer".
    data = [
        {"name": name, "matchedStatuses": statuses, "messageRegex": rf"[\s\S]*\b{word}: [\s\S]*"}
        for name, statuses, word in _CATEGORIES
    ]
    path = folder / "categories.json"
    write_whole(path, (json.dumps(data, indent=2) + "\n").encode())
    return path


def _description(metadata: Metadata, row: Result | None) -> str:
    parts = [f"**Why**: {markdown(metadata.why)}", f"**Fix**: {markdown(metadata.fix)}"]
    parts.append(f"**Source** (grade {metadata.grade}): {markdown(metadata.source)}")
    if row is not None:
        said = "; ".join([item.sentence for item in row.problems] + ([row.reason] if row.reason else []))
        parts.insert(0, f"**Outcome**: {row.outcome} {markdown(said)}".rstrip())
    return "\n\n".join(parts)


def _property(key: str, value: str) -> str:
    # Java's format: in a key, "=", ":" and spaces would end it; in a value only the backslash has a meaning.
    name = re.sub(r"([\\=: ])", r"\\\1", line(key))
    text = line(value).replace("\\", "\\\\")
    return f"{name}={text}\n"
