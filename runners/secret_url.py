"""URLs that open what they name to whoever has them: a disk's SAS, the serial log's.

Such a URL is held in one place, never in a message, a `repr` or a log record; errors of lower layers carry it, so ours
are raised with no trace of them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from requests import RequestException, Response, Session
from requests.exceptions import SSLError

from runners.steady import SteadySession

_TIMEOUT = (10.0, 60.0)
_CHUNK = 256 * 1024
LONGEST = 256 * 1024 * 1024
"""Bytes of a body that are read at most before it counts as endless."""

# https://md-0.z1.blob.storage.azure.net:443 "GET /abc/abcd?sv=2018-03-28&sr=b&sig=secret HTTP/1.1" 206 262144
_SAS_QUERY = re.compile(r"\?[^\s\"']*\bsig=[^\s\"']*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SecretUrl:
    """A URL with a signature in it, which no representation shows."""

    secret: str = field(repr=False)
    host: str

    @classmethod
    def parse(cls, url: str) -> SecretUrl:
        """Return the URL. Raises `ValueError`, without naming it, where it is no https URL with a host."""
        try:
            parts = urlsplit(url)
            scheme, host = parts.scheme, parts.hostname or ""
        except ValueError:
            scheme, host = "", ""
        if scheme != "https" or not host:
            raise ValueError("it is no https URL")
        return cls(secret=url, host=host)

    def with_query(self, more: str) -> SecretUrl:
        """Return the URL with `more`, such as `&comp=pagelist`, after its query."""
        return SecretUrl(secret=f"{self.secret}{more}", host=self.host)


class _Redaction(logging.Filter):
    """Takes the query of a SAS out of what urllib3 logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "sig=" in text.lower():
            record.msg, record.args = _SAS_QUERY.sub("?<SAS>", text), ()
            record.exc_info = None
        return True


_REDACTION = _Redaction()


def secret_session() -> Session:
    """Return a session for secret URLs, with urllib3's log lines redacted."""
    # A filter on the logger acts before any handler; adding the same one twice changes nothing.
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_REDACTION)
    return SteadySession()


def get_secret(
    session: Session, url: SecretUrl, ca_file: str | Path | None, headers: Mapping[str, str] | None = None
) -> Response:
    """Ask once for `url`, following no redirect; the answer's body is not read yet.

    `ca_file` holds the authorities to trust instead of the system's. Raises what requests raises, which names the URL.
    """
    return session.get(
        url.secret,
        headers={**(headers or {}), "Accept-Encoding": "identity"},
        stream=True,
        allow_redirects=False,
        timeout=_TIMEOUT,
        verify=str(ca_file) if ca_file else True,
        # The blob refuses any other authority beside its signature, and requests would add what ~/.netrc has. The
        # environment is not shut out whole: its proxies are the way to the blob for some.
        auth=lambda request: request,
    )


def fetch_tail(url: SecretUrl, ca_file: str | Path | None, most: int) -> tuple[int, bytes, str]:
    """Return HTTP status, at most the last `most` bytes of the body, and what failed instead (empty: nothing).

    The body is read to its end and never held whole. One of more than `LONGEST` bytes is a failure: whoever sends that
    is no serial log, and might never end.
    """
    tail, status, seen = bytearray(), 0, 0
    with secret_session() as session:
        try:
            with get_secret(session, url, ca_file) as answer:
                status = answer.status_code
                while status == 200 and (chunk := answer.raw.read(_CHUNK, decode_content=False)):
                    tail += chunk
                    del tail[:-most]
                    seen += len(chunk)
                    if seen > LONGEST:
                        return 0, b"", f"it is longer than {LONGEST} bytes"
        except SSLError:
            return 0, b"", "its certificate is not trusted"
        except (RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return 0, b"", type(error).__name__
    return status, bytes(tail), ""
