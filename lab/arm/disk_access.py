"""Sharing a disk or a snapshot for reading: beginGetAccess and endGetAccess.

Recorded in test_snapshot_access. A second call while a SAS is outstanding gives the same one (not verified).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from starlette.responses import Response

from lab.arm import errors, times
from lab.arm.call import Call
from lab.arm.locks import refuse_if_locked


class Shareable(Protocol):
    """What a SAS can be given for: `lab.arm.disk.Disk`, `lab.arm.snapshot.Snapshot`."""

    access: str
    access_ends: datetime | None

    @property
    def shared(self) -> bool:
        """Whether a SAS is outstanding that has not expired."""
        ...

    @property
    def id(self) -> str:
        """The ARM id."""
        ...

    @property
    def name(self) -> str:
        """The name."""
        ...

    @property
    def owner(self) -> str:
        """The id of the VM that it is of; empty where there is none."""
        ...

    @property
    def network_access_policy(self) -> str:
        """`AllowAll`, `AllowPrivate` or `DenyAll`."""
        ...

    @property
    def public(self) -> bool:
        """Whether the blob may be read over the public network."""
        ...

    def size(self) -> int:
        """Return the size of the exported VHD. Blocks."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the exported VHD. Blocks."""
        ...


async def wanted_lifetime(call: Call, shared: Shareable) -> timedelta:
    """Return how long the request wants to read. Raises `ArmError` for all but reading a VHD, and for a lock."""
    refuse_if_locked(call.cloud, shared.id, "write")
    content = await call.content()
    if content.get("access") != "Read":
        raise errors.not_in_the_lab(f"access '{content.get('access')}' to a disk: it knows Read only")
    if str(content.get("fileFormat", "VHD")).upper() != "VHD":
        raise errors.not_in_the_lab("disk exports other than VHD")
    seconds = content.get("durationInSeconds")
    if not isinstance(seconds, int) or seconds <= 0:
        raise errors.body_invalid("durationInSeconds is a positive number")
    return timedelta(seconds=seconds)


def begin(call: Call, shared: Shareable, lifetime: timedelta) -> Response:
    """Share it, as an operation whose output is the SAS."""
    if shared.network_access_policy == "DenyAll":
        raise errors.disk_denied(shared.name)
    work = _shared(call, shared, lifetime)
    return call.cloud.operations.accepted(call.cloud.operations.start(work, call.api_version, "DiskOperations"))


def end(call: Call, shared: Shareable) -> Response:
    """Share it no longer: every read with the old URL is refused when the operation ends."""
    refuse_if_locked(call.cloud, shared.id, "write")
    work = _revoked(call, shared)
    return call.cloud.operations.accepted(call.cloud.operations.start(work, call.api_version, "DiskOperations"))


async def _shared(call: Call, shared: Shareable, lifetime: timedelta) -> dict[str, Any]:
    await call.take_time()
    if not shared.shared:
        shared.access_ends = times.now() + lifetime
        shared.access = call.cloud.blobs.share(
            "abcd", shared, kind="PageBlob", lifetime=lifetime, public=shared.public, owner=shared.owner
        )
    return {"accessSAS": shared.access}


async def _revoked(call: Call, shared: Shareable) -> None:
    await call.take_time()
    if shared.access:
        call.cloud.blobs.revoke(shared.access)
        shared.access = ""
