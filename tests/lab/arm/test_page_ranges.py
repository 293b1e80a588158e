"""Page ranges of shared blobs."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.models import GrantAccessData
from hypothesis import given
from hypothesis import strategies as st

from lab.arm import times
from lab.arm.page_ranges import PAGE, page_list
from lab.arm.vhd import FOOTER_SIZE, FixedVhd
from lab.guests.frozen_disk import EmptyDisk, FrozenBytes, FrozenFile
from lab.server import Lab
from tests.lab.machines import guest

GROUP, VM = "rg-Test", "Linux01"
MIB = 1 << 20
PAGED = {"x-ms-version": "2020-10-02"}
Fetch = Callable[..., requests.Response]


def disk(*written: tuple[int, int]) -> bytes:
    data = bytearray(8 * MIB)
    for offset, length in written:
        data[offset : offset + length] = b"\x01" * length
    return bytes(data)


def ranges(answer: requests.Response) -> list[tuple[int, int]]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    found = ElementTree.fromstring(answer.content.decode("utf-8-sig")).findall("PageRange")
    return [(int(item.findtext("Start", "")), int(item.findtext("End", ""))) for item in found]


@pytest.fixture
def url(sdk: ComputeManagementClient, running: Lab) -> str:
    """Share a disk of 8 MiB with three written places; the VHD's footer is the fourth."""
    guest(running, VM).disk = disk((0, 3), (MIB, 2 * PAGE), (5 * MIB - 1, 2))
    sdk.virtual_machines.begin_deallocate(GROUP, VM).result()
    name = str(sdk.virtual_machines.get(GROUP, VM).storage_profile.os_disk.name)
    body = GrantAccessData(access="Read", duration_in_seconds=600)
    return str(sdk.disks.begin_grant_access(GROUP, name, body).result().access_sas)


@pytest.fixture
def fetch(url: str, running: Lab) -> Fetch:
    def get(query: str = "&comp=pagelist", method: str = "GET", **headers: str) -> requests.Response:
        return requests.request(method, url + query, headers=headers, verify=str(running.ca_file), timeout=20)

    return get


WHOLE = [(0, 511), (MIB, MIB + 1023), (5 * MIB - 512, 5 * MIB + 511), (8 * MIB, 8 * MIB + FOOTER_SIZE - 1)]


def test_pages_that_hold_something_are_listed_and_no_others(fetch: Fetch) -> None:
    answer = fetch()
    assert ranges(answer) == WHOLE
    assert answer.headers["x-ms-blob-content-length"] == str(8 * MIB + FOOTER_SIZE)
    assert b"NextMarker" not in answer.content


def test_a_range_limits_them(fetch: Fetch) -> None:
    assert ranges(fetch(Range=f"bytes={MIB}-{2 * MIB - 1}")) == [(MIB, MIB + 1023)]
    assert ranges(fetch(Range="bytes=512-", **{"x-ms-range": "bytes=0-511"})) == [(0, 511)]
    assert ranges(fetch(Range="bytes=512-1023")) == []
    outside = fetch(Range=f"bytes={9 * MIB}-")
    assert (outside.status_code, outside.headers["x-ms-error-code"]) == (416, "InvalidRange")


def test_later_versions_give_them_on_pages(fetch: Fetch) -> None:
    found, marker = [], ""
    for _ in range(4):
        answer = fetch(f"&comp=pagelist&maxresults=1{marker}", **PAGED)
        found += ranges(answer)
        following = ElementTree.fromstring(answer.content.decode("utf-8-sig")).findtext("NextMarker")
        marker = f"&marker={following}"
    assert (found, following) == (WHOLE, None)
    assert ranges(fetch("&comp=pagelist&maxresults=1")) == WHOLE
    for wrong in ("maxresults=0", "maxresults=many", "marker=x"):
        assert fetch(f"&comp=pagelist&{wrong}", **PAGED).status_code == 400


def test_conditions_and_versions_are_honoured(fetch: Fetch) -> None:
    tag = fetch("", "HEAD").headers["ETag"]
    for query in ("", "&comp=pagelist"):
        assert fetch(query, **{"If-Match": tag, "x-ms-version": "2021-08-06"}).headers["x-ms-version"] == "2021-08-06"
        refused = fetch(query, **{"If-Match": '"0x8D0"'})
        assert (refused.status_code, refused.headers["x-ms-error-code"]) == (412, "ConditionNotMet")
        same = fetch(query, **{"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")
        assert fetch(query, **{"x-ms-version": "latest"}).headers["x-ms-error-code"] == "InvalidHeaderValue"
    assert fetch("&comp=metadata").status_code == 501


def test_a_log_has_no_pages(sdk: ComputeManagementClient, running: Lab) -> None:
    found = sdk.virtual_machines.retrieve_boot_diagnostics_data(GROUP, VM).serial_console_log_blob_uri
    answer = requests.get(f"{found}&comp=pagelist", verify=str(running.ca_file), timeout=20)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (409, "InvalidBlobType")


@given(st.sets(st.integers(0, 63)), st.integers(0, 63), st.integers(0, 63))
def test_every_written_page_of_a_range_is_listed_once(written: set[int], one: int, other: int) -> None:
    data = b"".join(bytes([number in written]) * PAGE for number in range(64))
    first, last = sorted((one, other))
    listed = page_list(FrozenBytes(data), first * PAGE + 7, last * PAGE + 9, None).ranges
    pages = [page for begin, end in listed for page in range(begin // PAGE, end // PAGE + 1)]
    assert pages == sorted(page for page in written if first <= page <= last)
    assert all(left[1] + 1 < right[0] for left, right in itertools.pairwise(listed))


def test_the_holes_of_a_sparse_file_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "disk.raw"
    with file.open("wb") as sparse:
        sparse.truncate(64 << 30)
        for offset in (MIB, 40 << 30):
            sparse.seek(offset + 5)
            sparse.write(b"written")
    vhd = FixedVhd(FrozenFile(file), uuid.UUID(int=0), times.now())
    size = vhd.size()
    assert page_list(vhd, 0, size - 1, None).ranges == (
        (MIB, MIB + PAGE - 1),
        (40 << 30, (40 << 30) + PAGE - 1),
        (64 << 30, size - 1),
    )
    assert page_list(vhd, 2 * MIB, 3 * MIB, None).ranges == ()


def test_an_empty_disk_has_no_ranges() -> None:
    assert page_list(EmptyDisk(16 * MIB), 0, 16 * MIB - 1, None).ranges == ()
