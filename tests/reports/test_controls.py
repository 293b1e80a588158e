"""The mappings to controls name what is there, say how sure they are, and promise nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.windows.upload import for_upload
from reports import controls
from reports.errors import DocumentError
from tests.checks.claims import catalogue
from tests.reports.refresh import REPOSITORY

NIST = next(item for item in controls.frameworks() if item.framework == "NIST SP 800-53")
CIS = next(item for item in controls.frameworks() if item.framework.startswith("CIS"))
ISO = next(item for item in controls.frameworks() if item.framework == "ISO/IEC 27001")
PCI = next(item for item in controls.frameworks() if item.framework == "PCI DSS")
SOC = next(item for item in controls.frameworks() if item.framework == "SOC 2")
THROUGH_IA_5 = next(item for item in ISO.mappings if item.through == ["IA-5"])


def test_the_files_name_what_is_there() -> None:
    assert list(controls.lint(catalogue())) == []


def test_the_lint_finds_what_is_not_there() -> None:
    found = list(controls.lint(set(catalogue()) - {"LNX-BACKUP-001"}))
    assert found == ["themes.yaml: there is no check LNX-BACKUP-001"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mappings": [NIST.mappings[0].model_copy(update={"theme": "gone"}), *NIST.mappings]}, "no group gone"),
        ({"mappings": [NIST.mappings[0].model_copy(update={"control": "ZZ-1"}), *NIST.mappings]}, "no control ZZ-1"),
        ({"mappings": [*NIST.mappings, NIST.mappings[0]]}, "a group supports a control twice"),
        ({"controls": NIST.controls | {"ZZ-1": "x"}}, "nothing supports ZZ-1"),
    ],
)
def test_and_what_a_framework_says_wrongly(
    change: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "frameworks", lambda: (NIST.model_copy(update=change),))
    assert any(told in text for text in controls.lint(catalogue()))


def changed(**change: object) -> dict[str, object]:
    """Return ISO's mappings, the one through IA-5 changed."""
    others = [item for item in ISO.mappings if item is not THROUGH_IA_5]
    return {"mappings": [*others, THROUGH_IA_5.model_copy(update=change)]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed(through=[]), "a mapping that is derived says through what, and no other does"),
        (changed(sure="partial"), "a mapping that is derived says through what, and no other does"),
        (changed(through=["IA-5", "ZZ-1"]), "no crosswalk has that control in a row ZZ-1"),
        (changed(control="A.8.9"), "no crosswalk has that control in a row IA-5"),
        (changed(theme="clock"), "the group does not support IA-5 of NIST SP 800-53"),
        ({"mappings": [item for item in ISO.mappings if item is not THROUGH_IA_5]}, "no mapping goes through IA-5"),
        ({"crosswalks": [*ISO.crosswalks, *ISO.crosswalks]}, "two crosswalks have the row IA-5"),
    ],
)
def test_and_what_no_crosswalk_bears(change: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "frameworks", lambda: (NIST, ISO.model_copy(update=change)))
    assert any(told in text for text in controls.lint(catalogue()))


@pytest.mark.parametrize("framework", [ISO, PCI, SOC])
def test_a_framework_that_was_not_read_has_derived_mappings_alone(framework: controls.Framework) -> None:
    assert {item.sure for item in framework.mappings} == {"derived"}
    read = [place for crosswalk in framework.crosswalks for place in crosswalk.read]
    assert read
    # A commit does not change; a branch would.
    assert [
        place for place in read if not re.search(r"^https://github\.com/[^/]+/[^/]+/blob/[0-9a-f]{40}/", place)
    ] == []


@pytest.mark.parametrize("framework", [ISO, PCI, SOC])
def test_the_page_names_what_a_derived_mapping_goes_through(framework: controls.Framework) -> None:
    page = controls.document()
    for crosswalk in framework.crosswalks:
        assert all(text in page for text in (crosswalk.publisher, crosswalk.title, *crosswalk.read))
        assert all(f"`{row}`" in page for row in crosswalk.rows)


def test_the_page_names_the_groups_that_nothing_fits() -> None:
    section = controls.document().split("## PCI DSS")[1].split("## SOC 2")[0]
    assert "Groups without a mapping: keys, identity, data, support." in section


def test_ids_have_the_form_of_their_framework() -> None:
    assert [item for item in ISO.controls if not re.fullmatch(r"A\.[5-8]\.\d{1,2}", item)] == []
    assert [item for item in PCI.controls if not re.fullmatch(r"([1-9]|1[0-2])(\.\d{1,2}){2,3}", item)] == []
    assert [item for item in SOC.controls if not re.fullmatch(r"CC[1-9]\.\d", item)] == []
    assert [item for item in NIST.controls if not re.fullmatch(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?", item)] == []
    assert [item for item in CIS.controls if not re.fullmatch(r"([1-9]|1[0-8])\.\d{1,2}", item)] == []


def test_a_check_has_the_controls_of_all_its_groups_once() -> None:
    found = controls.supported(NIST, "LNX-LOGIN-002")
    assert sorted(item.control for item in found) == ["AC-2", "AC-6"]
    assert controls.supported(NIST, "AZ-POWER-001") == ()
    assert "LNX-LOGIN-002" in controls.checks_of(NIST, "AC-6")


def test_a_control_that_two_groups_support_is_as_sure_as_the_surer_one() -> None:
    both = [item for item in controls.supported(NIST, "WIN-RDP-004") if item.control == "SC-12"]
    assert [item.sure for item in both] == ["partial"]


def test_a_check_supports_controls_of_every_framework() -> None:
    found = {
        item.framework: [one.control for one in controls.supported(item, "WIN-ANSWER-001")] for item in (ISO, PCI, SOC)
    }
    assert found == {"ISO/IEC 27001": ["A.5.17"], "PCI DSS": ["8.3.2"], "SOC 2": ["CC6.7"]}


def test_what_is_in_no_group_is_listed() -> None:
    left = controls.unmapped(catalogue())
    assert "AZ-POWER-001" in left
    assert "LNX-BACKUP-001" not in left


def test_what_is_judged_after_the_step_is_in_a_group_or_says_why_not() -> None:
    apart = {check for item in controls.themes().not_mapped for check in item.checks}
    after = {check for check, item in catalogue().items() if item.metadata.phase == "post"}
    left = sorted(after & {*controls.unmapped(catalogue())} - apart)
    assert left == [], "put it into a group of checks/controls/themes.yaml, or under not_mapped with the reason"


def test_microsoft_s_list_for_uploaded_images_is_a_group_as_a_whole() -> None:
    listed = {check for check, item in catalogue().items() if item.metadata.applies is for_upload}
    assert {*controls.themes().themes["baseline"].checks} == listed


def test_no_mapping_says_satisfies() -> None:
    words = re.compile(r"\b(satisf|complian|fulfil)", re.IGNORECASE)
    texts = [item.why for framework in controls.frameworks() for item in framework.mappings]
    assert [text for text in texts if words.search(text)] == []
    assert all(len(text) > 20 for text in texts)


def test_the_page_is_fresh() -> None:
    page = (REPOSITORY / "docs" / "controls.md").read_text(encoding="utf-8")
    assert controls.document() == page, "refresh it: python -m reports.controls > docs/controls.md"


def test_a_mistake_in_a_file_is_told_by_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "themes.yaml").write_text("version: 1\nthemes: {}\nnot_maped: []\n", encoding="utf-8")
    monkeypatch.setattr(controls, "FOLDER", tmp_path)
    with pytest.raises(DocumentError, match=r"themes\.yaml:3: not_maped: there is no such key"):
        controls.themes.__wrapped__()
