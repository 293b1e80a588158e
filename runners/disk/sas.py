"""The stopped disk behind a SAS: ranges of a page blob over HTTPS.

The SAS URL is a secret that opens the whole disk: `runners.secret_url` holds it and asks for it, and our errors are
raised with no trace of those of lower layers, which carry it.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import urllib3
from requests import RequestException, Response
from requests.exceptions import SSLError

from runners.disk.vhd import FOOTER, payload_size
from runners.errors import DiskError
from runners.secret_url import SecretUrl, get_secret, secret_session

BLOCK = 256 * 1024
"""Ranges are whole blocks of this size: a trade between round trips (some 30 ms each) and bytes nobody asked for."""
CACHED_BLOCKS = 128
_ATTEMPTS = 6
_LONGEST_PAUSE = 60.0
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})

# bytes 0-262143/31457792
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class SasSource:
    """A managed disk behind a SAS URL. Blocks; use it from one thread."""

    def __init__(
        self,
        sas_url: str,
        ca_file: str | Path | None = None,
        *,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """Ask for the size of the disk, and take off a fixed VHD's footer.

        `ca_file` holds the authorities to trust instead of the system's; `pause` waits for that many seconds between
        attempts. Raises `DiskError`.
        """
        self._url = _parse(sas_url)
        self._ca_file = ca_file
        self._pause = threading.Event().wait if pause is None else pause
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._bytes_read = 0
        self._requests = 0
        self._total = 0
        self._version = ""
        self._session = secret_session()
        try:
            self._cache[0] = self._range(0, BLOCK)
            self._size = self._total
            self._size = payload_size(self._total, self.read(max(0, self._total - FOOTER), FOOTER))
        except DiskError:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<SasSource at {self._url.host}>"

    def __enter__(self) -> SasSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Size of the disk in bytes, without a VHD's footer."""
        return self._size

    @property
    def bytes_read(self) -> int:
        """How many bytes of the disk came over the wire."""
        return self._bytes_read

    @property
    def requests(self) -> int:
        """How many requests were sent, with those that had to be repeated."""
        return self._requests

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk, short only at its end. Raises `DiskError`."""
        end = min(offset + max(0, length), self._size)
        if offset < 0 or offset >= end:
            return b""
        first, last = offset // BLOCK, (end - 1) // BLOCK
        data = b"".join(self._blocks(first, last))
        return data[offset - first * BLOCK : end - first * BLOCK]

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _blocks(self, first: int, last: int) -> Iterator[bytes]:
        for number in range(first, last + 1):
            block = self._cache.get(number)
            if block is None:
                block = self._range(number * BLOCK, BLOCK)
                self._cache[number] = block
                if len(self._cache) > CACHED_BLOCKS:
                    self._cache.popitem(last=False)
            self._cache.move_to_end(number)
            yield block

    def _range(self, offset: int, length: int) -> bytes:
        """Get one range, again where it makes sense."""
        seen, wait = "", 0.0
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(min(wait or 2.0 ** (attempt - 1), _LONGEST_PAUSE))
            data, seen, wait = self._attempt(offset, length)
            if data is not None:
                return data
        raise DiskError(
            f"reading {length} bytes at {offset} of the disk at {self._url.host} failed {_ATTEMPTS} times, the last "
            f"time with: {seen}. Nothing was changed; check the route to that host, then run again."
        )

    def _attempt(self, offset: int, length: int) -> tuple[bytes | None, str, float]:
        """Return the bytes; or `None`, what was seen, and how many seconds the server asks to wait (0: it doesn't)."""
        self._requests += 1
        headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
        answer: Response | None = None
        body, failure = b"", ""
        try:
            answer = get_secret(self._session, self._url, self._ca_file, headers)
            if answer.status_code == 206:
                body = answer.raw.read(length + 1, decode_content=False)
        except SSLError:
            failure = "tls"
        except (RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            failure = type(error).__name__
        finally:
            if answer is not None:
                answer.close()
        # What follows raises outside of the handlers above: their exceptions hold the URL, and would be its context.
        if failure == "tls":
            raise DiskError(
                f"the certificate of {self._url.host} is not trusted, so the disk was not read; a proxy that inspects "
                "TLS needs its authority in --ca-file or in the system's store"
            )
        if failure or answer is None:
            return None, f"no complete answer ({failure})", 0.0
        if answer.status_code in _AGAIN:
            return None, f"HTTP status {answer.status_code}", _retry_after(answer)
        self._refuse(answer)
        return self._checked(answer, body, offset, length)

    def _refuse(self, answer: Response) -> None:
        status = answer.status_code
        if status == 206:
            return
        where = f"the disk at {self._url.host}"
        if status in (401, 403):
            raise DiskError(
                f"{where} refused its SAS (HTTP status {status}): it has expired or was revoked, or a network rule of "
                "the disk keeps this host out. Grant access again, from a network that may reach the disk."
            )
        if status == 404:
            raise DiskError(f"{where} is not there any more (HTTP status 404)")
        if status == 200:
            raise DiskError(f"{where} answered a range with everything (HTTP status 200); it is no page blob of a disk")
        raise DiskError(f"{where} answered a range with HTTP status {status}, which no blob does; is a proxy between?")

    def _checked(self, answer: Response, body: bytes, offset: int, length: int) -> tuple[bytes | None, str, float]:
        match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not match or int(match[1]) != offset:
            raise DiskError(f"the disk at {self._url.host} answered with another range than the one asked for")
        total, version = int(match[3]), answer.headers.get("ETag", "")
        if self._total and (total != self._total or version != self._version):
            raise DiskError(f"the disk at {self._url.host} changed while it was read; is the VM really stopped?")
        self._total, self._version = total, version
        if len(body) != min(length, total - offset):
            return None, f"{len(body)} bytes in place of {min(length, total - offset)}", 0.0
        self._bytes_read += len(body)
        return body, "", 0.0


def _parse(sas_url: str) -> SecretUrl:
    try:
        return SecretUrl.parse(sas_url)
    except ValueError:
        raise DiskError("the address that Azure gave for the disk is no https URL, so the disk was not read") from None


def _retry_after(answer: Response) -> float:
    """Return the seconds of a `Retry-After: 10`; 0 where there is none, or a date, which no blob endpoint sends."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
