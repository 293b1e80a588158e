"""The JSON Schema of a scenario file: what editors check while it is written, and docs/scenario.schema.json holds."""

from __future__ import annotations

import json
from typing import Any

from lab.arm.app import operation_names
from lab.arm.throttle import bucket_labels
from lab.guests.real.settings import RealSettings
from lab.guests.settings import Settings
from lab.scenario import ScenarioFile

SCHEMA = "sealproof.scenario/1"
_DEFINITIONS = "#/$defs/{model}"


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema, with the settings of guests and the names of operations and buckets filled in."""
    schema = ScenarioFile.model_json_schema(ref_template=_DEFINITIONS)
    definitions = schema["$defs"]
    for name, settings in (("simulated", Settings), ("real", RealSettings)):
        found = settings.model_json_schema(ref_template=_DEFINITIONS)
        definitions |= found.pop("$defs", {})
        title = f"{name.title()}Guest"
        definitions[title] = found | {"title": title}
        field = definitions["GuestSpec"]["properties"][name]
        definitions["GuestSpec"]["properties"][name] = {
            "$ref": _DEFINITIONS.format(model=title),
            "description": field["description"],
        }
    definitions["GuestSpec"] |= {"minProperties": 1, "maxProperties": 1}
    fault = definitions["Fault"]["properties"]
    fault["operation"]["enum"] = list(operation_names())
    fault["after"]["enum"] = ["", *operation_names()]
    definitions["Throttling"]["properties"]["buckets"]["propertyNames"] = {"enum": list(bucket_labels())}
    schema["title"] = "A scenario of the lab"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def schema_text() -> str:
    """Return the JSON Schema as it is committed."""
    return json.dumps(scenario_schema(), indent=2) + "\n"
