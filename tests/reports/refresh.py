"""Write the golden files and the committed JSON Schema anew: `python -m tests.reports.refresh`, then read the diff."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from reports import html, junit, oscal, summary, terminal
from reports.evidence import Evidence, json_schema
from tests.reports.samples import SAMPLES

REPOSITORY = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
SCHEMA = REPOSITORY / "docs" / "evidence.schema.json"
COMMAND = "python -m tests.reports.refresh"

RENDERINGS: dict[str, Callable[[Evidence], bytes]] = {
    "evidence.json": Evidence.to_bytes,
    junit.FILE_NAME: junit.render,
    summary.FILE_NAME: summary.render,
    oscal.FILE_NAME: oscal.render,
    html.FILE_NAME: html.render,
    "terminal.txt": lambda evidence: terminal.render(evidence, 80, False, "evidence/latest").encode(),
    "terminal-colour.txt": lambda evidence: terminal.render(evidence, 100, True).encode(),
}


def schema_bytes() -> bytes:
    """Return the JSON Schema as it is committed."""
    return (json.dumps(json_schema(), indent=2, sort_keys=True) + "\n").encode()


def refresh() -> None:
    """Write all of them."""
    SCHEMA.write_bytes(schema_bytes())
    for name, sample in SAMPLES.items():
        (GOLDEN / name).mkdir(parents=True, exist_ok=True)
        for file, render in RENDERINGS.items():
            (GOLDEN / name / file).write_bytes(render(sample()))


if __name__ == "__main__":
    refresh()
