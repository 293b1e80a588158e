"""Resource groups."""

from __future__ import annotations

from tests.lab.machines import Arm


def test_the_groups_of_the_machines_are_listed(shared_arm: Arm) -> None:
    listed = shared_arm("GET", shared_arm.group.rpartition("/")[0]).json()["value"]
    assert [group["name"] for group in listed] == ["rg-Test", "rg-locked"]
    assert listed[0] == shared_arm("GET", shared_arm.group.lower()).json()
    assert listed[0] == {
        "id": shared_arm.group,
        "name": "rg-Test",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded"},
    }


def test_head_tells_whether_a_group_exists(shared_arm: Arm) -> None:
    for name, status in (("RG-test", 204), ("rg-none", 404)):
        answer = shared_arm("HEAD", shared_arm.group.replace("rg-Test", name))
        assert (answer.status_code, answer.content) == (status, b"")


def test_what_the_lab_does_not_play_of_groups_says_so(shared_arm: Arm) -> None:
    for method, path in (
        ("DELETE", shared_arm.group),
        ("PUT", shared_arm.group),
        ("GET", f"{shared_arm.group.rpartition('/')[0]}?$filter=tagName eq 'a'&api-version=2022-09-01"),
    ):
        assert shared_arm(method, path).status_code == 501
    assert shared_arm("HEAD", shared_arm.group).status_code == 204
