"""What the documents say of an operation, and where an exchange breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.lab.contract.documents import Direction, Documents
from tests.lab.contract.wire import Exchange

_ERROR = "CloudError"


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    name: str
    """Its operationId: `VirtualMachines_Generalize`."""
    method: str
    path: re.Pattern[str]
    specification: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]

    def answer(self, status: int) -> dict[str, Any] | None:
        """Return what the document says of a status; None where it does not list it."""
        found: dict[str, Any] | None = self.specification["responses"].get(str(status))
        return found

    @property
    def long_running(self) -> bool:
        """Whether the client must poll."""
        return bool(self.specification.get("x-ms-long-running-operation"))

    @property
    def body(self) -> dict[str, Any] | None:
        """The parameter that is the request's body."""
        return next((item for item in self.parameters if item["in"] == "body"), None)

    @property
    def query(self) -> dict[str, dict[str, Any]]:
        """The parameters of the query, by name."""
        return {item["name"]: item for item in self.parameters if item["in"] == "query"}


@dataclass(frozen=True)
class Contract:
    """All operations of the documents."""

    documents: Documents

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation; where a path could be of two, the one with fewer placeholders is first."""
        found = [
            (path, Operation(item["operationId"], method.upper(), _pattern(path), item, self._parameters(item)))
            for document in self.documents.raw.values()
            for path, methods in document.get("paths", {}).items()
            for method, item in methods.items()
        ]
        return tuple(operation for _, operation in sorted(found, key=lambda pair: pair[0].count("{")))

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request calls; None where no document describes it."""
        return next((item for item in self.operations if item.method == method and item.path.fullmatch(path)), None)

    def problems(self, exchange: Exchange) -> list[str]:
        """Return where an exchange breaks its document; nothing where none describes it."""
        operation = self.operation(exchange.method, exchange.path)
        if operation is None:
            return []
        found = [*self._request(operation, exchange), *self._response(operation, exchange)]
        return [f"{operation.name}: {exchange.title}: {problem}" for problem in found]

    def invalid(self, schema: dict[str, Any], value: Any, direction: Direction) -> Iterator[str]:
        """Yield where `value` is not what a schema of the documents says."""
        for error in self.documents.validator(schema, direction).iter_errors(value):
            yield f"{direction} {error.json_path}: {error.message}"

    def _request(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        for name, parameter in operation.query.items():
            if parameter.get("required") and name not in exchange.query:
                yield f"the request lacks {name}"
        for name in exchange.query:
            if name not in operation.query:
                yield f"the document knows no query parameter {name}"
        if operation.body is None:
            if exchange.sent is not None:
                yield "the request has a body, the document has none"
        elif exchange.sent is not None or operation.body.get("required"):
            yield from self.invalid(operation.body["schema"], exchange.sent, "request")

    def _response(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        if exchange.status >= 400:
            yield from self._error(exchange)
            return
        answer = operation.answer(exchange.status)
        if answer is None:
            yield f"the document lists {', '.join(operation.specification['responses'])}, not {exchange.status}"
        elif "schema" not in answer or (exchange.status == 202 and operation.method == "POST"):
            # The schema of a POST's 202 is that of its result, which comes at the end of the polling.
            if exchange.body is not None:
                yield "the response has a body, the document has none"
        else:
            yield from self.invalid(answer["schema"], exchange.body, "response")
        polled = operation.long_running and exchange.status in (201, 202)
        if polled and not {"azure-asyncoperation", "location"} & set(exchange.headers):
            yield "nothing says where to poll"

    def _error(self, exchange: Exchange) -> Iterator[str]:
        # Some operations list no error at all; every provider's errors look the same.
        document = next(uri for uri in self.documents.raw if uri.endswith("/common-types/v1/common.json"))
        yield from self.invalid({"$ref": f"{document}#/definitions/{_ERROR}"}, exchange.body, "response")
        error = exchange.body.get("error", {}) if isinstance(exchange.body, dict) else {}
        if not {"code", "message"} <= set(error):
            yield "the error lacks its code or its message"

    def _parameters(self, specification: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        listed = specification["parameters"]
        return tuple(self.documents.at(item["$ref"]) if "$ref" in item else item for item in listed)


def _pattern(path: str) -> re.Pattern[str]:
    # /subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines
    parts = (part if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))
    return re.compile("".join("[^/]+" if part.startswith("{") else part for part in parts), re.IGNORECASE)
