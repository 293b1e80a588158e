"""A walk through a lab that calls every operation it plays, mostly through the real SDK."""

from __future__ import annotations

from collections.abc import Callable

import requests
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import (
    CreationData,
    GrantAccessData,
    Image,
    ImageProperties,
    Snapshot,
    SnapshotProperties,
    SubResource,
    VirtualMachineRunCommand,
    VirtualMachineRunCommandProperties,
    VirtualMachineRunCommandScriptSource,
    VirtualMachineRunCommandUpdate,
    VirtualMachineUpdate,
)

from lab.server import Lab
from tests.lab.contract.wire import Exchange, Wire
from tests.lab.machines import Arm, compute

GROUP = "rg-Test"
LINUX = "Linux01"
WINDOWS = "windows01"
READ = GrantAccessData(access="Read", duration_in_seconds=600)


def tour(running: Lab) -> list[Exchange]:
    """Walk through a lab of tests/lab/arm/scenario.yaml and return everything that passed over the wire."""
    wire, session = Wire(), requests.Session()
    transport = RequestsTransport(
        session=wire.watch(session), session_owner=False, connection_verify=str(running.ca_file)
    )
    arm = Arm(running, wire.watch(requests.Session()))
    with compute(running, transport=transport) as sdk:
        _look(sdk)
        _run_scripts(sdk)
        _run_managed_scripts(sdk)
        _take_snapshots(sdk)
        _stop_and_read_the_disk(sdk)
        _make_an_image(sdk)
        _ask_around(arm)
    arm.close()
    session.close()
    return wire.exchanges


def glance(running: Lab) -> list[Exchange]:
    """Look once at every machine of a lab, its disk and its extensions, and return what passed over the wire."""
    wire = Wire()
    arm = Arm(running, wire.watch(requests.Session()))
    version = "api-version=2026-04-01"
    for machine in running.scenario.machines:
        for path in (f"?{version}&$expand=instanceView", f"/instanceView?{version}", f"/extensions?{version}"):
            arm("GET", f"{machine.id}{path}")
        arm("GET", machine.os_disk["id"])
    arm.close()
    return wire.exchanges


def _look(sdk: ComputeManagementClient) -> None:
    list(sdk.virtual_machines.list_all())
    list(sdk.virtual_machines.list_all(status_only="true"))
    list(sdk.virtual_machines.list(GROUP))
    list(sdk.disks.list())
    list(sdk.disks.list_by_resource_group(GROUP))
    for name in (LINUX, WINDOWS):
        sdk.virtual_machines.get(GROUP, name)
        sdk.virtual_machines.get(GROUP, name, expand="instanceView")
        sdk.virtual_machines.instance_view(GROUP, name)
        sdk.virtual_machine_extensions.list(GROUP, name)
        sdk.disks.get(GROUP, _disk(sdk, name))
    sdk.virtual_machines.retrieve_boot_diagnostics_data(GROUP, LINUX)
    sdk.virtual_machines.begin_update(GROUP, LINUX, VirtualMachineUpdate(tags={"claimed": "yes"})).result()
    _refused(lambda: sdk.virtual_machines.get(GROUP, "nobody"))
    _refused(lambda: sdk.disks.get(GROUP, "nothing"))


def _run_scripts(sdk: ComputeManagementClient) -> None:
    for document in sdk.virtual_machine_run_commands.list("westeurope"):
        sdk.virtual_machine_run_commands.get("westeurope", str(document.id))
    for name, command in ((LINUX, "RunShellScript"), (WINDOWS, "RunPowerShellScript")):
        sdk.virtual_machines.begin_run_command(GROUP, name, {"commandId": command, "script": ["echo hello"]}).result()


def _run_managed_scripts(sdk: ComputeManagementClient) -> None:
    commands = sdk.virtual_machine_run_commands
    source = VirtualMachineRunCommandScriptSource(script="echo hello")
    properties = VirtualMachineRunCommandProperties(source=source, timeout_in_seconds=60)
    command = VirtualMachineRunCommand(location="westeurope", properties=properties)
    commands.begin_create_or_update(GROUP, LINUX, "look", command).result()
    properties = VirtualMachineRunCommandProperties(source=source, async_execution=True)
    update = VirtualMachineRunCommandUpdate(properties=properties)
    commands.begin_update(GROUP, LINUX, "look", update).result()
    commands.get_by_virtual_machine(GROUP, LINUX, "look")
    commands.get_by_virtual_machine(GROUP, LINUX, "look", expand="instanceView")
    list(commands.list_by_virtual_machine(GROUP, LINUX))
    commands.begin_delete(GROUP, LINUX, "look").result()
    _refused(lambda: commands.get_by_virtual_machine(GROUP, LINUX, "look"))


