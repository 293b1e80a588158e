"""Every exchange between a client and the lab is what Azure's documents describe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.arm.routes import OPERATIONS
from lab.scenario_loader import scenario_names
from lab.server import Lab, serve
from tests.lab.contract.contract import Contract
from tests.lab.contract.documents import Documents
from tests.lab.contract.known_properties import Models, unknown_properties
from tests.lab.contract.recordings import recordings
from tests.lab.contract.shared import material
from tests.lab.contract.tour import LINUX, glance, tour
from tests.lab.contract.wire import Exchange
from tests.lab.machines import memory_guest

UNRESOLVED = Path(__file__).parent / "unresolved.txt"
SCENARIO = Path(__file__).parents[1] / "arm" / "scenario.yaml"

NOT_DESCRIBED = {
    "subscriptions": "Microsoft.Resources is not among the documents",
    "resourceGroups": "Microsoft.Resources is not among the documents",
    "tags": "Microsoft.Resources is not among the documents",
    "locks": "Microsoft.Authorization is not among the documents",
    "permissions": "Microsoft.Authorization is not among the documents",
    "networkInterfaces": "Microsoft.Network is not among the documents",
    "publicIPAddresses": "Microsoft.Network is not among the documents",
    "operations": "the URL that a 202 gives out, which no document of a provider describes",
    "DiskOperations": "the URL that a 202 gives out, which no document of a provider describes",
}
"""Nouns of the lab's operations that no document describes, and why."""

UNKNOWN_TO_CLIENTS: dict[tuple[str, str], str] = {}
"""(definition, property) that the lab sends although no client knows it, and why."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(Documents.of(material("openapi")))


@pytest.fixture(scope="module")
def models() -> Models:
    return Models.of(material("openapi") / "sdk39-models.json")


@pytest.fixture(scope="module")
def walked() -> Iterator[tuple[Lab, list[Exchange]]]:
    with serve(SCENARIO, guests=memory_guest) as running:
        yield running, tour(running)


def test_references_that_lead_nowhere_are_those_that_are_listed(contract: Contract) -> None:
    lost = contract.documents.unresolved()
    print(f"{len(lost)} references lead to files that were not copied, see {UNRESOLVED.name}")
    assert lost == UNRESOLVED.read_text(encoding="utf-8").splitlines()


def test_no_schema_depends_on_a_reference_that_leads_nowhere(contract: Contract) -> None:
    assert [line for line in contract.documents.unresolved() if "/examples/" not in line] == []


def test_what_azure_really_answered_keeps_to_the_documents(contract: Contract) -> None:
    exchanges = [item.exchange for recording in recordings() for item in recording.items]
    described = [item for item in exchanges if contract.operation(item.method, item.path) is not None]
    broken = [problem for item in described for problem in contract.problems(item) if "'<removed>'" not in problem]
    assert len(described) > 200
    assert broken == []


def unknown(contract: Contract, models: Models, exchanges: list[Exchange]) -> set[tuple[str, str]]:
    """Return (definition, property) for what the lab sent and no client knows."""
    found: set[tuple[str, str]] = set()
    for exchange in exchanges:
        operation = contract.operation(exchange.method, exchange.path)
        answer = operation.answer(exchange.status) if operation else None
        if answer and "schema" in answer:
            found |= set(unknown_properties(contract.documents, models, answer["schema"], exchange.body))
    return found


def broken(walked: tuple[Lab, list[Exchange]], **changes: Any) -> Exchange:
    """Return the tour's first GET of a VM, changed."""
    exchange = next(item for item in walked[1] if item.method == "GET" and item.path.endswith(f"/{LINUX}"))
    return replace(exchange, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": 203}, "the document lists 200, default, not 203"),
        ({"query": {}}, "the request lacks api-version"),
        ({"query": {"api-version": "1", "$expend": "instanceView"}}, "knows no query parameter $expend"),
        ({"sent": {}}, "the request has a body"),
        ({"body": None}, "None is not of type 'object'"),
        ({"body": {"location": "x", "properties": {"vmId": 3}}}, "$.properties.vmId: 3 is not of type 'string'"),
        ({"body": {"location": "x", "properties": {"timeCreated": "now"}}}, "'now' is not a 'date-time'"),
        ({"status": 404, "body": {"error": {"code": "NotFound"}}}, "the error lacks its code or its message"),
    ],
)
def test_an_exchange_that_breaks_its_document_is_found(
    contract: Contract, walked: tuple[Lab, list[Exchange]], changes: dict[str, Any], said: str
) -> None:
    problems = contract.problems(broken(walked, **changes))
    assert len(problems) == 1
    assert said in problems[0]


def test_a_property_that_no_client_knows_is_found(
    contract: Contract, models: Models, walked: tuple[Lab, list[Exchange]]
) -> None:
    body = {"location": "x", "colour": "red", "properties": {"vmID": "x", "vmId": "x"}}
    operation = contract.operation("GET", broken(walked).path)
    assert operation is not None
    answer = operation.answer(200)
    assert answer is not None
    assert list(unknown_properties(contract.documents, models, answer["schema"], body)) == [
        ("VirtualMachine", "colour"),
        ("VirtualMachineProperties", "vmID"),
    ]


def test_a_read_only_property_in_a_request_is_found(contract: Contract, walked: tuple[Lab, list[Exchange]]) -> None:
    exchange = broken(walked, method="PUT", sent={"location": "x", "properties": {"vmId": "mine"}})
    assert [problem.partition(" -> 200: ")[2] for problem in contract.problems(exchange)] == [
        "request $.properties.vmId: 'mine' should not be valid under {}"
    ]


def test_the_tour_calls_every_operation_of_the_lab(walked: tuple[Lab, list[Exchange]]) -> None:
    called = {request.operation for request in walked[0].requests}
    assert {operation.name for operation in OPERATIONS} - called == set()


def test_every_exchange_keeps_to_the_documents(contract: Contract, walked: tuple[Lab, list[Exchange]]) -> None:
    assert [problem for exchange in walked[1] for problem in contract.problems(exchange)] == []


@pytest.mark.parametrize("scenario", scenario_names())
def test_the_documents_of_every_scenario_of_the_lab_keep_to_azures(
    contract: Contract, models: Models, scenario: str
) -> None:
    with serve(scenario, guests=memory_guest) as running:
        seen = glance(running)
    assert [exchange.title for exchange in seen if exchange.status != 200] == []
    assert [problem for exchange in seen for problem in contract.problems(exchange)] == []
    assert unknown(contract, models, seen) == set(UNKNOWN_TO_CLIENTS)


def test_operations_that_no_document_describes_are_those_that_are_listed(contract: Contract) -> None:
    nouns = {
        operation.name.partition("/")[0]
        for operation in OPERATIONS
        if contract.operation(operation.method, operation.path) is None
    }
    print("no document describes: " + ", ".join(sorted(nouns)))
    assert nouns == set(NOT_DESCRIBED)


def test_a_client_knows_every_property_that_the_lab_sends(
    contract: Contract, models: Models, walked: tuple[Lab, list[Exchange]]
) -> None:
    assert unknown(contract, models, walked[1]) == set(UNKNOWN_TO_CLIENTS)
