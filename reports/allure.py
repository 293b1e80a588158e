"""Allure: the only file that knows it. What a row says, on the test that shows it; nothing here decides anything.

`annotate` is called inside a pytest item and does nothing unless allure is writing. `write_environment` and
`write_categories` are for the controller: allure's workers know nothing of the run as a whole.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

from checks.catalogue import Metadata
from reports.evidence import Evidence, Result
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
    dynamic.tag(metadata.severity, metadata.phase)
    dynamic.parameter("target", line(target))
    for source in metadata.source.split():
        if source.startswith("https://"):
            dynamic.link(source, name=source)
    if row is not None:
        allure.attach(row.model_dump_json(indent=2), "row of evidence.json", allure.attachment_type.JSON)


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
