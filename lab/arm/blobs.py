"""Blobs behind shared access signatures: exported disks and serial logs, read by ranges.

Header names and error codes are the Blob service's (Get Blob, Status and error codes); what it answers to an ARM token
beside a SAS is recalled, not verified.
"""

from __future__ import annotations

import base64
import re
import secrets
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lab.arm import times
from lab.arm.blob_content import Content
from lab.arm.machine import InThread
from lab.arm.page_ranges import MOST, page_list

_CHUNK = 4 * 1024 * 1024
# such as bytes=512-1023 or bytes=512-
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
# such as 2020-10-02
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")
_DEFAULT_VERSION = "2018-03-28"
"""The version of the Blob service that a managed disk's SAS names (recorded in test_snapshot_access)."""
_PAGED_SINCE = "2020-10-02"


@dataclass(frozen=True)
class Blob:
    """One blob that was shared, and the one signature that opens it."""

    content: Content
    kind: str
    """`PageBlob` or `AppendBlob`."""
    signature: dict[str, str]
    expires: datetime
    public: bool
    owner: str
    """The id of the VM that it is of; empty where it is of none."""
    etag: str = field(default_factory=lambda: f'"0x8D{secrets.token_hex(6).upper()}"')
    modified: datetime = field(default_factory=times.now)


