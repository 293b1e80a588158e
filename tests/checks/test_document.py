from __future__ import annotations

import dataclasses
from pathlib import Path

from checks.catalogue import Catalogue, Check, Problem, check
from checks.document import render
from checks.facts import AzureFacts
from tests.checks.claims import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


@check(
    "AZ-MARKUP-001",
    "a title with a | in it",
    phase="post",
    severity="info",
    why="It breaks <b>markup</b> in C:\\Windows, *here* and [there].",
    fix="Escape_it.",
    source="https://example.org/page (chapter *2*)",
    grade="R",
    remedied_by="prepare",
)
def check_markup(azure: AzureFacts) -> list[Problem]:
    return []


def odd() -> Catalogue:
    return Catalogue.from_modules([__import__(__name__, fromlist=["*"])])


def test_the_committed_page_is_fresh() -> None:
    committed = PAGE.read_text(encoding="utf-8")

    assert committed == render(catalogue()), "refresh it: python -m checks.document > docs/checks.md"


def test_the_page_shows_each_check_once_with_its_source_and_remedy() -> None:
    page = render(catalogue())

    for item in catalogue().values():
        assert page.count(f"\n#### {item.id}\n") == 1
        assert page.count(f"](#{item.id.lower()})") == 1


def test_the_order_of_the_checks_does_not_change_the_page() -> None:
    backwards = Catalogue(reversed(list(catalogue().values())))

    assert render(backwards) == render(catalogue())


def test_the_words_of_a_check_can_not_turn_into_markup() -> None:
    page = render(odd())

    assert "a title with a \\| in it" in page
    assert "\\<b\\>markup\\</b\\> in C:\\\\Windows, \\*here\\* and \\[there\\]." in page
    assert "<https://example.org/page> (chapter \\*2\\*) (R: recalled, not verified)" in page


def test_the_page_says_what_a_failure_does() -> None:
    page = render(odd())

    assert "Information: it is shown and stops nothing" in page
    assert "preparation removes what it finds" in page


def waivable(item: Check, value: bool) -> Catalogue:
    return Catalogue([dataclasses.replace(item, metadata=dataclasses.replace(item.metadata, waivable=value))])


def test_the_page_says_whether_a_waiver_helps() -> None:
    blocker = catalogue()["AZ-POWER-001"]

    assert "no waiver excuses it" in render(waivable(blocker, False))
    assert "a waiver may excuse it" in render(waivable(blocker, True))
