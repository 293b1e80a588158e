"""What a role allows, where, and how ARM's gateway refuses the rest."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient

from lab.arm.access import allows, scope_of, sees
from lab.arm.routes import OPERATIONS
from lab.principal import Principal, Role
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.lab.arm.conftest import SCENARIO
from tests.lab.machines import Arm, compute, credential, memory_guest

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-Test"
MACHINE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/Linux01"
READER = "Microsoft.Compute/virtualMachines/read"


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        (MACHINE, MACHINE),
        (f"{MACHINE}/instanceView", MACHINE),
        (f"{MACHINE}/runCommands/one", f"{MACHINE}/runCommands/one"),
        (f"{GROUP}/providers/Microsoft.Compute/virtualMachines", f"{GROUP}/providers/Microsoft.Compute"),
        (f"{GROUP}/", GROUP),
        (f"{SUBSCRIPTION}/resourceGroups", SUBSCRIPTION),
        ("/subscriptions", ""),
    ],
)
def test_a_call_acts_over_what_its_path_names(path: str, scope: str) -> None:
    assert scope_of(path) == scope


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("*", True),
        ("*/read", True),
        ("Microsoft.Compute/*", True),
        ("microsoft.compute/VIRTUALMACHINES/read", True),
        ("Microsoft.Compute/virtualMachines/*/read", False),
        ("Microsoft.Compute/virtualMachines", False),
        ("Microsoft.Compute/disks/read", False),
        ("Microsoft.Compute.virtualMachines.read", False),
        ("", False),
    ],
)
def test_an_action_may_have_wildcards_that_cross_slashes(pattern: str, allowed: bool) -> None:
    assert allows([Role(actions=(pattern,), scope="/")], READER, MACHINE) is allowed


@pytest.mark.parametrize(
    ("assigned", "allowed"),
    [
        ("/", True),
        (SUBSCRIPTION, True),
        (GROUP.upper(), True),
        (MACHINE, True),
        (f"{MACHINE}/", True),
        (f"{MACHINE}/extensions/ade", False),
        (f"{SUBSCRIPTION}/resourceGroups/rg-Tes", False),
        (f"{SUBSCRIPTION}/resourceGroups/rg-locked", False),
    ],
)
def test_a_role_holds_at_its_scope_and_below(assigned: str, allowed: bool) -> None:
    assert allows([Role(actions=(READER,), scope=assigned)], READER, MACHINE) is allowed


def test_what_one_role_takes_out_another_may_allow() -> None:
    without = Role(actions=("*",), not_actions=("*/read",), scope=SUBSCRIPTION)
    assert not allows([without], READER, MACHINE)
    assert allows([without, Role(actions=(READER,), scope=MACHINE)], READER, MACHINE)
    assert not allows([], READER, MACHINE)


def test_a_list_shows_the_scopes_above_and_below_a_role() -> None:
    assert sees([Role(scope=MACHINE)], SUBSCRIPTION)
    assert sees([Role(scope="/")], SUBSCRIPTION)
    assert not sees([Role(scope="/subscriptions/33333333-2222-4222-8222-222222222222")], SUBSCRIPTION)
    assert not sees([Role(actions=(), scope=SUBSCRIPTION)], SUBSCRIPTION)


# Through ARM

OPERATOR = Principal(
    name="operator",
    client_id=uuid.UUID(int=1),
    secret="operators-secret",
    roles=(
        Role(actions=("Microsoft.Compute/*/read", "Microsoft.Compute/virtualMachines/deallocate/action"), scope=GROUP),
    ),
)
NOBODY = Principal(name="nobody", client_id=uuid.UUID(int=2), secret="nobodys-secret")


@pytest.fixture(scope="module")
def guarded() -> Iterator[Lab]:
    scenario = load_scenario(SCENARIO).model_copy(update={"principals": (OPERATOR, NOBODY)})
    with serve(scenario, guests=memory_guest) as lab:
        yield lab


@pytest.fixture(scope="module")
def operator(guarded: Lab) -> Iterator[ComputeManagementClient]:
    with compute(guarded, signed_in=credential(guarded, principal=OPERATOR)) as client:
        yield client


def arm(lab: Lab, principal: Principal, method: str, path: str) -> requests.Response:
    client = Arm(lab, signed_in=credential(lab, principal=principal))
    try:
        return client(method, path)
    finally:
        client.close()


def test_a_missing_right_is_azures_403_from_the_gateway_and_nothing_is_done(guarded: Lab) -> None:
    answer = arm(guarded, OPERATOR, "POST", f"{MACHINE}/generalize")

    assert (answer.status_code, answer.headers["x-ms-failure-cause"]) == (403, "gateway")
    assert answer.json()["error"] == {
        "code": "AuthorizationFailed",
        "message": f"The client '{OPERATOR.client_id}' with object id '{OPERATOR.object_id}' does not have "
        "authorization to perform action 'Microsoft.Compute/virtualMachines/generalize/action' over scope "
        f"'{MACHINE}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
    }
    assert guarded.requests[-1].principal == "operator"
    with compute(guarded) as client:
        seen = client.virtual_machines.instance_view("rg-Test", "Linux01").statuses or []
    assert [status.code for status in seen] == ["ProvisioningState/succeeded", "PowerState/running"]


def test_whoever_may_begin_an_operation_may_follow_it(guarded: Lab, operator: ComputeManagementClient) -> None:
    operator.virtual_machines.begin_deallocate("rg-Test", "windows01").result()
    seen = [entry for entry in guarded.requests if entry.principal == "operator"]
    assert {entry.status for entry in seen if entry.operation == "operations/get"} == {200}


def test_rights_end_at_their_scope(operator: ComputeManagementClient) -> None:
    assert operator.virtual_machines.get("rg-Test", "Linux01").name == "Linux01"
    with pytest.raises(HttpResponseError, match="AuthorizationFailed") as elsewhere:
        operator.virtual_machines.get("rg-locked", "locked01")
    assert elsewhere.value.status_code == 403
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        list(operator.virtual_machines.list_all())


def test_who_may_not_look_does_not_learn_what_exists(guarded: Lab) -> None:
    there, gone = (arm(guarded, NOBODY, "GET", path) for path in (MACHINE, f"{MACHINE}-gone"))
    assert (there.status_code, gone.status_code) == (403, 403)


# such as {vm} of "/subscriptions/{subscription}/.../virtualMachines/{vm}/generalize"
PART = re.compile(r"\{(\w+)\}")
NAMES = {"subscription": SUBSCRIPTION.rpartition("/")[2], "group": "rg-Test", "vm": "Linux01"}


def test_every_operation_asks_for_its_right(guarded: Lab) -> None:
    client = Arm(guarded, signed_in=credential(guarded, principal=NOBODY))
    for operation in OPERATIONS:
        assert re.fullmatch(r"Microsoft\.\w+(/\w+)+/(read|write|delete|action)", operation.action)
        path = PART.sub(lambda part: NAMES.get(part[1], "any"), operation.path)
        answer = client(operation.method, path)
        if path == "/subscriptions":
            assert answer.json() == {"value": []}
        elif operation.signed:
            assert answer.json()["error"]["code"] == "NotFound"
        else:
            assert (answer.status_code, answer.headers["x-ms-failure-cause"]) == (403, "gateway"), operation
            assert operation.method == "HEAD" or f"'{operation.action}'" in answer.json()["error"]["message"]
    client.close()


def test_subscriptions_are_listed_to_those_who_have_a_role_in_them(guarded: Lab) -> None:
    listed = {
        principal.name: arm(guarded, principal, "GET", "/subscriptions").json()["value"]
        for principal in (OPERATOR, NOBODY)
    }
    assert [item["id"] for item in listed["operator"]] == [SUBSCRIPTION]
    assert listed["nobody"] == []


@pytest.mark.parametrize("kind", ["VM", "disk"])
def test_what_is_allowed_at_a_resource_is_told_role_by_role(guarded: Lab, kind: str) -> None:
    scope = MACHINE if kind == "VM" else str(guarded.scenario.machines[0].os_disk["id"])
    role = Role(actions=("*/read",), not_actions=(READER,), scope=scope)
    asker = Principal(name="asker", client_id=uuid.UUID(int=3), secret="asks", roles=(role, Role(scope="/elsewhere")))
    with serve(guarded.scenario.model_copy(update={"principals": (asker,)}), guests=memory_guest) as lab:
        answer = arm(lab, asker, "GET", f"{scope}/providers/Microsoft.Authorization/permissions")

    told = {"actions": ["*/read"], "notActions": [READER], "dataActions": [], "notDataActions": []}
    assert answer.json() == {"value": [told]}
