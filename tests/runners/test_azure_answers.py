"""What becomes of Azure's answers: of a server that says what a test wants, through the SDK."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from azure.core.credentials import AccessToken

from checks.healthy import GROUP, SUBSCRIPTION
from runners.azure import Arm
from runners.cloud import Cloud
from runners.errors import AgainError, AzureError, RefusedError

VM = f"{GROUP}/virtualMachines/golden"
DISK = f"{GROUP}/disks/golden-os"
JsonBody = dict[str, Any]


class Token:
    """A credential that needs nobody."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


Script = Callable[[str, str, dict[str, str]], tuple[int, dict[str, str], bytes]]


class ScriptedArm:
    """HTTPS on loopback; `script` answers (method, path, headers) with (status, headers, body)."""

    def __init__(self, ca_file: Path) -> None:
        self.script: Script = lambda method, path, headers: (500, {}, b"")
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                headers = {key.lower(): value for key, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                outer.requests.append((self.command, self.path, headers, body))
                code, extra, content = outer.script(self.command, self.path, headers)
                self.send_response(code)
                for key, value in (extra | {"Content-Length": str(len(content))}).items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server's names

            def log_message(self, *_: Any) -> None:
                pass

        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.endpoint = f"https://localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedArm]:
    server = ScriptedArm(tmp_path / "ca.pem")
    yield server
    server.close()


@pytest.fixture
def client(scripted: ScriptedArm, tmp_path: Path) -> Iterator[Arm]:
    arm = Arm(Cloud(scripted.endpoint, "scope", tmp_path / "ca.pem", lab=True, poll_seconds=0.02), Token())
    yield arm
    arm.close()


def reply(code: int, body: Any, **headers: str) -> Script:
    def script(method: str, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return code, {"Content-Type": "application/json"} | headers, json.dumps(body).encode()

    return script


def error(code: str, message: str) -> JsonBody:
    return {"error": {"code": code, "message": message}}


def test_throttling_is_told_with_azure_s_own_words(scripted: ScriptedArm, client: Arm) -> None:
    message = "The server rejected the request because too many requests have been received for this subscription."
    scripted.script = reply(429, error("OperationNotAllowed", message), **{"Retry-After": "17"})

    with pytest.raises(AgainError, match=f"HTTP 429 OperationNotAllowed: {message}") as raised:
        client.instance_view(VM)

    assert (raised.value.status, raised.value.seconds, raised.value.sent) == (429, 17, True)
    assert len(scripted.requests) == 1, "no thread sleeps until Azure grants it again"


def test_nobody_asks_while_azure_throttles_the_subscription(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(429, error("SubscriptionRequestsThrottled", "slow down"), **{"Retry-After": "17"})
    with pytest.raises(AgainError):
        client.instance_view(VM)

    with pytest.raises(AgainError, match="reading VM another: Azure grants this subscription no more calls") as held:
        client.virtual_machine(f"{GROUP}/virtualMachines/another")
    assert held.value.sent is False
    assert 16 < held.value.seconds <= 17
    assert len(scripted.requests) == 1

    scripted.script = reply(200, {"name": "golden"})
    client.merge_tags(VM, {"a": "b"})
    assert len(scripted.requests) == 2, "writes have a bucket of their own"


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_what_azure_can_not_answer_now_is_worth_another_try(scripted: ScriptedArm, client: Arm, status: int) -> None:
    scripted.script = reply(status, error("InternalServerError", "sorry"))

    with pytest.raises(AgainError) as raised:
        client.disk(DISK)

    assert (raised.value.status, raised.value.seconds) == (status, 0)


def test_a_token_that_azure_does_not_accept_says_how_to_sign_in(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(401, error("InvalidAuthenticationToken", "The access token is invalid."))

    with pytest.raises(AzureError, match=r"not signed in.*az login") as raised:
        client.instance_view(VM)

    assert raised.value.status == 401


def test_a_missing_permission_is_told_with_its_code(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(403, error("AuthorizationFailed", "The client does not have authorization"))

    with pytest.raises(
        AzureError, match=r"listing the locks of .*: HTTP 403 AuthorizationFailed: The client"
    ) as raised:
        client.locks(VM)

    assert (raised.value.status, raised.value.code) == (403, "AuthorizationFailed")


def test_a_refusal_that_is_not_json_is_told_all_the_same(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = lambda method, path, headers: (400, {"Content-Type": "text/html"}, b"<html>Bad gateway</html>")

    with pytest.raises(AzureError, match="reading disk golden-os: HTTP 400") as raised:
        client.disk(DISK)

    assert raised.value.code == ""


def test_all_pages_of_locks_are_read(scripted: ScriptedArm, client: Arm) -> None:
    def pages(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        more = {} if "page=2" in path else {"nextLink": f"{scripted.endpoint}{path}&page=2"}
        body = {"value": [{"name": "second" if "page=2" in path else "first"}]} | more
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    scripted.script = pages

    assert [item["name"] for item in client.locks(VM)] == ["first", "second"]
    assert all("authorization" in headers for _, _, headers, _ in scripted.requests)


def test_tags_are_written_to_the_tags_resource_and_not_to_the_vm(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(200, {})
    client.merge_tags(VM, {"a": "b"})
    client.delete_tags(VM, {"a": "b"})
    assert client.read_tags(VM) == {}

    sent = [(method, json.loads(body)) for method, _, _, body in scripted.requests[:2]]
    tags = {"properties": {"tags": {"a": "b"}}}
    assert sent == [("PATCH", {"operation": "Merge", **tags}), ("PATCH", {"operation": "Delete", **tags})]
    where = f"{VM}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01"
    assert {path for _, path, _, _ in scripted.requests} == {where}


def test_access_that_is_granted_at_once_has_its_address(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(200, {"accessSAS": "https://md-1.blob.storage.azure.net/x/abcd?sig=1"})

    granted = client.begin_disk_access(DISK, 600)

    assert granted.advance()
    assert granted.result["accessSAS"].endswith("sig=1")


def test_an_operation_is_polled_at_the_very_url_that_azure_gave(scripted: ScriptedArm, client: Arm) -> None:
    url = f"{scripted.endpoint}/operations/1?p=a%2Fb&t=1&c={'c' * 4000}&s=x-_&h=%3D"
    answers: Sequence[Script] = (
        reply(202, None, **{"Azure-AsyncOperation": url, "Location": url + "&monitor=true", "Retry-After": "9"}),
        reply(200, {"status": "Succeeded"}),
    )
    scripted.script = lambda method, path, headers: answers[method == "GET"](method, path, headers)

    deallocation = client.begin_deallocate(VM)

    assert deallocation.delay == 9.0
    assert deallocation.advance()
    assert scripted.requests[-1][1] == url.removeprefix(scripted.endpoint)


def test_a_vm_without_boot_diagnostics_is_told_to_have_no_serial_log(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(200, {})

    with pytest.raises(AzureError, match="VM golden has no serial log: boot diagnostics are off"):
        client.serial_log(VM)


@pytest.mark.parametrize("blob", ["refused", "closed"])
def test_the_address_of_a_serial_log_is_a_secret(scripted: ScriptedArm, client: Arm, blob: str) -> None:
    host = scripted.endpoint if blob == "refused" else "https://localhost:1"
    where = f"{host}/log?sig=TOPSECRET"

    def script(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/log"):
            return 403, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps({"serialConsoleLogBlobUri": where}).encode()

    scripted.script = script
    with pytest.raises(AzureError, match="the serial log of VM golden could not be fetched") as raised:
        client.serial_log(VM)

    assert raised.value.status == (403 if blob == "refused" else 0)
    assert "TOPSECRET" not in str(raised.value)
    assert raised.value.__context__ is None or raised.value.__suppress_context__


def serial_log(scripted: ScriptedArm, code: int, headers: dict[str, str], content: bytes) -> None:
    """Let the next serial log be asked for at /log, and be answered so; /elsewhere answers with another one."""
    where = f"{scripted.endpoint}/log?sv=1&sig=TOPSECRET"

    def script(method: str, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/log"):
            return code, headers, content
        if path.startswith("/elsewhere"):
            return 200, {}, b"planted"
        return 200, {"Content-Type": "application/json"}, json.dumps({"serialConsoleLogBlobUri": where}).encode()

    scripted.script = script


def test_the_address_of_a_serial_log_is_in_no_log_line(
    scripted: ScriptedArm, client: Arm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    loggers = [logging.getLogger(name) for name in ("urllib3.connectionpool", "urllib3.util.retry")]
    for logger in loggers:
        for installed in list(logger.filters):
            logger.removeFilter(installed)
    serial_log(scripted, 200, {}, b"booting")

    assert client.serial_log(VM) == b"booting"
    assert "GET /log?<SAS>" in caplog.text
    assert "TOPSECRET" not in caplog.text


def test_a_serial_log_is_not_looked_for_elsewhere(scripted: ScriptedArm, client: Arm) -> None:
    serial_log(scripted, 302, {"Location": f"{scripted.endpoint}/elsewhere"}, b"")

    with pytest.raises(AzureError, match="could not be fetched from localhost: HTTP 302"):
        client.serial_log(VM)

    assert not any(path.startswith("/elsewhere") for _, path, _, _ in scripted.requests)


def test_a_serial_log_is_asked_for_with_nobody_s_password(
    scripted: ScriptedArm, client: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine localhost login me password TOPSECRET\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    serial_log(scripted, 200, {}, b"booting")

    client.serial_log(VM)

    assert scripted.requests[-1][1].startswith("/log")
    assert "authorization" not in scripted.requests[-1][2]


def test_a_serial_log_that_does_not_end_is_not_read_on(
    scripted: ScriptedArm, client: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runners.secret_url.LONGEST", 5)
    serial_log(scripted, 200, {}, b"booting")

    with pytest.raises(AzureError, match="it is longer than 5 bytes"):
        client.serial_log(VM)


def test_a_serial_log_whose_address_is_no_https_url_is_not_asked_for(scripted: ScriptedArm, client: Arm) -> None:
    for where in ("http://localhost/log?sig=TOPSECRET", "https://[/log?sig=TOPSECRET"):
        scripted.script = reply(200, {"serialConsoleLogBlobUri": where})
        with pytest.raises(AzureError, match="it is no https URL") as raised:
            client.serial_log(VM)
        assert "TOPSECRET" not in str(raised.value)


@pytest.mark.parametrize("body", [{}, {"value": None}])
def test_a_list_that_azure_does_not_give_is_not_an_empty_one(
    scripted: ScriptedArm, client: Arm, body: JsonBody
) -> None:
    scripted.script = reply(200, body)

    with pytest.raises(AzureError, match=r"listing the locks of .*golden: .* no list `value`"):
        client.locks(VM)
    with pytest.raises(AzureError, match=r"listing the extensions of VM golden: .* no list `value`"):
        client.extensions(VM)


@pytest.mark.parametrize("first", [500, 503, 504])
@pytest.mark.parametrize("act", ["run command", "generalize"])
def test_what_must_not_happen_twice_is_asked_for_once(scripted: ScriptedArm, client: Arm, first: int, act: str) -> None:
    scripted.script = reply(first, error("ServerTimeout", "later"), **{"Retry-After": "1"})

    run = partial(client.begin_run_command, VM, "linux", "true", once=True)
    with pytest.raises(AzureError) as raised:
        (run if act == "run command" else partial(client.generalize, VM))()

    assert raised.value.status == first
    assert not isinstance(raised.value, RefusedError), "the request may have been carried out"
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("refused", [403, 409, 429])
def test_a_refusal_of_the_only_request_means_that_nothing_was_done(
    scripted: ScriptedArm, client: Arm, refused: int
) -> None:
    scripted.script = reply(refused, error("Conflict", "no"))

    with pytest.raises(RefusedError) as raised:
        client.begin_run_command(VM, "linux", "true", once=True)

    assert (raised.value.status, raised.value.code) == (refused, "Conflict")
    assert len(scripted.requests) == 1


def test_an_endpoint_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azure.core.pipeline.policies.RetryPolicy.sleep", lambda *_: None)
    arm = Arm(Cloud("https://localhost:1", "scope", None, lab=True, poll_seconds=1), Token())

    with pytest.raises(AzureError, match=r"reading VM .*: no answer from Azure") as raised:
        arm.virtual_machine(VM)
    arm.close()

    assert (raised.value.status, raised.value.code) == (0, "")


@pytest.mark.parametrize("begin", ["begin_deallocate", "begin_revoke_disk_access"])
def test_what_may_be_asked_for_twice_is_asked_for_again_where_the_connection_dropped(begin: str) -> None:
    arm = Arm(Cloud("https://localhost:1", "scope", None, lab=True, poll_seconds=1), Token())

    with pytest.raises(AgainError, match="no answer from Azure"):
        getattr(arm, begin)(VM if begin == "begin_deallocate" else DISK)
    with pytest.raises(AzureError, match="no answer from Azure") as raised:
        arm.begin_run_command(VM, "linux", "true", once=True)
    arm.close()

    assert not isinstance(raised.value, AgainError)


def test_a_script_is_sent_line_by_line(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(403, error("AuthorizationFailed", "no"))

    with pytest.raises(AzureError):
        client.begin_run_command(VM, "linux", "a\n\nb\n")

    assert json.loads(scripted.requests[0][3]) == {"commandId": "RunShellScript", "script": ["a", "", "b"]}


def test_what_azure_counts_as_an_update_of_the_vm_is_told_as_one(scripted: ScriptedArm, client: Arm) -> None:
    scripted.script = reply(503, error("ServerBusy", "sorry"))

    with pytest.raises(AgainError) as asking:
        client.begin_run_command(VM, "linux", "true")
    with pytest.raises(AgainError) as deleting:
        client.begin_delete_managed_run_command(VM, "sealproof-1")
    with pytest.raises(AgainError) as stopping:
        client.begin_deallocate(VM)

    assert [item.value.update for item in (asking, deleting, stopping)] == [True, True, False]


def test_each_subscription_has_one_connection_pool(client: Arm, scripted: ScriptedArm) -> None:
    scripted.script = reply(200, {"statuses": []})
    other = VM.replace(SUBSCRIPTION, SUBSCRIPTION.replace("1", "9"))
    for vm in (VM, other, VM.replace("/subscriptions/", "/SUBSCRIPTIONS/")):
        client.instance_view(vm)

    assert len(client._clients) == 2
