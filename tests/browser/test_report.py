"""The report in a real browser: on a desk, on a phone, in the dark, on paper, without script, and with 500 targets."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import html
from reports.evidence import Evidence
from tests.browser.chromium import Chromium, Screen, chromium
from tests.browser.pictures import COMMAND, IMAGES, PICTURES, picture, report
from tests.reports.fleets import many
from tests.reports.samples import SAMPLES

DESK = Screen()
PHONE = Screen(width=390, height=844, phone=True)
SCREENS = {
    "desk": DESK,
    "dark": Screen(dark=True),
    "phone": PHONE,
    "phone in the dark": Screen(width=390, height=844, phone=True, dark=True),
    "narrow": Screen(width=320, height=640),
    "without script": Screen(script=False),
}
HEIGHT = "document.documentElement.scrollHeight"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    samples: dict[str, Evidence] = {name: make() for name, make in SAMPLES.items()} | {
        "fleet": many(500),
        "thousand": many(1000),
    }
    for name, evidence in samples.items():
        (folder / f"{name}.html").write_bytes(html.render(evidence))
    return folder


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("sample", [*SAMPLES, "fleet"])
def test_it_opens_without_complaint_and_fits(browser: Chromium, pages: Path, sample: str, screen: str) -> None:
    page = pages / f"{sample}.html"
    browser.open(page, SCREENS[screen])
    assert browser.complaints == []
    assert browser.requests == [page.as_uri()], "it must ask for nothing but itself"
    assert browser.ask("document.documentElement.scrollWidth") <= SCREENS[screen].width
    assert browser.ask("document.querySelector('h1').innerText").lower() in ("proven", "failed", "undetermined")


def test_a_page_that_breaks_its_policy_is_complained_of(browser: Chromium, pages: Path, tmp_path: Path) -> None:
    """The tests above see what they claim to see."""
    text = (pages / "proven.html").read_text()
    page = tmp_path / "broken.html"
    page.write_text(text.replace("</main>", '<p style="color: red">x</p><script>console.log(1)</script></main>'))
    browser.open(page, DESK)
    assert len(browser.complaints) >= 2


@pytest.mark.parametrize("sample", SAMPLES)
def test_all_that_is_folded_can_be_unfolded_on_a_phone(browser: Chromium, pages: Path, sample: str) -> None:
    browser.open(pages / f"{sample}.html", PHONE)
    browser.ask("document.querySelectorAll('details').forEach(item => item.open = true)")
    assert browser.ask("document.documentElement.scrollWidth") <= PHONE.width


def test_the_dark_is_dark(browser: Chromium, pages: Path) -> None:
    grounds = []
    for screen in (DESK, SCREENS["dark"]):
        browser.open(pages / "proven.html", screen)
        color = browser.ask("getComputedStyle(document.body).backgroundColor")
        grounds.append(sum(int(part) for part in re.findall(r"\d+", color)[:3]))
    light, dark = grounds
    assert light > 700
    assert dark < 100


# The fleet


def shown(browser: Chromium) -> list[str]:
    """Return the names of the targets that the fleet's table shows, in order."""
    rows = "[...document.querySelectorAll('table.fleet tbody tr')].filter(row => row.offsetParent !== null)"
    found = browser.ask(f"{rows}.map(row => row.cells[0].querySelector('a').innerText)")
    return [str(name) for name in found]


def test_the_fleet_is_filtered(browser: Chromium, pages: Path) -> None:
    browser.open(pages / "fleet.html", DESK)
    assert len(shown(browser)) == 500
    browser.ask(
        "(() => { const form = document.querySelector('form'); form.elements.outcome.value = 'failed';"
        "form.elements.words.value = 'GOLDEN-01'; form.dispatchEvent(new Event('input', {bubbles: true})) })()"
    )
    assert shown(browser) == [f"golden-01{number}3" for number in range(10)]
    assert browser.ask("document.querySelector('output').innerText") == "10 of 500 shown"


def test_the_fleet_is_sorted_both_ways(browser: Chromium, pages: Path) -> None:
    browser.open(pages / "fleet.html", DESK)
    assert shown(browser)[0] == "golden-0003", "worst first"
    button = "document.querySelector('table.fleet thead button')"
    browser.ask(f"{button}.click()")
    assert shown(browser)[:2] == ["golden-0000", "golden-0001"]
    assert browser.ask(f"{button}.parentElement.getAttribute('aria-sort')") == "ascending"
    browser.ask(f"{button}.click()")
    assert shown(browser)[0] == "golden-0499"


def test_without_script_there_is_no_control_that_does_nothing(browser: Chromium, pages: Path) -> None:
    browser.open(pages / "fleet.html", SCREENS["without script"])
    assert len(shown(browser)) == 500
    assert browser.ask("document.querySelectorAll('thead button').length") == 0
    assert browser.ask("document.querySelector('form').offsetParent") is None


def test_a_link_leads_into_what_is_folded(browser: Chromium, pages: Path) -> None:
    browser.open(pages / "fleet.html", DESK)
    browser.ask("document.querySelector('a[href=\"#t500\"]').click()")
    browser.ask("new Promise(done => setTimeout(done, 300))")
    assert browser.ask("document.getElementById('t500').closest('details').open")
    assert 0 <= browser.ask("document.getElementById('t500').getBoundingClientRect().top") < DESK.height


@pytest.mark.parametrize("screen", ["desk", "phone", "without script"])
def test_a_thousand_targets_open_soon(browser: Chromium, pages: Path, screen: str) -> None:
    assert (pages / "thousand.html").stat().st_size < 8_000_000
    assert browser.open(pages / "thousand.html", SCREENS[screen]) < 15, "a tenth of that on an idle machine"


# On paper


def test_what_matters_is_printed_open(browser: Chromium, pages: Path) -> None:
    heights = {}
    for media in ("", "print"):
        browser.open(pages / "failed-gate.html", Screen(media=media))
        browser.ask("document.querySelectorAll('details.subject').forEach(item => item.open = false)")
        for which in ("failed", "proven"):
            subject = f"document.querySelector('.subject.o-{which}').getBoundingClientRect().height"
            heights[media, which] = browser.ask(subject)
    assert heights["print", "failed"] > heights["", "failed"] + 200
    assert heights["print", "proven"] < 100


def test_it_is_printed(browser: Chromium, pages: Path) -> None:
    browser.open(pages / "fleet.html", DESK)
    paper = browser.paper()
    assert paper.startswith(b"%PDF")
    assert 10 < len(re.findall(rb"/Type\s*/Page\b", paper)) < 400


# Its pictures


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    return {name: report(folder, name) for name in {which for which, _, _ in PICTURES.values()}}


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_of_the_docs_can_be_made(browser: Chromium, reports: dict[str, Path], name: str) -> None:
    which, screen, height = PICTURES[name]
    data = picture(browser, reports[which], name)
    scale = 2 if screen.phone else 1
    assert size(data) == size((IMAGES / name).read_bytes()) == (screen.width * scale, height * scale), COMMAND
    assert shades(data) > 20, "it shows something"


def size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def shades(data: bytes) -> int:
    """Return how many different bytes the picture's pixels are made of."""
    parts, at = b"", 8
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        parts += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return len(set(zlib.decompress(parts)))
