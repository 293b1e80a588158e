"""Runs of people who may not do all that a run needs, against a lab that is somebody else's Azure to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from lab.principal import Principal, Role
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from tests.runners.runs import Run, scenario, sealproof

ALL = Role(scope="/")
NO_LOCKS = Principal(
    name="no-locks",
    client_id=uuid.UUID(int=1),
    secret="no-locks-secret",
    roles=(Role(not_actions=("Microsoft.Authorization/locks/read",), scope="/"),),
)
READER = Principal(
    name="reader", client_id=uuid.UUID(int=2), secret="readers-secret", roles=(Role(actions=("*/read",), scope="/"),)
)
OLD = Principal(name="old", client_id=uuid.UUID(int=3), secret="old-secret", secret_expired=True, roles=(ALL,))
CI = Principal(name="ci", client_id=uuid.UUID(int=4), federated_subject="repo:contoso/images", roles=(ALL,))
HOST = Principal(name="host", client_id=uuid.UUID(int=5), managed_identity=True, roles=(ALL,))


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    loaded = load_scenario(scenario(tmp_path_factory.mktemp("azure"), "debian01", seconds=0.02))
    with serve(loaded.model_copy(update={"principals": (NO_LOCKS, READER, OLD, CI, HOST)})) as lab:
        yield lab


@pytest.fixture
def run(azure: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    for name in ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    return Runner(azure, tmp_path, monkeypatch)


class Runner:
    """Runs `sealproof` as a principal of the lab."""

    def __init__(self, lab: Lab, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lab = lab
        self.folder = folder
        self.monkeypatch = monkeypatch
        (folder / "fleet.yaml").write_text(yaml.safe_dump(lab.fleet))

    def __call__(self, principal: Principal, variables: Mapping[str, str], *arguments: str) -> Run:
        self.monkeypatch.setenv("AZURE_TENANT_ID", self.lab.tenant_id)
        self.monkeypatch.setenv("AZURE_CLIENT_ID", str(principal.client_id))
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)
        way = ("--arm-endpoint", self.lab.endpoint, "--ca", str(self.lab.ca_file))
        return sealproof(self.folder, "--fleet", "fleet.yaml", *way, *arguments)

    def written(self, principal: Principal) -> set[str]:
        """What `principal` asked for that was no GET, allowed or not."""
        return {
            entry.operation
            for entry in self.lab.requests
            if entry.principal == principal.name and entry.method != "GET" and not entry.operation.startswith("token/")
        }


LOCKS = "perform Microsoft.Authorization/locks/read over /subscriptions/"
COMMAND = "perform Microsoft.Compute/virtualMachines/runCommand/action over /subscriptions/"


@pytest.mark.parametrize(
    ("principal", "lacks", "begun"),
    [(NO_LOCKS, LOCKS, {"virtualMachines/runCommand"}), (READER, COMMAND, {"virtualMachines/runCommand"})],
    ids=["a read", "the guest"],
)
def test_a_run_without_the_right_to_look_finds_its_gate_closed_and_does_nothing(
    run: Runner, principal: Principal, lacks: str, begun: set[str]
) -> None:
    done = run(principal, {"AZURE_CLIENT_SECRET": str(principal.secret)}, "--generalize")

    assert (done.code, done.evidence.verdict) == (1, "failed")
    assert done.evidence.run.principal == principal.object_id
    rows = [row for row in done.evidence.results if lacks in row.reason]
    assert {row.outcome for row in rows} == {"undetermined"}
    assert rows[0].reason.endswith("A role just given holds after some minutes.")
    assert "not allowed: ask for a role (docs/azure-roles/) that lets" in " ".join(done.text.split())
    assert run.written(principal) == begun
    assert not done.evidence.targets[0].gate.open


@pytest.mark.parametrize("way", ["federated token", "managed identity"])
def test_a_run_signs_in_without_a_secret(run: Runner, way: str) -> None:
    token_file = run.folder / "token"
    token_file.write_text(run.lab.federated_token("ci"))
    principal, variables = {
        "federated token": (CI, {"AZURE_FEDERATED_TOKEN_FILE": str(token_file)}),
        "managed identity": (
            HOST,
            {"IDENTITY_ENDPOINT": run.lab.identity_endpoint, "IDENTITY_HEADER": run.lab.identity_header},
        ),
    }[way]

    done = run(principal, variables, "--observe")

    assert (done.code, done.evidence.verdict) == (0, "ready")
    assert done.evidence.run.principal == principal.object_id


@pytest.mark.parametrize(
    ("secret", "told"),
    [("wrong", "AADSTS7000215: Invalid client secret provided."), ("old-secret", "AADSTS7000222: The provided client")],
)
def test_a_secret_that_is_not_accepted_is_a_usage_error_with_a_remedy(run: Runner, secret: str, told: str) -> None:
    done = run(OLD, {"AZURE_CLIENT_SECRET": secret})

    assert (done.code, done.started_nothing) == (4, True)
    assert f"not signed in at {run.lab.endpoint}: EnvironmentCredential: {told}" in done.text
    assert "`az ad app credential reset --append --id APPLICATION` makes a new secret" in done.text
    assert secret not in done.text
    assert "Traceback" not in done.text


def test_a_federated_token_that_has_expired_is_a_usage_error_with_a_remedy(run: Runner) -> None:
    token_file = run.folder / "token"
    token_file.write_text(run.lab.federated_token("ci", seconds=0))

    done = run(CI, {"AZURE_FEDERATED_TOKEN_FILE": str(token_file)})

    assert (done.code, done.started_nothing) == (4, True)
    assert "WorkloadIdentityCredential: AADSTS700024: Client assertion is not within its valid time range" in done.text
    assert "write a new token into the file that AZURE_FEDERATED_TOKEN_FILE names" in done.text
    assert token_file.read_text() not in done.text
