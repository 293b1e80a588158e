"""The JSON Schema of scenario files: fresh, right about the lab's own, and as strict as the lab itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lab.__main__ import main
from lab.scenario import ScenarioFile
from lab.scenario_loader import load_scenario
from lab.schema import scenario_schema

REPOSITORY = Path(__file__).parents[2]
SCENARIOS = sorted((REPOSITORY / "lab" / "scenarios").rglob("*.yaml"))
MACHINE = {
    "name": "web01",
    "resource_group": "rg",
    "platform": "linux",
    "vm_id": "00000000-0000-4000-8000-000000000001",
    "guest": {"simulated": {"answers": "debian-healthy", "disk": "linux-configured"}},
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(scenario_schema())


def test_the_committed_schema_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    committed = (REPOSITORY / "docs" / "scenario.schema.json").read_text(encoding="utf-8")
    assert capsys.readouterr().out == committed, "run `make docs`"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_labs_own_scenarios_are_valid(validator: Draft202012Validator, path: Path) -> None:
    assert not [error.message for error in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))]


def test_every_scenario_is_among_them() -> None:
    assert {"demo", "mixed", "real", "sealed"} <= {path.stem for path in SCENARIOS}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"machines": []}, "machines"),
        ({"machines": [MACHINE | {"platform": "bsd"}]}, "platform"),
        ({"machines": [MACHINE | {"platfrom": "linux"}]}, "0"),
        ({"machines": [MACHINE | {"guest": {}}]}, "guest"),
        ({"machines": [MACHINE | {"guest": {"real": {}, "simulated": MACHINE["guest"]}}]}, "guest"),
        ({"machines": [MACHINE | {"guest": {"real": {"memory_mb": "much"}}}]}, "memory_mb"),
        ({"machines": [MACHINE | {"guest": {"simulated": {"disk": "linux-configured"}}}]}, "simulated"),
        ({"faults": [{"operation": "virtualMachines/generalise", "effect": "drop"}]}, "operation"),
        ({"faults": [{"operation": "disks/get", "effect": "vanish"}]}, "effect"),
        ({"throttling": {"buckets": {"UpdateVMResources": 3}}}, "buckets"),
        ({"version": 2}, "version"),
    ],
)
def test_it_finds_what_the_lab_would_refuse(
    validator: Draft202012Validator, change: dict[str, Any], place: str
) -> None:
    scenario = {"version": 1, "machines": [MACHINE]}
    assert validator.is_valid(scenario)
    assert place in {str(error.absolute_path[-1]) for error in validator.iter_errors(scenario | change)}


@pytest.mark.parametrize("key", ["machines", "principals", "faults", "throttling"])
def test_what_the_documentation_shows_is_valid_and_loads(
    validator: Draft202012Validator, tmp_path: Path, key: str
) -> None:
    page = (REPOSITORY / "docs" / "lab.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    shown = next(block for block in blocks if key in block)
    scenario = {"version": 1, "machines": [MACHINE | {"name": "golden01"}]} | shown
    assert not [error.message for error in validator.iter_errors(scenario)]
    (tmp_path / "shown.yaml").write_text(yaml.safe_dump(scenario))
    assert load_scenario(tmp_path / "shown.yaml").machines[0].name == "golden01"


def test_every_key_is_explained_in_the_schema() -> None:
    schema = scenario_schema()
    definitions = {name: item for name, item in schema["$defs"].items() if "properties" in item}
    definitions[ScenarioFile.__name__] = schema
    silent = [
        f"{name}.{key}"
        for name, item in definitions.items()
        for key, field in item["properties"].items()
        if not field.get("description") and "$ref" not in str(field)
    ]
    assert not silent
