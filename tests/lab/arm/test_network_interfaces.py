"""Network interfaces of the VMs."""

from __future__ import annotations

from tests.lab.machines import Arm


def test_each_vm_has_the_interface_that_its_model_names(shared_arm: Arm) -> None:
    network = shared_arm.group.partition("/resourceGroups/")[0] + "/providers/Microsoft.Network"
    listed = shared_arm("GET", f"{network}/networkInterfaces").json()["value"]
    assert len(listed) == 6
    named = shared_arm("GET", shared_arm.machine).json()["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    interface = shared_arm("GET", named.upper()).json()
    assert interface in listed
    assert (interface["id"], interface["properties"]["virtualMachine"]["id"]) == (named, shared_arm.machine)
    addresses = [item["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] for item in listed]
    assert addresses == [f"10.0.0.{number}" for number in range(4, 10)]
    assert shared_arm("GET", f"{network}/publicIPAddresses").json() == {"value": []}


def test_an_unknown_one_is_arms_404(shared_arm: Arm) -> None:
    answer = shared_arm("GET", f"{shared_arm.group}/providers/Microsoft.Network/networkInterfaces/none")
    assert answer.status_code == 404
    assert "'Microsoft.Network/networkInterfaces/none' under resource group" in answer.json()["error"]["message"]
