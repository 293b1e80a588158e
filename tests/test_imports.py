"""What is imported before it is needed: nothing heavy."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from runners.cli import ROOT

HEAVY = ("azure", "allure", "allure_commons", "jinja2", "dissect", "msal", "rich", "securesystemslib", "uvicorn")
LIST_IMPORTS = """
import json, sys
import pytest
code = pytest.main(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    json.dump([int(code), sorted(sys.modules)], file)
"""


def imported(tmp_path: Path, *arguments: str) -> set[str]:
    """Return the packages that pytest imported in a process of its own, which must have ended well."""
    answer = tmp_path / "imported.json"
    # allure-pytest imports Allure itself, wherever it is installed and not switched off.
    command = [sys.executable, "-c", LIST_IMPORTS, str(answer), "-q", "-p", "no:allure_pytest", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    code, modules = json.loads(answer.read_text())
    assert code == 0, run.stdout + run.stderr
    return {module.partition(".")[0] for module in modules}


def test_collecting_imports_nothing_heavy(tmp_path: Path) -> None:
    found = imported(tmp_path, "--collect-only", "--lab", "--select=tag:release")
    assert "checks" in found
    assert not found & set(HEAVY)


def test_these_are_the_names_under_which_a_run_imports_them() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, runners.surroundings, reports.render, reports.keys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert {"azure", "jinja2", "msal", "securesystemslib"} <= set(said.stdout.split())


def imports(file: Path) -> set[str]:
    """Return the modules that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_nothing_imports_the_plugin_which_is_above_all() -> None:
    files = [file for folder in ("checks", "reports", "runners") for file in (ROOT / folder).rglob("*.py")]
    assert "runners.session" in imports(ROOT / "runners" / "plugin.py")
    assert [str(file) for file in files if imports(file) & {"runners.plugin", "runners.cli"}] == []
