"""Which properties of an answer a client knows: by the documents, and by the SDK's newer models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.contract.documents import Documents


@dataclass(frozen=True)
class Models:
    """The SDK's models: name to the properties that each knows on the wire."""

    properties: dict[str, frozenset[str]]

    @classmethod
    def of(cls, file: Path) -> Models:
        """Return the models of sdk39-models.json."""
        models = json.loads(file.read_text(encoding="utf-8"))["models"]
        return cls(
            {
                name: frozenset(item["wire"] for item in fields.values())
                for name, fields in models.items()
                if not name.endswith(".__flattened__")
            }
        )


def unknown_properties(
    documents: Documents, models: Models, schema: dict[str, Any], value: Any
) -> Iterator[tuple[str, str]]:
    """Yield (definition, property) for what `value` has and its schema, or the SDK's model of that name, has not.

    Where the SDK has a model it decides alone: it speaks the newest version of the API.
    """
    definition = ""
    while "$ref" in schema:
        definition = schema["$ref"].rpartition("/")[2]
        schema = documents.at(schema["$ref"])
    if isinstance(value, list):
        for item in value:
            yield from unknown_properties(documents, models, schema.get("items", {}), item)
        return
    if not isinstance(value, dict):
        return
    properties = _properties(documents, schema)
    extra = schema.get("additionalProperties")
    if not properties and (extra is not None or schema.get("type") == "object"):
        properties = {name: extra if isinstance(extra, dict) else {} for name in value}
    known = models.properties.get(definition, frozenset(properties))
    for name, item in value.items():
        if name not in known:
            yield definition, name
        else:
            yield from unknown_properties(documents, models, properties.get(name, {}), item)


def _properties(documents: Documents, schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in schema.get("allOf", []):
        found |= _properties(documents, documents.at(base["$ref"]) if "$ref" in base else base)
    found |= schema.get("properties", {})
    return found
