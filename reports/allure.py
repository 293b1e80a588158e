"""Allure: the only file that knows it. What a row says, on the test that shows it; nothing here decides anything.

`annotate` is called inside a pytest item and does nothing unless allure is writing. `write_environment` and
`write_categories` are for the controller: allure's workers know nothing of the run as a whole.
"""

from __future__ import annotations

import json
from pathlib import Path

from checks.catalogue import Metadata
from reports.evidence import Evidence, Result
from reports.folder import write_whole
from reports.text import line, markdown

_SEVERITIES = {"blocker": "blocker", "warning": "normal", "info": "trivial"}
# The words before the colon are how the plugin starts the message of an item that did not pass.
_CATEGORIES = (
    ("Blockers that failed", ["failed"], "failed: .*"),
    ("Could not be determined", ["failed", "broken"], "undetermined: .*"),
    ("Blocked by a gate or an earlier step", ["failed", "broken"], "blocked: .*"),
    ("Waived", ["skipped"], "waived: .*"),
    ("Not applicable", ["skipped"], "not applicable: .*"),
)


def active() -> bool:
    """Return whether allure is writing results in this process (`--alluredir`)."""
    import allure_commons

    return bool(allure_commons.plugin_manager.get_plugins())


def annotate(metadata: Metadata, target: str, platform: str, row: Result | None = None) -> None:
    """Tell allure what a check is about, and with `row` what it found. Does nothing where allure is not active.

    The target is the one parameter, so a test keeps its history from run to run.
    """
    if not active():
        return
    from allure import attachment_type, dynamic

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
        import allure

        allure.attach(row.model_dump_json(indent=2), "row of evidence.json", attachment_type.JSON)


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
    text = "".join(f"{_property(key)}={_property(value)}\n" for key, value in sorted(facts.items()))
    path = folder / "environment.properties"
    write_whole(path, text.encode())
    return path


def write_categories(folder: Path) -> Path:
    """Write categories.json, which sorts what did not pass by Sealproof's outcomes. Raises OSError."""
    data = [
        {"name": name, "matchedStatuses": statuses, "messageRegex": pattern} for name, statuses, pattern in _CATEGORIES
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


def _property(text: str) -> str:
    # Java's format: "key=value" with backslash, equals and colon escaped; spaces end a key.
    escaped = line(text).replace("\\", "\\\\").replace("=", "\\=").replace(":", "\\:")
    return escaped.replace(" ", "\\ ")
