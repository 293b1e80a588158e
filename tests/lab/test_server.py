"""A running lab: several at once, guests that are closed, and starts that fail cleanly."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import pytest
import requests
from azure.mgmt.compute.models import RunCommandInput

import lab
from lab.guests.guest import ScriptResult
from lab.scenario import Machine
from lab.scenario_loader import load_scenario
from tests.lab.machines import MemoryGuest, compute, echo, guest, memory_guest

SCENARIO = Path(__file__).parent / "arm" / "scenario.yaml"


def test_two_labs_at_once_know_nothing_of_each_other() -> None:
    with lab.serve(SCENARIO, guests=memory_guest) as one, lab.serve("demo", guests=memory_guest) as two:
        assert one.endpoint != two.endpoint
        assert one.client_secret != two.client_secret
        with compute(one) as first, compute(two) as second:
            assert len(list(first.virtual_machines.list_all())) == 6
            assert len(list(second.virtual_machines.list_all())) == 2
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{one.endpoint}/metadata/endpoints", verify=str(two.ca_file), timeout=10)


def test_the_certificate_holds_for_localhost_and_its_address() -> None:
    with lab.serve("demo", guests=memory_guest) as running:
        for host in ("localhost", "127.0.0.1"):
            url = f"{running.endpoint.replace('localhost', host)}/metadata/endpoints"
            body = requests.get(url, verify=str(running.ca_file), timeout=10).json()
            assert body["authentication"]["loginEndpoint"] == running.authority


def test_no_request_is_logged_whoever_listens_to_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with lab.serve("demo", guests=memory_guest) as running:
        # As pytest does it to every logger that passes nothing on.
        logging.getLogger("uvicorn.access").addHandler(caplog.handler)
        try:
            requests.get(f"{running.endpoint}/blob/x?sig=abcd", verify=str(running.ca_file), timeout=10)
        finally:
            logging.getLogger("uvicorn.access").removeHandler(caplog.handler)
    assert "uvicorn.error" in {record.name for record in caplog.records}
    assert [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"] == []


def test_closing_ends_guests_and_threads_and_removes_the_certificate() -> None:
    before = set(threading.enumerate())
    running = lab.serve("demo", guests=memory_guest).start()
    ca_file = running.ca_file
    machine = guest(running, "debian01")
    with compute(running) as client:
        client.virtual_machines.get("rg-demo", "debian01")
        running.close()
    running.close()
    assert machine.closed.is_set()
    assert not ca_file.exists()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before


def test_closing_does_not_wait_for_a_script_that_never_ends() -> None:
    with lab.serve("demo", guests=memory_guest) as running, compute(running) as client:
        machine = guest(running, "debian01")

        def endless(script: str) -> ScriptResult:
            machine.closed.wait(30)
            return echo(script)

        machine.script = endless
        command = RunCommandInput(command_id="RunShellScript", script=["sleep infinity"])
        client.virtual_machines.begin_run_command("rg-demo", "debian01", command, polling=False)
    assert machine.closed.is_set()


def test_machines_start_in_the_power_state_of_the_scenario() -> None:
    with lab.serve(SCENARIO, guests=memory_guest) as running:
        states = {name: item.power() for name, item in running.guests.items()}
    assert states["private01"] == "stopped"
    assert states["Linux01"] == "running"


def test_a_stopped_guest_is_started_and_its_agent_awaited() -> None:
    made: list[MemoryGuest] = []

    def slow_guest(machine: Machine) -> MemoryGuest:
        slow = SlowGuest(machine.spec.platform)
        slow.state = "stopped"
        made.append(slow)
        return slow

    with lab.serve("real", guests=slow_guest):
        assert made[0].state == "running"
        assert made[0].agent_ready()


class SlowGuest(MemoryGuest):
    """A guest whose agent answers when it is asked for the third time."""

    asked = 0

    def agent_ready(self) -> bool:
        self.asked += 1
        return self.asked > 2


def test_an_agent_that_never_answers_fails_the_start_and_closes_the_guest() -> None:
    made: list[MemoryGuest] = []

    def mute_guest(machine: Machine) -> MemoryGuest:
        made.append(memory_guest(machine))
        made[-1].ready = False
        return made[-1]

    scenario = load_scenario("real")
    machine = scenario.machines[0]
    impatient = machine.model_copy(update={"spec": machine.spec.model_copy(update={"ready_within": 1})})
    with pytest.raises(lab.LabError, match=r"'debian-real01' did not answer within 1 s.*'booting"):
        lab.serve(scenario.model_copy(update={"machines": (impatient,)}), guests=mute_guest).start()
    assert made[0].closed.is_set()


def test_a_port_in_use_is_told_and_leaves_nothing_behind() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(lab.LabError, match=f"can't listen on 127.0.0.1:{port}.*Choose another port"):
            lab.serve("demo", port=port, guests=memory_guest).start()


def test_a_lab_that_does_not_run_says_so() -> None:
    stopped = lab.serve("demo", guests=memory_guest)
    with pytest.raises(lab.LabError, match="the lab is not running"):
        _ = stopped.endpoint
    with pytest.raises(lab.LabError, match="the lab is not running"):
        _ = stopped.ca_file


def test_the_ca_goes_where_it_is_wanted_and_stays(tmp_path: Path) -> None:
    wanted = tmp_path / "ca.pem"
    with lab.serve("demo", guests=memory_guest, ca_file=wanted) as running:
        assert running.ca_file == wanted
    assert wanted.read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_settings_that_a_simulated_guest_can_not_use_are_a_scenario_error(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        "version: 1\nmachines:\n  - {name: web01, resource_group: rg, platform: linux, "
        "vm_id: 00000000-0000-4000-8000-000000000001, guest: {simulated: {answers: none, disk: none}}}\n"
    )
    with pytest.raises(lab.ScenarioError, match="machine 'web01'"):
        lab.serve(file).start()
