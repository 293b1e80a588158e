"""`python -m lab serve`, as a process."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from azure.identity import WorkloadIdentityCredential

from lab.__main__ import main

ROOT = Path(__file__).parents[2]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "lab", "serve", *arguments]


def test_it_prints_what_a_client_needs_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    process = subprocess.Popen(
        command("--scenario", "demo", "--ca-file", str(ca_file)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    while "Ctrl-C stops it" not in said:
        line = process.stdout.readline()
        assert line, process.communicate()
        said += line
    endpoint = re.search(r"ARM endpoint +(https://localhost:\d+)\n", said)
    assert endpoint is not None
    answer = requests.get(f"{endpoint[1]}/subscriptions?api-version=2022-12-01", verify=str(ca_file), timeout=10)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=20)
    assert answer.status_code == 401
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "AUTHORITY_HOST"):
        assert f"export AZURE_{name}=" in said
    assert f"export REQUESTS_CA_BUNDLE={ca_file}\n" in said
    assert f"sealproof --arm-endpoint {endpoint[1]} --ca {ca_file} --target /subscriptions/" in said
    assert (process.returncode, rest.strip(), errors) == (0, "lab: stopped", "")


def test_it_says_which_faults_never_struck(tmp_path: Path) -> None:
    scenario = tmp_path / "faulty.yaml"
    fault = "\nfaults: [{operation: token/grant, effect: drop, calls: [3]}]\n"
    scenario.write_text((ROOT / "lab" / "scenarios" / "demo.yaml").read_text(encoding="utf-8") + fault)
    process = subprocess.Popen(
        command("--scenario", str(scenario)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while "Ctrl-C stops it" not in process.stdout.readline():
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert errors == "lab: this fault of the scenario never struck: drop of token/grant, call 3\n"


def test_it_writes_a_federated_token_that_signs_in_by_the_printed_exports(tmp_path: Path) -> None:
    token_file, ca_file = tmp_path / "token", tmp_path / "ca.pem"
    process = subprocess.Popen(
        command("--scenario", "demo", "--ca-file", str(ca_file), "--federated-token-file", str(token_file)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    exported: dict[str, str] = {}
    for line in process.stdout:
        if found := re.search(r"export (\w+)=(\S+)", line):
            exported[found[1]] = found[2]
        if "Ctrl-C stops it" in line:
            break
    assert exported["AZURE_FEDERATED_TOKEN_FILE"] == str(token_file)
    with WorkloadIdentityCredential(
        tenant_id=exported["AZURE_TENANT_ID"],
        client_id=exported["AZURE_CLIENT_ID"],
        token_file_path=exported["AZURE_FEDERATED_TOKEN_FILE"],
        authority=exported["AZURE_AUTHORITY_HOST"],
        connection_verify=exported["REQUESTS_CA_BUNDLE"],
        disable_instance_discovery=True,
    ) as signed_in:
        assert signed_in.get_token(f"{exported['AZURE_AUTHORITY_HOST']}/.default").token
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--principal", "me"), "has no principal 'me'. It has: owner."),
        (("--federated-token-file", "/nowhere/token"), "can't be written to /nowhere/token"),
    ],
)
def test_what_can_not_sign_in_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: tuple[str, str], told: str
) -> None:
    monkeypatch.setattr("lab.__main__.signal.signal", lambda *_: None)  # it would stay after the test
    code = main(["serve", "--scenario", "demo", *more])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.startswith("lab: ")
    assert told in said.err


@pytest.mark.parametrize("scenario", ["nope", "broken.yaml"])
def test_a_scenario_that_can_not_be_used_is_one_clear_error(tmp_path: Path, scenario: str) -> None:
    (tmp_path / "broken.yaml").write_text("version: 2\n")
    path = scenario if scenario == "nope" else str(tmp_path / scenario)
    done = subprocess.run(
        command("--scenario", path), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("lab: ")
    assert "Traceback" not in done.stderr
