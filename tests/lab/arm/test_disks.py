"""Disks and their exported blobs: SAS, ranges, revocation."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import timedelta

import pytest
import requests
from azure.core.exceptions import ResourceExistsError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import GrantAccessData

from lab.arm import times
from lab.arm.vhd import FOOTER_SIZE
from lab.server import Lab
from tests.lab.machines import DISK, Arm

GROUP, VM = "rg-Test", "Linux01"
READ = GrantAccessData(access="Read", duration_in_seconds=600)
READ_BODY: dict[str, object] = {"access": "Read", "durationInSeconds": 600}
Fetch = Callable[..., requests.Response]


def disk_of(sdk: ComputeManagementClient, name: str = VM) -> str:
    return str(sdk.virtual_machines.get(GROUP, name).storage_profile.os_disk.name)


def share(sdk: ComputeManagementClient, name: str = VM, seconds: int = 600) -> str:
    sdk.virtual_machines.begin_deallocate(GROUP, name).result()
    body = GrantAccessData(access="Read", duration_in_seconds=seconds)
    return str(sdk.disks.begin_grant_access(GROUP, disk_of(sdk, name), body).result().access_sas)


@pytest.fixture
def fetch(running: Lab) -> Fetch:
    """Fetch a blob as any HTTP client does, without an ARM token."""

    def get(url: str, span: str = "", method: str = "GET", **headers: str) -> requests.Response:
        if span:
            headers["Range"] = f"bytes={span}"
        return requests.request(method, url, headers=headers, verify=str(running.ca_file), timeout=20)

    return get


def test_a_disk_tells_its_real_size_and_state(sdk: ComputeManagementClient) -> None:
    disk = disk_of(sdk)
    attached = sdk.disks.get(GROUP, disk)
    assert attached.disk_size_bytes == len(DISK)
    assert attached.disk_state == "Attached"
    assert attached.managed_by is not None
    assert attached.managed_by.endswith(f"/virtualMachines/{VM}")
    share(sdk)
    assert sdk.disks.get(GROUP, disk).disk_state == "ActiveSAS"
    sdk.disks.begin_revoke_access(GROUP, disk).result()
    assert sdk.disks.get(GROUP, disk).disk_state == "Reserved"


def test_the_disk_of_an_allocated_vm_is_not_shared(sdk: ComputeManagementClient) -> None:
    disk = disk_of(sdk)
    expected = f"Access not permitted because disk {disk} is currently attached to running VM /subscriptions/"
    for power in ("running", "stopped"):
        if power == "stopped":
            sdk.virtual_machines.begin_power_off(GROUP, VM).result()
        with pytest.raises(ResourceExistsError) as caught:
            sdk.disks.begin_grant_access(GROUP, disk, READ)
        assert caught.value.error is not None
        assert caught.value.error.code == "Conflict"
        assert str(caught.value.error.message).startswith(expected)


def test_the_grant_is_a_disk_operation_with_the_sas_as_its_output(arm: Arm, sdk: ComputeManagementClient) -> None:
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    path = f"{arm.group}/providers/Microsoft.Compute/disks/{disk_of(sdk)}"
    accepted = arm("POST", f"{path}/beginGetAccess", json=READ_BODY)
    assert "/DiskOperations/" in accepted.headers["azure-asyncoperation"]
    assert "azure-asyncnotification" not in accepted.headers
    output = arm.settle(accepted)["properties"]["output"]
    assert list(output) == ["accessSAS"]
    assert arm("GET", accepted.headers["location"]).json() == output
    revoked = arm("POST", f"{path}/endGetAccess")
    assert "properties" not in arm.settle(revoked)
    assert arm("GET", revoked.headers["location"]).content == b""


def test_ranges_read_the_guests_disk(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    url = share(sdk)
    whole = len(DISK) + FOOTER_SIZE
    answer = fetch(url, "4096-8191")
    assert answer.status_code == 206
    assert answer.content == DISK[4096:8192]
    assert answer.headers["Content-Range"] == f"bytes 4096-8191/{whole}"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["x-ms-blob-type"] == "PageBlob"
    assert fetch(url, "8-15", **{"x-ms-range": "bytes=0-3"}).content == DISK[:4]
    assert fetch(url, f"{len(DISK) - 4}-").content == DISK[-4:] + fetch(url, f"{len(DISK)}-").content
    assert len(fetch(url).content) == whole


def test_head_tells_the_length_of_disk_and_footer(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    answer = fetch(share(sdk), method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(DISK) + FOOTER_SIZE)


def test_the_disk_ends_with_a_right_vhd_footer(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    footer = fetch(share(sdk), f"{len(DISK)}-").content
    assert len(footer) == FOOTER_SIZE
    assert footer[:8] == b"conectix"
    checksum = struct.unpack(">I", footer[64:68])[0]
    assert checksum == ~(sum(footer) - sum(footer[64:68])) & 0xFFFF_FFFF
    assert struct.unpack(">QQ", footer[40:56]) == (len(DISK), len(DISK))
    assert struct.unpack(">I", footer[60:64]) == (2,)


def test_a_range_outside_the_blob_is_a_416(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    url = share(sdk)
    for span in (f"{len(DISK) + FOOTER_SIZE}-", "9999999999-99999999999", "8-4"):
        answer = fetch(url, span)
        assert answer.status_code == 416
        assert answer.headers["x-ms-error-code"] == "InvalidRange"


def test_only_the_signature_opens_the_blob(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    url = share(sdk)
    bare = url.partition("?")[0]
    for wrong in (url[:-4] + "AAAA", bare, url.replace("/blob/", "/blob/0"), url.replace("si=", "si=0")):
        answer = fetch(wrong, "0-511")
        assert answer.status_code == 403
        assert answer.headers["x-ms-error-code"] == "AuthenticationFailed"
        assert "<Code>AuthenticationFailed</Code>" in answer.text
    assert fetch(url, "0-511").status_code == 206


def test_a_revoked_url_is_worthless_and_a_new_grant_gives_another(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    old = share(sdk)
    assert share(sdk) == old
    sdk.disks.begin_revoke_access(GROUP, disk_of(sdk)).result()
    assert fetch(old, "0-511").status_code == 403
    new = share(sdk)
    assert new != old
    assert fetch(new, "0-511").status_code == 206


def test_an_expired_url_is_worthless(
    sdk: ComputeManagementClient, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = share(sdk, seconds=60)
    later = times.now() + timedelta(seconds=61)
    monkeypatch.setattr("lab.arm.blobs.times.now", lambda: later)
    assert fetch(url, "0-511").status_code == 403


def state_of(sdk: ComputeManagementClient) -> str:
    properties = sdk.disks.get(GROUP, disk_of(sdk)).properties
    assert properties is not None
    # The SDK gives its enum, or the bare text.
    return str(getattr(properties.disk_state, "value", properties.disk_state))


def test_a_disk_whose_sas_expired_is_at_rest_again_and_another_grant_gives_a_new_one(
    sdk: ComputeManagementClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = share(sdk, seconds=60)
    assert state_of(sdk) == "ActiveSAS"
    later = times.now() + timedelta(seconds=61)
    monkeypatch.setattr("lab.arm.times.now", lambda: later)
    assert state_of(sdk) == "Reserved"
    assert share(sdk, seconds=60) != old


def test_an_arm_token_beside_the_signature_is_refused(arm: Arm, sdk: ComputeManagementClient) -> None:
    answer = arm("GET", share(sdk) + "&x=api-version")
    assert answer.status_code == 401
    assert answer.headers["x-ms-error-code"] == "InvalidAuthenticationInfo"


def test_a_disk_without_public_access_is_shared_and_can_not_be_read(sdk: ComputeManagementClient, fetch: Fetch) -> None:
    url = str(sdk.disks.begin_grant_access(GROUP, disk_of(sdk, "private01"), READ).result().access_sas)
    answer = fetch(url, "0-511")
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (403, "AuthorizationFailure")


def test_a_disk_that_denies_all_access_is_not_shared(sdk: ComputeManagementClient) -> None:
    with pytest.raises(ResourceExistsError, match="DenyAll"):
        sdk.disks.begin_grant_access(GROUP, disk_of(sdk, "denied01"), READ)


def test_a_vm_does_not_start_while_its_disk_is_shared(sdk: ComputeManagementClient) -> None:
    share(sdk)
    with pytest.raises(ResourceExistsError, match="There is an active shared access signature outstanding for disk"):
        sdk.virtual_machines.begin_start(GROUP, VM)


def test_no_signature_gets_into_the_request_log(sdk: ComputeManagementClient, running: Lab, fetch: Fetch) -> None:
    url = share(sdk)
    fetch(url, "0-511")
    last = running.requests[-1]
    assert (last.operation, last.status, last.sent_bytes) == ("blob/get", 206, 512)
    assert url.rpartition("sig=")[2] not in repr(running.requests)


@pytest.mark.parametrize(
    "body", [{"access": "Write"}, {"durationInSeconds": 0}, {"durationInSeconds": "x"}, {"fileFormat": "VHDX"}]
)
def test_other_grants_are_refused(arm: Arm, sdk: ComputeManagementClient, body: dict[str, object]) -> None:
    path = f"{arm.group}/providers/Microsoft.Compute/disks/{disk_of(sdk)}/beginGetAccess"
    assert arm("POST", path, json=READ_BODY | body).status_code in (400, 501)