class BlobError(Exception):
    """A refusal of the Blob service."""

    def __init__(self, status: int, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.detail = status, code, message, detail


class Blobs:
    """The blobs that one lab shares. Used from the server's event loop only."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._shared: dict[str, Blob] = {}

    def share(
        self, name: str, content: Content, *, kind: str, lifetime: timedelta, public: bool = True, owner: str = ""
    ) -> str:
        """Share `content` and return its URL with the signature. `owner` is the id of the VM that it is of."""
        path = f"/blob/{secrets.token_hex(6)}/{name}"
        signature = {
            "sv": _DEFAULT_VERSION,
            "sr": "b",
            "si": str(uuid.uuid4()),
            "sig": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        self._shared[path] = Blob(content, kind, signature, times.now() + lifetime, public, owner)
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in signature.items())
        return f"{self._endpoint}{path}?{query}"

    def owner(self, path: str) -> str:
        """Return the id of the VM that a shared blob is of; empty where there is none."""
        blob = self._shared.get(path)
        return blob.owner if blob else ""

    def revoke(self, url: str) -> None:
        """Make a shared URL worthless. Revoking it twice is no error."""
        self._shared.pop(url.removeprefix(self._endpoint).partition("?")[0], None)

    async def read(self, request: Request, in_thread: InThread) -> Response:
        """Answer HEAD or GET of a blob, or GET of its page ranges (`comp=pagelist`)."""
        try:
            blob = self._authorized(request)
            version = _version(request, blob)
            operation = request.query_params.get("comp", "")
            if operation not in ("", "pagelist"):
                raise BlobError(501, "NotImplemented", f"This lab does not play comp={operation} of a blob.")
            _check_conditions(request, blob)
            size = await in_thread(blob.content.size)
            wanted = _wanted(request, size)
            headers = _headers(version) | {"ETag": blob.etag, "Last-Modified": times.http(blob.modified)}
            if operation:
                return await _page_ranges(request, blob, wanted or (0, size - 1), headers, in_thread)
        except BlobError as error:
            return refused(error, head=request.method == "HEAD")
        first, last = wanted or (0, size - 1)
        headers |= {
            "Content-Length": str(last - first + 1),
            "Content-Type": "application/octet-stream",
            "Accept-Ranges": "bytes",
            "x-ms-blob-type": blob.kind,
            "x-ms-lease-status": "unlocked",
            "x-ms-lease-state": "available",
        }
        if wanted is not None:
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        status = 200 if wanted is None else 206
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        return StreamingResponse(_chunks(blob.content, first, last, in_thread), status, headers)

    def _authorized(self, request: Request) -> Blob:
        if "authorization" in request.headers:
            raise BlobError(
                401,
                "InvalidAuthenticationInfo",
                "Server failed to authenticate the request. Please refer to the information in the www-authenticate "
                "header.",
            )
        blob = self._shared.get(request.url.path)
        sent = dict(request.query_params)
        if blob is None or any(sent.get(key) != value for key, value in blob.signature.items()):
            raise _unauthenticated("Signature did not match, or the access policy behind it was revoked.")
        if times.now() >= blob.expires:
            raise _unauthenticated("Signature not valid in the specified time frame.")
        if not blob.public:
            raise BlobError(403, "AuthorizationFailure", "This request is not authorized to perform this operation.")
        return blob


def _unauthenticated(detail: str) -> BlobError:
    return BlobError(
        403,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
        "including the signature.",
        detail,
    )


def _version(request: Request, blob: Blob) -> str:
    """Return the version of the Blob service that the request speaks: its own word, or the signature's."""
    version = request.headers.get("x-ms-version", blob.signature["sv"])
    if not _VERSION.fullmatch(version):
        raise BlobError(
            400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format."
        )
    return version


def _check_conditions(request: Request, blob: Blob) -> None:
    met = "The condition specified using HTTP conditional header(s) is not met."
    if request.headers.get("if-match", "*") not in ("*", blob.etag):
        raise BlobError(412, "ConditionNotMet", met)
    if request.headers.get("if-none-match", "") in ("*", blob.etag):
        raise BlobError(304, "ConditionNotMet", met)


async def _page_ranges(
    request: Request, blob: Blob, wanted: tuple[int, int], headers: dict[str, str], in_thread: InThread
) -> Response:
    if blob.kind != "PageBlob":
        raise BlobError(409, "InvalidBlobType", "The blob type is invalid for this operation.")
    (first, last), most = wanted, None
    if headers["x-ms-version"] >= _PAGED_SINCE:
        most = min(_number(request, "maxresults", MOST), MOST)
        first = max(first, _number(request, "marker", 1))  # pages are listed whole: 1 is as good as 0
    pages = await in_thread(page_list, blob.content, first, last, most)
    length = await in_thread(blob.content.size)
    return Response(
        pages.xml(), headers=headers | {"x-ms-blob-content-length": str(length)}, media_type="application/xml"
    )


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise BlobError(
            400,
            "OutOfRangeQueryParameterValue",
            "One of the query parameters specified in the request URI is outside the permissible range.",
            f"{name}={text}",
        )
    return int(text)


def _wanted(request: Request, size: int) -> tuple[int, int] | None:
    """Return first and last byte that the request asks for; None for all. x-ms-range goes before Range."""
    match = _RANGE.fullmatch(request.headers.get("x-ms-range", request.headers.get("range", "")))
    if match is None:
        return None
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    if first >= size or (match[2] and int(match[2]) < first):
        raise BlobError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
    return first, last


async def _chunks(content: Content, first: int, last: int, in_thread: InThread) -> AsyncIterator[bytes]:
    for offset in range(first, last + 1, _CHUNK):
        yield await in_thread(content.read, offset, min(_CHUNK, last + 1 - offset))


def _headers(version: str = _DEFAULT_VERSION) -> dict[str, str]:
    return {
        "Server": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
        "x-ms-request-id": str(uuid.uuid4()),
        "x-ms-version": version,
    }


def refused(error: BlobError, *, head: bool) -> Response:
    """Return how the Blob service says no; an answer to HEAD has no body."""
    headers = _headers()
    text = f"{error.message}\nRequestId:{headers['x-ms-request-id']}\nTime:{times.fine(times.now())}"
    detail = ""
    if error.detail:
        detail = f"<AuthenticationErrorDetail>{escape(error.detail)}</AuthenticationErrorDetail>"
    body = (
        '\ufeff<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{error.code}</Code><Message>{escape(text)}</Message>{detail}</Error>"
    )
    headers |= {"x-ms-error-code": error.code}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer authorization_uri="https://login.microsoftonline.com/common"'
    return Response("" if head or error.status == 304 else body, error.status, headers, media_type="application/xml")
