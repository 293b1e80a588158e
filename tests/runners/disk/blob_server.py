"""A real HTTPS server of one page blob, with what can go wrong on the way."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from runners.disk.ranges import Access
from runners.secret_url import SecretUrl

SIGNATURE = "U0VDUkVUc2lnbmF0dXJlVEhBVG11c3RORVZFUmJlU0VFTg%3D%3D"
_LOCK = threading.Lock()
QUERY = f"sv=2018-03-28&sr=b&si=5a1e&sig={SIGNATURE}"


@dataclass
class Blob:
    """What is served, and the faults still to come: each is used up by one request.

    `429`, `503` ...: that status, with Retry-After 7. `drop`: the connection ends before an answer. `cut`: it ends
    within the body. `short`: a whole answer with fewer bytes than were asked for. `everything`: Range is ignored.
    `expired`: a 403 of a signature whose time is over.
    """

    data: bytes = field(repr=False)
    faults: list[str] = field(default_factory=list)
    etag: str = '"0x8DD0"'
    revoked: bool = False
    ranges: list[str] = field(default_factory=list)
    url: str = field(default="", repr=False)
    ca_file: Path = Path()
    pages: str | None = None
    """The answers to `comp=pagelist`, one a line; none: it is refused."""
    markers: list[str] = field(default_factory=list)
    """What came after `comp=pagelist` in the query of each request."""
    delay: float = 0.0
    """Seconds before each answer."""
    meeting: threading.Barrier | None = None
    """Where requests wait for each other before they are answered; who comes alone is not answered at all."""
    most_at_once: int = 0
    _at_once: int = 0

    @property
    def access(self) -> Access:
        """Access to it that nobody renews."""
        return access_to(self.url)


def access_to(url: str, seconds: float = 3600.0, renew: Callable[[], SecretUrl] | None = None) -> Access:
    return Access(SecretUrl.parse(url), seconds, renew)


@contextmanager
def serving(data: bytes, folder: Path) -> Iterator[Blob]:
    """Serve `data` on loopback, with an authority of its own, until the block ends."""
    blob = Blob(data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(blob))
    authority = trustme.CA()
    blob.ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(blob.ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    blob.url = f"https://127.0.0.1:{server.server_port}/md-abc/abcd?{QUERY}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield blob
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def counting(blob: Blob) -> Iterator[None]:
    """Take the time that an answer takes, and count how many are under way."""
    with _LOCK:
        blob._at_once += 1
        blob.most_at_once = max(blob.most_at_once, blob._at_once)
    try:
        if blob.delay:
            time.sleep(blob.delay)
        if blob.meeting is not None:
            blob.meeting.wait(timeout=30)
        yield
    finally:
        with _LOCK:
            blob._at_once -= 1


def _handler(blob: Blob) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"blob": blob})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    blob: Blob

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        with counting(self.blob):
            if "comp=pagelist" in self.path and not self.blob.revoked:
                self._pages()
            else:
                self._content()

    def _content(self) -> None:
        blob = self.blob
        blob.ranges.append(self.headers.get("Range", ""))
        fault = blob.faults.pop(0) if blob.faults else ""
        if blob.revoked or QUERY not in self.path:
            self._status(403)
        elif fault == "expired":
            self._status(403, b"<AuthenticationErrorDetail>Signature not valid in the specified time frame")
        elif fault == "drop":
            self.close_connection = True
        elif fault.isdigit():
            self._status(int(fault))
        else:
            self._range(fault)

    def _status(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _pages(self) -> None:
        if self.blob.pages is None:
            self._status(403)
            return
        first, _, self.blob.pages = self.blob.pages.partition("\n")
        self.blob.markers.append(self.path.partition("comp=pagelist")[2])
        self.send_response(200)
        self.send_header("ETag", self.blob.etag)
        self.send_header("Content-Length", str(len(first)))
        self.end_headers()
        self.wfile.write(first.encode())

    def _range(self, fault: str) -> None:
        blob = self.blob
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        assert found
        first, last = int(found[1]), min(int(found[2]), len(blob.data) - 1)
        body = blob.data if fault == "everything" else blob.data[first : last + 1]
        if fault == "short":
            body = body[:-1]
        self.send_response(200 if fault == "everything" else 206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(blob.data)}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", blob.etag)
        self.end_headers()
        if fault == "cut":
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)
