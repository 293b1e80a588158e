"""A real HTTPS server of one page blob, with what can go wrong on the way."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

SIGNATURE = "U0VDUkVUc2lnbmF0dXJlVEhBVG11c3RORVZFUmJlU0VFTg%3D%3D"
QUERY = f"sv=2018-03-28&sr=b&si=5a1e&sig={SIGNATURE}"


@dataclass
class Blob:
    """What is served, and the faults still to come: each is used up by one request.

    `429`, `503` ...: that status, with Retry-After 7. `drop`: the connection ends before an answer. `cut`: it ends
    within the body. `short`: a whole answer with fewer bytes than were asked for. `everything`: Range is ignored.
    """

    data: bytes = field(repr=False)
    faults: list[str] = field(default_factory=list)
    etag: str = '"0x8DD0"'
    revoked: bool = False
    ranges: list[str] = field(default_factory=list)
    url: str = field(default="", repr=False)
    ca_file: Path = Path()


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


def _handler(blob: Blob) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            blob.ranges.append(self.headers.get("Range", ""))
            fault = blob.faults.pop(0) if blob.faults else ""
            if blob.revoked or QUERY not in self.path:
                self._status(403)
            elif fault == "drop":
                self.close_connection = True
            elif fault.isdigit():
                self._status(int(fault))
            else:
                self._range(fault)

        def _status(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Retry-After", "7")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _range(self, fault: str) -> None:
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

    return Handler
