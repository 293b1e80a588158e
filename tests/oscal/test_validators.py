"""What others say of our OSCAL: compliance-trestle, in an environment of its own, and NIST's JSON Schema.

`assessment-results-1.0.4.schema.json` is NIST's, as released in OSCAL 1.0.4 (public domain).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from reports import oscal
from reports.evidence import Evidence
from tests.reports.folders import whole
from tests.reports.refresh import REPOSITORY
from tests.reports.samples import SAMPLES

TRESTLE = REPOSITORY / ".cache" / "oscal" / "bin" / "python"
SCHEMA = Path(__file__).parent / "assessment-results-1.0.4.schema.json"
READ = (
    "import sys, pathlib; from trestle.oscal.assessment_results import AssessmentResults as A; "
    "A.oscal_read(pathlib.Path(sys.argv[1])) or sys.exit('nothing was read')"
)


def in_python(node: Any) -> Any:
    """Return the schema with patterns that Python's `re` knows: it has no \\p{L}, and \\w without digits comes near."""
    if isinstance(node, dict):
        return {
            key: item.replace(r"\p{L}", r"[^\W\d_]").replace(r"\p{N}", r"\d") if key == "pattern" else in_python(item)
            for key, item in node.items()
        }
    return [in_python(item) for item in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    return Draft7Validator(in_python(json.loads(SCHEMA.read_text(encoding="utf-8"))))


NOTHING = "nothing judged"


def sample(name: str) -> Evidence:
    if name == NOTHING:
        return SAMPLES["proven"]().model_copy(update={"results": ()})
    return whole(SAMPLES[name]())


@pytest.mark.parametrize("name", [*SAMPLES, NOTHING])
def test_nist_s_schema_takes_it(name: str, schema: Draft7Validator) -> None:
    errors = [f"{error.json_path}: {error.message[:200]}" for error in schema.iter_errors(oscal.document(sample(name)))]
    assert errors == []


def test_and_refuses_what_is_no_oscal(schema: Draft7Validator) -> None:
    broken = oscal.document(sample("proven"))
    del broken["assessment-results"]["results"][0]["reviewed-controls"]
    assert list(schema.iter_errors(broken))


@pytest.mark.parametrize("name", [*SAMPLES, NOTHING])
def test_trestle_takes_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / "assessment-results.json"
    path.write_bytes(oscal.render(sample(name)))
    done = trestle(path)
    assert done.returncode == 0, done.stderr[-2000:]


def test_and_refuses_what_is_no_oscal_either(tmp_path: Path) -> None:
    path = tmp_path / "assessment-results.json"
    path.write_bytes(oscal.render(sample("hostile")).replace(b'"not-satisfied"', b'"fulfilled"'))
    assert trestle(path).returncode != 0


def trestle(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(TRESTLE), "-c", READ, str(path)], capture_output=True, text=True, check=False)
