"""The pictures of the report in docs/images: `python -m tests.browser.pictures` makes them anew, then look at them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from reports import html
from tests.browser.chromium import Chromium, Screen, chromium
from tests.reports.fleets import many
from tests.reports.refresh import REPOSITORY

IMAGES = REPOSITORY / "docs" / "images"
COMMAND = "python -m tests.browser.pictures"

PICTURES = {
    # file -> which report, how it is looked at, and how much of its top is shown
    "report-proven.png": ("demo", Screen(), 1430),
    "report-mixed-dark.png": ("mixed", Screen(dark=True), 1430),
    "report-fleet.png": ("fleet", Screen(), 1000),
    "report-phone.png": ("demo", Screen(width=390, height=844, phone=True), 1100),
}


def report(folder: Path, name: str) -> Path:
    """Return a report: of a run in the lab, or of a fleet of 500 that nobody ran."""
    if name == "fleet":
        path = folder / "fleet.html"
        path.write_bytes(html.render(many(500)))
        return path
    evidence = folder / name
    command = [str(Path(sys.executable).with_name("sealproof")), f"--lab={name}", "-q", f"--evidence={evidence}"]
    subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False)
    return evidence / "latest" / html.FILE_NAME


def picture(browser: Chromium, page: Path, name: str) -> bytes:
    """Return one of the pictures, as PNG."""
    _, screen, height = PICTURES[name]
    browser.open(page, screen)
    return browser.picture(height)


def refresh() -> None:
    """Make all of them."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        pages = {name: report(Path(scratch), name) for name in {which for which, _, _ in PICTURES.values()}}
        for name, (which, _, _) in PICTURES.items():
            (IMAGES / name).write_bytes(picture(browser, pages[which], name))


if __name__ == "__main__":
    refresh()
