"""Azure's Swagger 2.0 documents as JSON Schemas.

The documents refer to one another by paths of the repository they come from, so each is registered under the URI that
it has there. Their schemas are converted twice: for what a client sends, where a read-only property is an error, and
for what the service answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urldefrag, urljoin

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Direction = Literal["request", "response"]

_HOME = "https://github.com/Azure/azure-rest-api-specs/specification/compute/resource-manager/Microsoft.Compute/"
_KEPT = {"type", "properties", "required", "items", "additionalProperties", "allOf", "enum", "minItems", "pattern"}
# Words for people and for code generators: what they say is no constraint on the JSON that travels.
_IGNORED = {"description", "title", "default", "readOnly", "format"}
_NEVER: dict[str, Any] = {"not": {}}  # `false` would leave the property's name out of the error's path
_FORMATS: dict[str, dict[str, Any]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    "date-time": {"format": "date-time"},
    "double": {},
}


class DocumentError(Exception):
    """A document says what the conversion to JSON Schema does not know."""


@dataclass(frozen=True)
class Documents:
    """All documents, by the URI that each has in its own repository; their references absolute."""

    raw: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, folder: Path) -> Documents:
        """Return the documents of the folder `openapi`."""
        paths = [path.relative_to(folder) for path in sorted(folder.glob("*/**/*.json"))]
        located = {_uri(path): json.loads((folder / path).read_text(encoding="utf-8")) for path in paths}
        return cls({uri: _absolute(document, uri) for uri, document in located.items()})

    def at(self, reference: str) -> Any:
        """Return what an absolute reference points to. Raises `KeyError` where nothing is there."""
        uri, fragment = urldefrag(reference)
        found: Any = self.raw[uri]
        for part in fragment.strip("/").split("/") if fragment else ():
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found

    def unresolved(self) -> list[str]:
        """Return every reference that leads nowhere, as `document -> reference`, both without the common part."""
        lost = []
        for uri, document in self.raw.items():
            for reference in set(_references(document)):
                try:
                    self.at(reference)
                except KeyError:
                    lost.append(f"{uri.removeprefix(_HOME)} -> {reference.removeprefix(_HOME)}")
        return sorted(lost)

    def validator(self, schema: dict[str, Any], direction: Direction) -> Draft202012Validator:
        """Return the validator of one schema of these documents."""
        return Draft202012Validator(
            converted(schema, direction), registry=self._registries[direction], format_checker=_formats()
        )

    @cached_property
    def _registries(self) -> dict[Direction, Registry[Any]]:
        return {"request": self._registry("request"), "response": self._registry("response")}

    def _registry(self, direction: Direction) -> Registry[Any]:
        resources = (
            (uri, Resource.from_contents(_definitions(document, direction), default_specification=DRAFT202012))
            for uri, document in self.raw.items()
            if "definitions" in document
        )
        registry: Registry[Any] = Registry().with_resources(resources)
        return registry


def converted(schema: dict[str, Any], direction: Direction) -> dict[str, Any]:
    """Return one Swagger schema as a JSON Schema. Raises `DocumentError` at a word that it does not know."""
    if "$ref" in schema:  # Swagger ignores what stands beside a reference
        return {"$ref": schema["$ref"]}
    unknown = {key for key in schema if not key.startswith("x-ms-")} - _KEPT - _IGNORED
    if unknown:
        raise DocumentError(f"the conversion to JSON Schema does not know {', '.join(sorted(unknown))}")
    result: dict[str, Any] = {key: schema[key] for key in ("type", "minItems", "pattern") if key in schema}
    result |= _FORMATS[schema["format"]] if "format" in schema else {}
    if "enum" in schema and not schema.get("x-ms-enum", {}).get("modelAsString"):
        result["enum"] = schema["enum"]
    properties = schema.get("properties", {})
    # A reference's own readOnly stands beside it and is the property's.
    written = {name for name, item in properties.items() if not item.get("readOnly")}
    if properties:
        result["properties"] = {
            name: converted(item, direction) if direction == "response" or name in written else _NEVER
            for name, item in properties.items()
        }
    if "required" in schema:
        result["required"] = [name for name in schema["required"] if direction == "response" or name in written]
    if "items" in schema:
        result["items"] = converted(schema["items"], direction)
    if "additionalProperties" in schema:
        extra = schema["additionalProperties"]
        result["additionalProperties"] = converted(extra, direction) if isinstance(extra, dict) else extra
    if "allOf" in schema:
        result["allOf"] = [converted(item, direction) for item in schema["allOf"]]
    return result


def _definitions(document: dict[str, Any], direction: Direction) -> dict[str, Any]:
    schemas = document["definitions"].items()
    return {"definitions": {name: converted(schema, direction) for name, schema in schemas}}


def _uri(path: Path) -> str:
    # ComputeRP/2024-07-01/image.json was ComputeRP/stable/2024-07-01/image.json; common-types had no `stable`
    provider, *rest = path.parts
    return _HOME + "/".join([provider, *([] if provider == "common-types" else ["stable"]), *rest])


def _absolute(value: Any, uri: str) -> Any:
    if isinstance(value, dict):
        return {
            key: urljoin(uri, item) if key == "$ref" and isinstance(item, str) else _absolute(item, uri)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_absolute(item, uri) for item in value]
    return value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())

    @checker.checks("date-time", raises=ValueError)
    def is_moment(value: object) -> bool:
        # 2024-08-26T05:57:37.4406180+00:00, or with Z
        return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None

    return checker
