"""Whatever a guest says, no report obeys it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.text import block, encoded, line, log_safe, markdown, xml

TEXT = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("two\nlines\r\t", "two\\nlines\\r\\t"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("\ufffe", "\\ufffe"),
        ("\U000e0041", "\\U000e0041"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("\x9b2J", "\\x9b2J"),
        ("\u2028", "\\u2028"),
    ],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert line(text) == shown


def test_a_cut_says_how_long_the_text_was() -> None:
    assert line("x" * 1234, 60) == "x" * 29 + " [cut: 1,234 characters in all]"
    assert len(line("x" * 100_000)) == 500


def test_a_block_keeps_its_lines() -> None:
    assert block("one\r\ntwo\x1b\n  three") == "one\ntwo\\x1b\n  three"


@given(st.text(max_size=1500))
def test_a_line_is_one_line_bounded_and_stable(text: str) -> None:
    shown = line(text)
    assert len(shown) <= 500
    assert shown == line(shown)
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(st.text(max_size=300))
def test_a_block_is_bounded_and_stable(text: str) -> None:
    shown = block(text, 200)
    assert len(shown) <= 200
    assert shown == block(shown, 200)


@given(st.text(st.sampled_from("|`<>&[]()!*_~\\#:/@w.\n x"), max_size=60))
def test_markdown_keeps_no_markup_of_a_guest(text: str) -> None:
    shown = markdown(text)
    assert not re.search(r"[|`<>\[\]\n]", shown)
    assert not re.search(r"(?<!\\)[*_~]", shown)
    assert "://" not in shown
    assert "www." not in shown
    assert "@" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("##vso[task.setvariable variable=a]b", "# #vso[task.setvariable variable=a]b"),
        ("seen: ##VSO[task.complete]", "seen: # #VSO[task.complete]"),
        ("##[error]no", "# #[error]no"),
        ("::error::no", ": :error::no"),
        ("one\n  ::add-mask::x", "one\n  : :add-mask::x"),
        ("\x1b[31m::error::no", "\x1b[31m: :error::no"),
        ("[IO.File]::Delete('a')", "[IO.File]::Delete('a')"),
        ("## heading", "## heading"),
    ],
)
def test_a_ci_log_gets_no_command(text: str, shown: str) -> None:
    assert log_safe(text) == shown


@given(st.text(st.sampled_from("#vso[: \n\x1b"), max_size=40))
def test_no_ci_command_survives(text: str) -> None:
    shown = log_safe(text)
    assert "##vso[" not in shown
    assert "##[" not in shown
    assert not any(part.lstrip().startswith("::") for part in shown.split("\n"))


@given(TEXT)
def test_xml_text_is_legal(text: str) -> None:
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", xml(text))


@given(st.lists(st.sampled_from(["", "a", "é", "\ud800"]), max_size=40))
def test_a_text_is_encoded_whole_however_many_pieces_are_empty(pieces: list[str]) -> None:
    several = [*pieces, *[""] * 10_000, *pieces, "end"]
    assert b"".join(encoded(several)) == "".join(several).encode("utf-8", "backslashreplace")
