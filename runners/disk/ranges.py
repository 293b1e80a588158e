"""Ranges of one blob over HTTPS, asked for until they are whole or patience is over.

The URL is a secret: `runners.secret_url` holds it and asks for it, and our errors are raised with no trace of those of
lower layers, which carry it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import urllib3
from requests import RequestException, Response
from requests.exceptions import SSLError

from runners.disk import page_ranges
from runners.disk.page_ranges import Written
from runners.errors import DiskError
from runners.retry_after import retry_after
from runners.secret_url import SecretUrl, get_secret, secret_session

ATTEMPTS = 6
"""Requests in a row that may bring nothing before a range counts as unreadable."""
_MOST_REQUESTS = 50
"""Requests for one range, however little each of them brings."""
PATIENCE = 180.0
"""Seconds that may be lost in all, by waiting and by requests that failed."""
_SAME_DISK = 4096
"""Bytes at the start, with the partition table, by which the disk is known again under another address."""
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_CHUNK = 64 * 1024
_MOST_ERROR = 4096

# bytes 0-262143/31457792
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
# <AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [...] - Expiry [...]</...>
_EXPIRED = re.compile(rb"specified time frame|expired", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Access:
    """A blob's address, and how to get another one before it expires."""

    url: SecretUrl
    seconds: float
    """How long the address works."""
    renew: Callable[[], SecretUrl] | None = None
    """Called from any thread, when little of that time is left or the host says that it is over. Raises what it raises
    as `DiskError`."""
    since: float | None = None
    """When it was granted, by the monotonic clock; None: just now."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    failure: str = ""
    """What broke on the way; the body may have begun."""


class Ranges:
    """Reads ranges. Blocks; may be used from several threads."""

    def __init__(
        self,
        access: Access,
        ca_file: str | Path | None = None,
        *,
        pause: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ca_file` holds the authorities to trust instead of the system's; `pause` waits for that many seconds."""
        self._access = access
        self._ca_file = ca_file
        self._pause = threading.Event().wait if pause is None else pause
        self._clock = clock
        self._session = secret_session()
        self._lock = threading.Lock()
        self._renewing = threading.RLock()
        self._granted = clock() if access.since is None else access.since
        self._renewals = 0
        self._served = False
        """Whether this address has given anything: one that never did is not to be blamed on its age."""
        self._lost = 0.0
        self._fatal = ""
        self._version = ""
        self._start = b""
        self.total = 0
        """Size of the blob; 0 until a first range was read."""
        self.requests = 0
        self.bytes_read = 0

    def __repr__(self) -> str:
        return f"<Ranges at {self.host}>"

    @property
    def host(self) -> str:
        """The host, which is no secret."""
        return self._access.url.host

    @property
    def renewals(self) -> int:
        """How often a new address was asked for."""
        return self._renewals

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, offset: int, length: int) -> bytes:
        """Return bytes, short only at the end of the blob. Raises `DiskError`."""
        what = f"reading {length} bytes at {offset} of the disk at {self.host}"
        body, in_vain, seen = bytearray(), 0, ""
        for _ in range(_MOST_REQUESTS):
            turn = self._turn()
            begun = self._clock()
            answer = self._ask({"Range": f"bytes={offset + len(body)}-{offset + length - 1}"}, length - len(body) + 1)
            if answer.status == 403 and self._expired(answer, turn):
                continue
            seen, wait, arrived = self._judged(answer, offset + len(body), length - len(body))
            body += arrived
            if not seen:
                if offset == 0 and not self._start:
                    self._start = bytes(body[:_SAME_DISK])
                return bytes(body)
            in_vain = 0 if arrived else in_vain + 1
            if in_vain == ATTEMPTS:
                break
            self._lose(what, seen, self._clock() - begun, wait or (2.0 ** (in_vain - 1) if in_vain else 0.0))
        raise DiskError(
            f"{what} failed {in_vain or _MOST_REQUESTS} times, the last time with: {seen}. Nothing was changed; check "
            "the route to that host, then run again."
        )

    def pages(self) -> Written:
        """Return what was ever written. Raises `DiskError` where the host does not say; the disk can be read then too.

        A list is asked for once and not again: it spares requests, and none is worth waiting for it.
        """
        found: list[tuple[int, int]] = []
        marker = ""
        while True:
            query = f"&comp=pagelist{f'&marker={quote(marker)}' if marker else ''}"
            answer = self._ask({"x-ms-version": page_ranges.VERSION}, page_ranges.MOST_BYTES + 1, query)
            with self._lock:
                self.bytes_read += len(answer.body)
            if answer.failure or answer.status != 200:
                seen = answer.failure or f"HTTP status {answer.status} {answer.headers.get('x-ms-error-code', '')}"
                raise DiskError(f"the list of its page ranges was refused ({seen.strip()})")
            if answer.headers.get("ETag", self._version) != self._version:
                raise DiskError("the list of its page ranges is of another version of the disk")
            try:
                ranges, following = page_ranges.parse_page(answer.body)
            except ValueError as error:
                raise DiskError(f"the list of its page ranges is none: {error}") from None
            found += ranges
            if len(found) > page_ranges.MOST_RANGES or (following and (following == marker or not ranges)):
                raise DiskError("the list of its page ranges has no end")
            if not following:
                return _written(found, self.total)
            marker = following

    def _ask(self, headers: Mapping[str, str], most: int, query: str = "") -> _Answer:
        """Ask once. Returns what came, at most `most` bytes of a body; never raises for what the network does."""
        with self._lock:
            self.requests += 1
            url = self._access.url
        answer: Response | None = None
        body, failure = bytearray(), ""
        try:
            answer = get_secret(self._session, url.with_query(query) if query else url, self._ca_file, headers)
            most = most if answer.status_code in (200, 206) and (query or answer.status_code == 206) else _MOST_ERROR
            while len(body) < most and (part := answer.raw.read1(min(_CHUNK, most - len(body)), decode_content=False)):
                body += part
        except SSLError:
            failure = "tls"
        except (RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            failure = type(error).__name__
        finally:
            if answer is not None:
                answer.close()
        # What follows raises outside of the handlers above: their exceptions hold the URL, and would be its context.
        if failure == "tls" and answer is None:
            raise self._ended(
                f"the certificate of {self.host} is not trusted, so the disk was not read; a proxy that inspects TLS "
                "needs its authority in --ca-file or in the system's store"
            )
        if answer is None:
            return _Answer(failure=failure)
        return _Answer(answer.status_code, answer.headers, bytes(body), failure)

    def _judged(self, answer: _Answer, offset: int, length: int) -> tuple[str, float, bytes]:
        """Return what is wrong (empty: nothing), how many seconds the host asks to wait, and what good bytes came."""
        if answer.status == 0:
            return f"no complete answer ({answer.failure})", 0.0, b""
        if answer.status in _AGAIN:
            return f"HTTP status {answer.status}", retry_after(answer.headers), b""
        self._refuse(answer)
        match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not match or int(match[1]) != offset:
            raise self._ended(f"the disk at {self.host} answered with another range than the one asked for")
        with self._lock:
            total, version = int(match[3]), answer.headers.get("ETag", "")
            changed = (self.total and total != self.total) or (self._version and version != self._version)
            if not changed:
                self.total, self._version = total, version
                self.bytes_read += len(answer.body)
                self._served = True
        if changed:
            raise self._ended(f"the disk at {self.host} changed while it was read; is the VM really stopped?")
        due = min(length, total - offset)
        if len(answer.body) > due:
            return f"more than the {due} bytes asked for", 0.0, b""
        if len(answer.body) < due:
            cut = answer.failure or "the answer ended early"
            return f"{len(answer.body)} bytes in place of {due} ({cut})", 0.0, answer.body
        return "", 0.0, answer.body

    def _refuse(self, answer: _Answer) -> None:
        status = answer.status
        if status == 206:
            return
        where = f"the disk at {self.host}"
        if status in (401, 403):
            raise self._ended(
                f"{where} refused its SAS (HTTP status {status}): it has expired or was revoked, or a network rule of "
                "the disk keeps this host out. Grant access again, from a network that may reach the disk."
            )
        if status == 404:
            raise self._ended(f"{where} is not there any more (HTTP status 404)")
        if status == 200:
            raise self._ended(f"{where} answered a range with everything (HTTP status 200); it is no page blob")
        raise self._ended(
            f"{where} answered a range with HTTP status {status}, which no blob does; is a proxy between?"
        )

    # Waiting

    def _lose(self, what: str, seen: str, spent: float, wait: float) -> None:
        """Wait before another attempt. Raises `DiskError` where that is more than patience allows."""
        with self._lock:
            self._lost += spent + wait
            lost = self._lost
        if lost > PATIENCE:
            asked = f", and the host asks to wait {wait:g} s more" if wait > 60 else ""
            raise self._ended(
                f"{what} met with: {seen}. Waiting has taken, or would take, {lost:.0f} s in all{asked}; "
                f"{PATIENCE:.0f} s are allowed. Nothing was changed; run again when the host is less busy."
            )
        if wait:
            self._pause(wait)

    # Expiry

    def _turn(self) -> int:
        """Return the number of the address that is good now; get a new one where little of its time is left."""
        with self._renewing:
            if self._fatal:
                raise DiskError(self._fatal)
            if self._access.renew is not None and self._age() > self._access.seconds * 0.8:
                self._renew()
            return self._renewals

    def _expired(self, answer: _Answer, turn: int) -> bool:
        """Return whether the address had expired, and there is another one now."""
        with self._renewing:
            if self._renewals != turn:
                return True  # another thread has met with it first
            over = _EXPIRED.search(answer.body) is not None or self._age() >= self._access.seconds
            if not over or self._access.renew is None or not self._served:
                return False
            self._renew()
            return True

    def _age(self) -> float:
        return self._clock() - self._granted

    def _renew(self) -> None:
        """Get another address, and see that it is of the same disk. The caller holds the lock."""
        assert self._access.renew is not None
        self._access = replace(self._access, url=self._access.renew())
        self._granted = self._clock()
        self._renewals += 1
        self._served = False
        with self._lock:
            self._version = ""  # a blob's version is its address's, and the lab's and Azure's addresses differ
        if self._start and self.get(0, len(self._start)) != self._start:
            raise self._ended(f"the disk at {self.host} is another one since its SAS was renewed; is somebody at work?")

    def _ended(self, reason: str) -> DiskError:
        """Return an error that every later range meets, too: what was read ahead may be the first to see it."""
        self._fatal = self._fatal or reason
        return DiskError(reason)


def _written(found: list[tuple[int, int]], total: int) -> Written:
    try:
        pages = page_ranges.written(found)
    except ValueError as error:
        raise DiskError(f"the list of its page ranges is none: {error}") from None
    if pages.ends and pages.ends[-1] > total:
        raise DiskError("the list of its page ranges reaches past the end of the disk")
    return pages
