"""A guest is the VM that was meant, or it is said why that is not shown."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact
from checks.healthy import azure_facts, linux_guest, windows_guest
from runners.observe.identity import replaced, same_machine

VM_ID = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1001"
SWAPPED = "520c3f8d-1e4c-574b-9a26-5f6f5a1c1001"
OTHER = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1002"


@pytest.mark.parametrize("build", [linux_guest, windows_guest])
@pytest.mark.parametrize("seen", [VM_ID, VM_ID.upper(), SWAPPED, SWAPPED.upper()])
def test_a_uuid_in_either_byte_order_and_case_is_the_vm(build: Any, seen: str) -> None:
    assert same_machine(build(system_uuid=seen), VM_ID) == ""
    assert same_machine(build(system_uuid=seen), VM_ID.upper()) == ""


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (OTHER, f"system UUID {OTHER}"),
        ("00000000-0000-0000-0000-000000000000", "another machine"),
        # Whole-number order and the last two fields are no byte order of SMBIOS
        ("520c3f8d-1e4c-574b-269a-01101c5a6f5f", "another machine"),
        ("Not Settable", "no UUID"),
        (Fact.missing(), "it has no system UUID"),
        (Fact.unknown("access denied"), "access denied"),
    ],
)
@pytest.mark.parametrize("build", [linux_guest, windows_guest])
def test_whatever_else_is_seen_is_a_reason(build: Any, seen: Any, told: str) -> None:
    assert told in same_machine(build(system_uuid=seen), VM_ID)


def test_a_vm_without_a_vm_id_is_not_shown_to_be_anything() -> None:
    assert "no UUID" in same_machine(linux_guest(), "")


def test_a_vm_with_the_same_id_and_disk_in_any_case_was_not_replaced() -> None:
    checked = azure_facts()
    assert replaced(checked, checked.vm_id.upper(), checked.os_disk.value.id.upper()) == ""


def test_a_vm_or_an_os_disk_that_was_put_in_the_place_of_another_is_told() -> None:
    checked = azure_facts()
    assert f"its vmId was '{checked.vm_id}' and is '{OTHER}'" in replaced(checked, OTHER, checked.os_disk.value.id)
    assert "its OS disk was" in replaced(checked, checked.vm_id, "another")
    assert "is '' now" in replaced(checked, checked.vm_id, "")
