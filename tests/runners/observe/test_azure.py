"""ARM's JSON becomes facts: as Azure sent it, as the lab sends it, and where something could not be read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.facts import AgentStatus, AzureFacts, DiskEncryption, Extension, Fact, Lock, UnknownFact
from checks.healthy import GROUP
from lab.scenario import Pace
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from runners.azure import Arm
from runners.cloud import Cloud
from runners.errors import AzureError
from runners.observe.azure import azure_facts, observe_azure
from runners.scheduler import ThreadScheduler
from tests.lab.machines import credential, memory_guest

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "azure"
REFUSED = AzureError("HTTP 403 AuthorizationFailed", status=403)
VIEW: dict[str, Any] = {"statuses": [{"code": "PowerState/running"}]}
DISK: dict[str, Any] = {"id": f"{GROUP}/disks/golden-os", "name": "golden-os", "properties": {}}
Json = dict[str, Any]


def recorded(file: str, sequence: int) -> Json:
    path = RECORDINGS / file
    if not path.exists():
        pytest.skip(f"the recorded exchanges are not here: {path.parent}")
    body = next(item for item in json.loads(path.read_text()) if item["seq"] == sequence)["response_body"]
    assert isinstance(body, dict)
    return body


def facts_of(vm: Json) -> AzureFacts:
    """Return the facts in a recorded VM that was asked for with `$expand=instanceView`."""
    return azure_facts(vm, [vm["properties"]["instanceView"]], vm.get("resources", []), [], None)


def model(**properties: Any) -> Json:
    return {"id": f"{GROUP}/virtualMachines/golden", "name": "golden", "properties": properties}


def facts(
    view: Json | AzureError = VIEW, extensions: Any = (), locks: Any = (), disk: Any = DISK, **properties: Any
) -> AzureFacts:
    return azure_facts(model(**properties), [view], extensions, locks, disk)


# Azure's own answers


def test_a_running_vm() -> None:
    found = facts_of(recorded("test_vm_generalize.json", 19))

    assert (found.power_state.value, found.generalized.value, found.platform) == ("running", (False,), "linux")
    assert found.agent.value.display_status == "Ready"
    assert found.agent.value.version == "2.11.1.4"
    assert found.vm_id
    assert found.etag


def test_a_stopped_vm_keeps_the_last_word_of_its_agent() -> None:
    running = facts_of(recorded("test_vm_create_state_modifications.json", 39))
    stopped = facts_of(recorded("test_vm_create_state_modifications.json", 52))

    assert (running.power_state.value, stopped.power_state.value) == ("running", "stopped")
    assert stopped.agent.value.display_status == "Ready"


def test_a_deallocated_vm_has_no_agent() -> None:
    found = facts_of(recorded("test_vm_create_state_modifications.json", 75))

    assert found.power_state.value == "deallocated"
    assert found.agent.absent
    assert found.generalized.value == (False,)


def test_a_generalized_vm_keeps_its_power_state() -> None:
    found = facts_of(recorded("cli2021_test_vm_capture_zone_resilient_image.json", 17))

    assert (found.power_state.value, found.generalized.value) == ("deallocated", (True,))


def test_disk_encryption_shows_in_the_instance_view_and_not_in_the_model() -> None:
    found = facts_of(recorded("test_vm_disk_encryption_e2e.json", 42))

    (disk,) = found.disk_encryption.value
    assert (disk.enabled, disk.status) == (True, "Encryption is enabled on disk")
    assert found.model_encryption == Fact.of(False)
    assert [(item.publisher, item.type, item.provisioning_state) for item in found.extensions.value] == [
        ("Microsoft.Azure.Security", "AzureDiskEncryption", "Succeeded")
    ]
    assert found.platform == "windows"


def test_a_vm_that_is_not_encrypted() -> None:
    found = facts_of(recorded("test_vm_disk_encryption_e2e.json", 22))

    assert [disk.enabled for disk in found.disk_encryption.value] == [False]
    assert found.extensions.value == ()


def test_every_recorded_vm_becomes_facts() -> None:
    if not RECORDINGS.exists():
        pytest.skip(f"the recorded exchanges are not here: {RECORDINGS}")
    seen = 0
    for file in sorted(RECORDINGS.glob("*.json")):
        for item in json.loads(file.read_text()):
            body = item.get("response_body")
            if isinstance(body, dict) and "instanceView" in (body.get("properties") or {}) and "vmId" in str(body):
                found = facts_of(body)
                assert found.power_state.known
                assert found.vm_id
                seen += 1
    assert seen > 10


# Single facts


def test_what_could_not_be_read_is_unknown_and_says_why() -> None:
    found = azure_facts(model(), [REFUSED], REFUSED, REFUSED, REFUSED)

    for fact in (
        found.power_state,
        found.generalized,
        found.agent,
        found.disk_encryption,
        found.extensions,
        found.locks,
        found.os_disk,
    ):
        assert fact.to_json() == {"unknown": "HTTP 403 AuthorizationFailed"}


def test_a_view_without_a_power_state_is_unknown_and_never_stopped() -> None:
    assert not facts({"statuses": [{"code": "ProvisioningState/failed"}]}).power_state.known


def test_the_flag_is_read_as_often_as_the_view_was() -> None:
    flagged: Json = {"statuses": [{"code": "OSState/generalized"}, {"code": "PowerState/deallocated"}]}

    assert azure_facts(model(), [VIEW, flagged], [], [], None).generalized.value == (False, True)
    assert not azure_facts(model(), [flagged, REFUSED], [], [], None).generalized.known


def test_a_specialized_vm_is_not_a_generalized_one() -> None:
    view: Json = {"statuses": [{"code": "OSState/specialized"}, {"code": "PowerState/running"}]}

    assert facts(view).generalized.value == (False,)


def test_an_agent_without_a_status_is_unknown() -> None:
    with pytest.raises(UnknownFact, match="without a status"):
        _ = facts(VIEW | {"vmAgent": {"vmAgentVersion": "Unknown"}}).agent.value


def test_an_agent_that_is_not_ready_says_so() -> None:
    # Recorded of a VM whose agent was not up: {"code": "ProvisioningState/Unavailable", "displayStatus": "Not Ready"}
    agent = {"vmAgentVersion": "Unknown", "statuses": [{"displayStatus": "Not Ready"}]}

    assert facts(VIEW | {"vmAgent": agent}).agent == Fact.of(AgentStatus("Unknown", "Not Ready", ""))


@pytest.mark.parametrize(
    ("disk", "enabled"),
    [
        ({"encryptionSettings": [{"enabled": True}]}, True),
        ({"statuses": [{"code": "EncryptionState/encrypted"}]}, True),
        ({"statuses": [{"code": "EncryptionState/encryptionInProgress"}]}, True),
        ({"statuses": [{"code": "EncryptionState/notEncrypted"}], "encryptionSettings": [{"enabled": False}]}, False),
        ({"statuses": [{"code": "ProvisioningState/succeeded"}]}, False),
        ({}, False),
    ],
)
def test_a_disk_is_encrypted_where_either_place_says_so(disk: Json, enabled: bool) -> None:
    (found,) = facts(VIEW | {"disks": [disk | {"name": "os"}]}).disk_encryption.value

    assert (found.disk, found.enabled) == ("os", enabled)


def test_the_status_of_an_encrypted_disk_is_kept() -> None:
    states = [{"code": "EncryptionState/encrypted", "displayStatus": "Encryption is enabled on disk"}]

    assert facts(VIEW | {"disks": [{"name": "os", "statuses": states}]}).disk_encryption.value == (
        DiskEncryption("os", enabled=True, status="Encryption is enabled on disk"),
    )


def test_a_lock_names_the_scope_that_carries_it() -> None:
    scope = "/subscriptions/s/resourceGroups/images"
    lock = {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/keep",
        "name": "keep",
        "properties": {"level": "ReadOnly"},
    }

    assert facts(locks=[lock]).locks.value == (Lock("keep", "ReadOnly", scope),)


def test_an_extension_without_properties_has_empty_fields() -> None:
    assert facts(extensions=[{"name": "ours"}]).extensions.value == (Extension("ours", "", "", ""),)


def test_a_disk_has_azure_s_defaults_where_arm_says_nothing() -> None:
    disk = facts().os_disk.value

    assert (disk.network_access_policy, disk.public_network_access, disk.size_bytes) == ("AllowAll", "Enabled", 0)
    assert (disk.disk_access_id, disk.security_type, disk.encryption_settings_enabled) == ("", "", False)


def test_a_disk_s_own_words_are_kept() -> None:
    properties = {
        "uniqueId": "u",
        "diskSizeBytes": 32,
        "networkAccessPolicy": "DenyAll",
        "publicNetworkAccess": "Disabled",
        "diskAccessId": "a",
        "encryptionSettingsCollection": {"enabled": True},
        "securityProfile": {"securityType": "TrustedLaunch"},
        "diskState": "ActiveSAS",
    }
    disk = facts(disk=DISK | {"properties": properties}).os_disk.value

    assert (disk.unique_id, disk.size_bytes, disk.disk_state) == ("u", 32, "ActiveSAS")
    assert (disk.network_access_policy, disk.public_network_access, disk.disk_access_id) == ("DenyAll", "Disabled", "a")
    assert (disk.encryption_settings_enabled, disk.security_type) == (True, "TrustedLaunch")


def test_the_security_type_is_the_model_s() -> None:
    assert facts(securityProfile={"securityType": "TrustedLaunch"}).security_type.value == "TrustedLaunch"
    assert facts(securityProfile={"encryptionAtHost": True}).security_type.absent
    assert facts().security_type.absent


def test_a_recorded_vm_with_trusted_launch() -> None:
    found = facts_of(recorded("test_vm_create_with_default_trusted_launch.json", 65))

    assert found.security_type.value == "TrustedLaunch"


def test_a_vm_without_a_managed_os_disk_has_none() -> None:
    assert facts(disk=None).os_disk.absent


def test_data_disks_are_named_by_their_id_or_by_their_name() -> None:
    found = facts(storageProfile={"dataDisks": [{"managedDisk": {"id": "/disks/data"}}, {"name": "unmanaged"}]})

    assert found.data_disks.value == ("/disks/data", "unmanaged")


@pytest.mark.parametrize(
    ("profile", "kept"),
    [
        ({"bootDiagnostics": {"enabled": True}}, True),
        ({"bootDiagnostics": {"enabled": False}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_serial_log_is_kept_where_boot_diagnostics_are_on(profile: Json | None, kept: bool) -> None:
    assert facts(diagnosticsProfile=profile).serial_log.value is kept


def test_the_model_s_own_encryption_settings_are_read() -> None:
    profile = {"osDisk": {"osType": "Linux", "encryptionSettings": {"enabled": True}}}

    found = facts(storageProfile=profile)

    assert found.model_encryption.value
    assert found.platform == "linux"


def test_an_empty_model_breaks_nothing() -> None:
    found = azure_facts({}, [{}], [], [], None)

    assert (found.id, found.vm_id, found.platform, found.tags.value, found.etag) == ("", "", "", {}, "")


# The lab, through the SDK


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario, guests=memory_guest) as lab:
        yield lab


def observe(lab: Lab, vm: str, reads: int = 1, arm: type[Arm] = Arm) -> AzureFacts:
    cloud = Cloud(lab.endpoint, f"{lab.endpoint}/.default", lab.ca_file, lab=True, poll_seconds=0.01)
    scheduler, client = ThreadScheduler(2), arm(cloud, credential(lab))
    try:
        return asyncio.run(observe_azure(client, scheduler, vm, reads=reads))
    finally:
        client.close()
        scheduler.close()


@pytest.mark.parametrize(("number", "platform"), [(0, "linux"), (1, "windows")])
def test_a_vm_of_the_lab_is_observed_whole(running: Lab, number: int, platform: str) -> None:
    target = running.fleet["targets"][number]
    found = observe(running, target["id"])

    assert (found.name, found.vm_id, found.platform) == (target["name"], target["vm_id"], platform)
    assert (found.power_state.value, found.agent.value.display_status) == ("running", "Ready")
    assert found.os_disk.value.unique_id
    assert all(fact.known for fact in (found.extensions, found.locks, found.disk_encryption, found.generalized))


def test_the_view_is_read_as_often_as_asked_and_everything_else_once(running: Lab) -> None:
    before = len(running.requests)
    found = observe(running, running.fleet["targets"][0]["id"], reads=2)

    paths = [item.path.lower().rsplit("/", 1)[-1] for item in running.requests[before:]]
    assert found.generalized.value == (False, False)
    assert paths.count("instanceview") == 2
    assert [paths.count(name) for name in ("debian01", "extensions")] == [1, 1]
    assert paths.count("locks") == 2, "once for the VM, once for its OS disk"


def test_a_vm_that_can_not_be_read_is_an_error(running: Lab) -> None:
    with pytest.raises(AzureError, match="reading VM gone01"):
        observe(running, running.fleet["targets"][0]["id"].replace("debian01", "gone01"))


def test_locks_that_can_not_be_read_are_unknown_and_the_rest_is_known(running: Lab) -> None:
    class Unprivileged(Arm):
        def locks(self, scope: str) -> list[dict[str, Any]]:
            raise AzureError("listing the locks: HTTP 403", status=403)

    found = observe(running, running.fleet["targets"][0]["id"], arm=Unprivileged)

    assert found.locks.to_json() == {"unknown": "listing the locks: HTTP 403"}
    assert found.extensions.known
    assert found.os_disk.known
