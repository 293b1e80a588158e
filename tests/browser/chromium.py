"""A headless Chromium, driven by its own protocol over two pipes: no driver, no port, no package.

https://chromedevtools.github.io/devtools-protocol/ describes the commands; on the pipes each message ends with a NUL.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PATIENCE = 60.0
_FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests run as root in a container
    "--disable-gpu",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)


@dataclass(frozen=True, slots=True)
class Screen:
    """How the page is looked at."""

    width: int = 1280
    height: int = 900
    dark: bool = False
    script: bool = True
    phone: bool = False
    media: str = ""


@dataclass(slots=True)
class Chromium:
    """A running browser with one page."""

    process: subprocess.Popen[bytes]
    _to: int
    _from: int
    _session: str = ""
    _count: int = 0
    _rest: bytes = b""
    complaints: list[str] = field(default_factory=list)
    """What the page's console and the browser said against it since it was opened: errors, refusals, violations."""
    requests: list[str] = field(default_factory=list)
    """Every address that was asked for since then."""
    _loaded: bool = False

    def open(self, path: Path, screen: Screen) -> float:
        """Open a page and wait until it is loaded. Returns the seconds that took."""
        self.complaints.clear()
        self.requests.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width,
            height=screen.height,
            deviceScaleFactor=2 if screen.phone else 1,
            mobile=screen.phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if screen.dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=screen.media, features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not screen.script)
        started = time.monotonic()
        self._loaded = False
        self.call("Page.navigate", url=path.as_uri())
        while not self._loaded:
            self._take(started + _PATIENCE)
        if screen.script:
            # Two frames later it is laid out and painted.
            self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        else:
            self.picture(screen.height)
        return time.monotonic() - started

    def ask(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript in the page (the page's own script may be off)."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, height: int | None = None) -> bytes:
        """Return the top of the page as it looks, as PNG."""
        size = self.ask("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], height or size[1]), "scale": 1}
        answer = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def paper(self) -> bytes:
        """Return the page as it is printed, as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._count += 1
        number = self._count
        body: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            body["sessionId"] = self._session
        os.write(self._to, json.dumps(body).encode() + b"\0")
        deadline = time.monotonic() + _PATIENCE
        while (message := self._take(deadline)).get("id") != number:
            pass
        assert "error" not in message, (method, message["error"])
        return dict(message["result"])

    def attach(self) -> None:
        """Open the one page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")

    def _take(self, deadline: float) -> dict[str, Any]:
        """Return the next message, after noting what it tells of the page."""
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "Chromium did not answer in time"
            data = os.read(self._from, 1 << 20)
            assert data, "Chromium ended"
            self._rest += data
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        told = message.get("params", {})
        match message.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Log.entryAdded" if told["entry"]["level"] in ("warning", "error"):
                self.complaints.append(told["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(told["exceptionDetails"]["text"])
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(told["args"]))
            case "Audits.issueAdded" if told["issue"]["code"] == "ContentSecurityPolicyIssue":
                self.complaints.append(str(told["issue"]["details"]))
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
        return message


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start a browser with a fresh profile, and end it."""
    program = shutil.which("chromium")
    assert program, "there is no chromium: make browser installs it from Debian"
    read_by_it, to_it = os.pipe()
    from_it, written_by_it = os.pipe()
    with tempfile.TemporaryDirectory(prefix="sealproof-chromium-", ignore_cleanup_errors=True) as profile:
        # It reads from its descriptor 3 and writes to 4; bash puts ours there.
        script = f'exec "$@" 3<&{read_by_it} 4>&{written_by_it}'
        process = subprocess.Popen(
            ["bash", "-c", script, "bash", program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(read_by_it, written_by_it),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_by_it)
        os.close(written_by_it)
        browser = Chromium(process, to_it, from_it)
        try:
            browser.attach()
            yield browser
        finally:
            os.close(to_it)
            os.close(from_it)
            process.terminate()
            process.wait(30)
