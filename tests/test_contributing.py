"""CONTRIBUTING.md shows a whole check, and it is one."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from checks.catalogue import Catalogue, grades
from checks.judgement import judge
from tests.checks.facts import linux_guest, observation

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_check_in_contributing_judges(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    file = tmp_path / "example_distribution.py"
    file.write_text(example[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    (check,) = Catalogue.from_modules([module]).values()

    assert judge(check, observation()).outcome == "passed"
    assert judge(check, observation(guest=linux_guest(distribution="ubuntu"))).outcome == "failed"


def test_every_grade_is_explained() -> None:
    assert [letter for letter in grades() if not re.search(rf"[ ,]{letter} [a-z]", PAGE)] == []