def _take_snapshots(sdk: ComputeManagementClient) -> None:
    source = sdk.disks.get(GROUP, _disk(sdk, LINUX)).id
    creation = CreationData(create_option="Copy", source_resource_id=source)
    for incremental in (False, True):
        properties = SnapshotProperties(creation_data=creation, incremental=incremental)
        snapshot = Snapshot(location="westeurope", properties=properties)
        sdk.snapshots.begin_create_or_update(GROUP, "before", snapshot).result()
        sdk.snapshots.get(GROUP, "before")
        list(sdk.snapshots.list())
        list(sdk.snapshots.list_by_resource_group(GROUP))
        sdk.snapshots.begin_grant_access(GROUP, "before", READ).result()
        sdk.snapshots.begin_revoke_access(GROUP, "before").result()
        sdk.snapshots.begin_delete(GROUP, "before").result()
    _refused(lambda: sdk.snapshots.get(GROUP, "before"))


def _stop_and_read_the_disk(sdk: ComputeManagementClient) -> None:
    disk = _disk(sdk, LINUX)
    _refused(lambda: sdk.virtual_machines.generalize(GROUP, LINUX))
    _refused(lambda: sdk.disks.begin_grant_access(GROUP, disk, READ))
    sdk.virtual_machines.begin_power_off(GROUP, LINUX, skip_shutdown=False).result()
    sdk.virtual_machines.get(GROUP, LINUX, expand="instanceView")
    sdk.virtual_machines.begin_start(GROUP, LINUX).result()
    sdk.virtual_machines.begin_deallocate(GROUP, LINUX).result()
    sdk.virtual_machines.generalize(GROUP, LINUX)
    sdk.virtual_machines.get(GROUP, LINUX, expand="instanceView")
    _refused(lambda: sdk.virtual_machines.begin_start(GROUP, LINUX))
    sdk.disks.begin_grant_access(GROUP, disk, READ).result()
    sdk.disks.get(GROUP, disk)
    sdk.disks.begin_revoke_access(GROUP, disk).result()


def _make_an_image(sdk: ComputeManagementClient) -> None:
    vm = SubResource(id=sdk.virtual_machines.get(GROUP, LINUX).id)
    image = Image(location="westeurope", properties=ImageProperties(source_virtual_machine=vm))
    sdk.images.begin_create_or_update(GROUP, "sealed", image).result()
    sdk.images.get(GROUP, "sealed")
    list(sdk.images.list())
    list(sdk.images.list_by_resource_group(GROUP))
    sdk.images.begin_delete(GROUP, "sealed").result()
    _refused(lambda: sdk.images.get(GROUP, "sealed"))


def _ask_around(arm: Arm) -> None:
    """What azure-mgmt-compute does not speak: subscriptions, groups, network interfaces, tags and locks."""
    subscription = f"/subscriptions/{arm.running.subscription_id}"
    disk = arm.running.scenario.machines[0].os_disk["id"]
    for path in ("/subscriptions", subscription, f"{subscription}/resourceGroups", arm.group):
        arm("GET", path)
    arm("HEAD", arm.group)
    network = "providers/Microsoft.Network"
    for path in ("networkInterfaces", "publicIPAddresses"):
        arm("GET", f"{subscription}/{network}/{path}")
    arm("GET", f"{arm.group}/{network}/networkInterfaces/{LINUX}VMNic")
    for scope in (arm.machine, arm.group):
        tags, sent = f"{scope}/providers/Microsoft.Resources/tags/default", {"properties": {"tags": {"owner": "team"}}}
        arm("PUT", tags, json=sent)
        arm("PATCH", tags, json={"operation": "Merge"} | sent)
        arm("GET", tags)
        arm("DELETE", tags)
    for scope in (subscription, arm.group, arm.machine, disk):
        arm("GET", f"{scope}/providers/Microsoft.Authorization/locks")
    for scope in (arm.machine, disk, f"{arm.group}/providers/Microsoft.Compute/snapshots/gone"):
        arm("GET", f"{scope}/providers/Microsoft.Authorization/permissions")


def _disk(sdk: ComputeManagementClient, machine: str) -> str:
    profile = sdk.virtual_machines.get(GROUP, machine).storage_profile
    assert profile is not None
    assert profile.os_disk is not None
    return str(profile.os_disk.name)


def _refused(call: Callable[[], object]) -> None:
    try:
        call()
    except HttpResponseError:
        return
    raise AssertionError("the lab allowed what it should refuse")
