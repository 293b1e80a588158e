"""Secrets that lie wherever a guest or Azure could put them: none of them reaches evidence, reports or the screen."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.keys import new_key_pair
from tests.runners.runs import Run, scenario, sealproof

PRIVATE = new_key_pair()[0].decode()
SAS = "https://md-x.z1.blob.storage.azure.net/abc/abcd?sv=2018-03-28&sr=b&sig={}%3D"
FORMS = (
    SAS,
    "the upload to https://x.blob.core.windows.net/c/b?sp=r&se=2026&sig={}&x=1 failed",
    "http://proxyuser:{}@proxy.example:3128/",
    "AccountKey={}==;EndpointSuffix=core.windows.net",
    "SharedAccessKey={}==",
    "SharedAccessSignature sr=x&sig={}&se=1",
    "password={}",
    "Password: {} was refused",
    '{{"adminPassword": "{}"}}',
    "--password {}",
    "Authorization: Bearer {}",
    "client_secret={}&grant_type=client_credentials",
    "azureuser:$6$rounds=5000$salt${}abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij:19000:0",
)


class Canaries:
    """Makes secrets that can be told apart, in every form, and remembers where each was put."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def __call__(self, where: str, form: str = "{}") -> str:
        secret = f"CANARY{len(self.planted):04d}x7Qz9Kd"
        self.planted[secret] = f"{where}: {form}"
        return form.format(secret)

    def every(self, where: str) -> str:
        return " ; ".join(self(where, form) for form in FORMS)

    def jwt(self, where: str) -> str:
        parts = (
            base64.urlsafe_b64encode(json.dumps(item).encode()).decode().rstrip("=")
            for item in ({"alg": "RS256"}, {"a": 1})
        )
        return ".".join([*parts, self(where) + "abcdefghijklmnop"])

    def found_in(self, text: str) -> dict[str, str]:
        return {secret: where for secret, where in self.planted.items() if secret in text}


def planted(folder: Path, put: Canaries) -> Path:
    """Write a scenario of three machines whose documents, guests, consoles and errors are full of secrets."""
    path = scenario(folder, "debian01", "luks01", "win01")
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for machine in data["machines"]:
        name = machine["name"]
        linux = machine["platform"] == "linux"
        machine["model"] = {
            "patch": {
                "tags": {"owner": put.every(f"{name} tag"), "password": put(f"{name} tag password")},
                "properties": {
                    "userData": put(f"{name} userData"),
                    "osProfile": {
                        "customData": put(f"{name} customData"),
                        "adminPassword": put(f"{name} adminPassword"),
                        "secrets": [{"sourceVault": {"id": put(f"{name} osProfile.secrets")}}],
                    },
                },
            }
        }
        view = machine.setdefault("instance_view", {})
        view["patch"] = {
            "bootDiagnostics": {"serialConsoleLogBlobUri": put(f"{name} serial log", SAS)},
            "extensions": [
                {
                    "name": "CustomScript",
                    "type": "Microsoft.Azure.Extensions.CustomScript",
                    "statuses": [
                        {"code": "ProvisioningState/succeeded", "message": put.every(f"{name} extension view")}
                    ],
                }
            ],
        }
        machine["os_disk"] = {"patch": {"tags": {"key": put(f"{name} disk tag")}}}
        machine.setdefault("extensions", []).append(
            {
                "inline": {
                    "name": "CustomScript",
                    "id": "${id}/extensions/CustomScript",
                    "type": "Microsoft.Compute/virtualMachines/extensions",
                    "location": "${location}",
                    "properties": {
                        "publisher": "Microsoft.Azure.Extensions",
                        "type": "CustomScript",
                        "typeHandlerVersion": "2.1",
                        "provisioningState": "Succeeded",
                        "settings": {"commandToExecute": put.every(f"{name} extension settings")},
                        "protectedSettings": {"storageAccountKey": put(f"{name} protectedSettings")},
                        "instanceView": {"statuses": [{"message": put.every(f"{name} extension status")}]},
                    },
                }
            }
        )
        machine["locks"] = []
        simulated = machine["guest"]["simulated"]
        if linux and name == "debian01":
            simulated["patch"] = {
                "agent": {
                    "agent_traceback": ["=" + put.every(f"{name} agent's traceback")],
                }
            }
            simulated["on_step"] = {"prepare": {"stdout": "", "stderr": put.every(f"{name} stderr"), "exit_code": 0}}
        if not linux:
            log = [f"SYSPRP {put(f'{name} log', form)}" for form in FORMS] + PRIVATE.splitlines()
            look = {"processes": [], "image_state": "IMAGE_STATE_COMPLETE", "errors": log}
            simulated["on_launch"] |= {"seconds": None, "watch": [look]}
    data["faults"] = [
        {
            "operation": "virtualMachines/runCommand",
            "target": "luks01",
            "effect": "refuse",
            "status": 403,
            "code": "AuthorizationFailed",
            "message": put.every("refusal") + " " + put.jwt("refusal, token") + " " + PRIVATE.replace("\n", " "),
        },
        {
            "operation": "virtualMachines/extensions",
            "target": "debian01",
            "effect": "refuse",
            "status": 403,
            "message": put.every("refusal of the extensions"),
        },
    ]
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, canaries: Canaries) -> Run:
    folder = tmp_path_factory.mktemp("secrets")
    return sealproof(folder, f"--lab={planted(folder, canaries)}", "-q")


def test_no_secret_is_in_evidence_reports_or_on_the_screen(run: Run, canaries: Canaries) -> None:
    assert len(canaries.planted) > 150
    assert run.folder.exists(), run.text
    texts = {"the screen": run.text} | {
        str(file.relative_to(run.folder)): file.read_text(encoding="utf-8")
        for file in sorted(run.folder.rglob("*"))
        if file.is_file()
    }
    assert len(texts) > 10
    marked = [name for name, text in texts.items() if "<redacted>" in text or "&lt;redacted&gt;" in text]
    assert {"evidence.json", "facts/debian01.json", "report.html"} <= set(marked), "what was planted was seen"
    leaks = {name: sorted(set(canaries.found_in(text).values())) for name, text in texts.items()}
    assert {name: found for name, found in leaks.items() if found} == {}
    private = [line for line in PRIVATE.splitlines() if not line.startswith("-")]
    assert [(name, line) for name, text in texts.items() for line in private if line in text] == []
