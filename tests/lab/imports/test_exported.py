"""Sorting exported documents: whatever shape they have, and whoever's they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.imports.exported import ExportError, raw, read_files

GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
VM = {
    "id": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web01",
    "type": "Microsoft.Compute/virtualMachines",
    "name": "web01",
    "properties": {
        "storageProfile": {"osDisk": {"managedDisk": {"id": f"{GROUP}/providers/Microsoft.Compute/disks/D"}}}
    },
}
DISK = {"id": f"{GROUP}/providers/Microsoft.Compute/disks/d", "type": "Microsoft.Compute/disks", "properties": {}}
OTHER = {**VM, "id": f"{VM['id']}b", "name": "web01b"}
VIEW = {"statuses": [{"code": "PowerState/running"}]}


def file(folder: Path, content: Any) -> Path:
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_list_of_rest_and_a_list_of_the_cli_hold_their_items(tmp_path: Path) -> None:
    for content in ({"value": [VM, OTHER]}, [VM, OTHER]):
        assert [item.model["name"] for item in read_files([file(tmp_path, content)])] == ["web01", "web01b"]


def test_a_disk_belongs_to_the_vm_that_names_it_in_any_case(tmp_path: Path) -> None:
    (found,) = read_files([file(tmp_path, DISK), file(tmp_path, VM)])
    assert found.disk is not None
    assert found.disk["id"] == DISK["id"]


def test_a_bare_instance_view_belongs_to_the_only_vm_and_to_none_of_two(tmp_path: Path) -> None:
    view = file(tmp_path, VIEW)
    (found,) = read_files([file(tmp_path, VM), view])
    assert found.view == VIEW
    with pytest.raises(ExportError, match="does not say whose it is, and there are 2 VMs"):
        read_files([file(tmp_path, [VM, OTHER]), view])


def test_what_the_cli_lifted_is_put_back() -> None:
    lifted = {"id": "x", "type": "T", "resourceGroup": "rg", "publisher": "P", "typePropertiesType": "ADE"}
    assert raw(lifted) == {
        "id": "x",
        "type": "T",
        "resourceGroup": "rg",
        "properties": {"publisher": "P", "type": "ADE"},
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", r"\.json:1: this is not JSON"),
        ("7", "a JSON object, or a list of them, is expected; it holds '7'"),
        (
            {"type": "Microsoft.Network/networkInterfaces"},
            "but 'Microsoft.Network/networkInterfaces'. Leave the file out",
        ),
        ({"type": "Microsoft.Compute/virtualMachines"}, "has no `id`"),
        ([DISK], "there is no VM. Give the file that `az vm get-instance-view`"),
    ],
)
def test_what_can_not_be_used_is_told_with_its_file(tmp_path: Path, content: Any, expected: str) -> None:
    with pytest.raises(ExportError, match=expected) as caught:
        read_files([file(tmp_path, content)])
    assert str(tmp_path) in str(caught.value)
