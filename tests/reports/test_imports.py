"""Imports point down: reports may know checks, and nothing that touches the world."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.reports.refresh import REPOSITORY

FILES = sorted((REPOSITORY / "reports").glob("*.py"))


def imported(file: Path) -> set[str]:
    """Return the top packages that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_reports_import_neither_runners_nor_the_lab_nor_pytest(file: Path) -> None:
    assert imported(file) & {"runners", "lab", "tests", "pytest", "_pytest", "azure", "allure"} == set()


def test_the_test_above_reads_the_real_files() -> None:
    assert "evidence.py" in {file.name for file in FILES}
    assert "checks" in imported(REPOSITORY / "reports" / "evidence.py")
