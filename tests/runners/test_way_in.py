"""The way in: what a person says of the cloud, and what nobody may talk a run into."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from azure.core import AzureClouds
from azure.identity import AzureAuthorityHosts
from azure.mgmt.core.tools import get_arm_endpoints
from pydantic import ValidationError

from runners.cloud import AZURE_CLOUDS, PUBLIC, cloud_of
from runners.errors import UsageError
from runners.way_in import WayIn, https_url
from tests.runners.test_azure_answers import ScriptedArm, reply

OF_THE_SDK = {
    "AzureCloud": (AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
    "AzureUSGovernment": (AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
    "AzureChinaCloud": (AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
}
OWN = "https://login.example.org/adfs"


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedArm]:
    server = ScriptedArm(tmp_path / "ca.pem")
    yield server
    server.close()


# URLs


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("https://localhost:8443", "https://localhost:8443"),
        ("HTTPS://Management.Azure.com:443/", "https://management.azure.com"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://login.example.org/adfs/", OWN),
    ],
)
def test_a_url_is_kept_in_its_plain_form(text: str, plain: str) -> None:
    assert https_url(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8443",
        "localhost:8443",
        "https://",
        "https://local host",
        "https://localhost:99999",
        "https://localhost:0",
        "https://localhost/?x=1",
        "https://localhost/#x",
        r"https://management.azure.com\.example.org",
        "https://management.azure.com.",
        "https://mаnagement.azure.com",  # noqa: RUF001 - the first a is Cyrillic
        "https://[::1",
        "",
    ],
)
def test_anything_but_a_plain_https_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no https URL"):
        https_url(text)


def test_what_may_hold_a_password_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="holds an @") as caught:
        https_url("https://user:hunter2@localhost")
    assert "hunter2" not in str(caught.value)


def test_an_endpoint_has_no_path() -> None:
    with pytest.raises(ValidationError, match="has a path"):
        WayIn(arm_endpoint="https://localhost/arm")


# Options win over the fleet file


@pytest.mark.parametrize(
    ("file", "option", "together"),
    [
        ({}, {}, {}),
        ({"arm_endpoint": OWN[:25]}, {"ca": Path("a")}, {"arm_endpoint": OWN[:25], "ca": Path("a")}),
        ({"authority": OWN, "ca": Path("a")}, {"ca": Path("b")}, {"authority": OWN, "ca": Path("b")}),
        (
            {"arm_endpoint": "https://one", "authority": OWN, "ca": Path("a")},
            {"arm_endpoint": "https://two"},
            {"arm_endpoint": "https://two"},
        ),
    ],
    ids=["nothing", "beside", "one by one", "another endpoint is another cloud"],
)
def test_options_win(file: dict[str, object], option: dict[str, object], together: dict[str, object]) -> None:
    ways = [WayIn.model_validate(said) for said in (file, option, together)]
    assert ways[0].overridden_by(ways[1]) == ways[2]


# Certificates


def test_the_certificates_to_trust_have_a_digest(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    digest = hashlib.sha256((tmp_path / "ca.pem").read_bytes()).hexdigest()
    assert WayIn(ca=tmp_path / "ca.pem").ca_digest() == digest
    assert WayIn().ca_digest() == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), (b"", "--ca"), (b"no certificate", "--ca")],
    ids=["none", "empty", "text"],
)
def test_a_file_without_a_certificate_is_refused(tmp_path: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(UsageError, match=r"could not be read from .*ca\.pem") as caught:
        WayIn(ca=tmp_path / "ca.pem").ca_digest()
    assert told in str(caught.value)


# What is Azure


def test_every_cloud_of_the_sdk_is_known() -> None:
    assert {cloud for cloud, _ in OF_THE_SDK.values()} == {*AzureClouds}
    assert OF_THE_SDK.keys() == AZURE_CLOUDS.keys()


@pytest.mark.parametrize("name", AZURE_CLOUDS)
def test_azure_s_own_clouds_are_those_of_its_sdk(name: str) -> None:
    azure, authority = OF_THE_SDK[name]
    told = get_arm_endpoints(azure)
    cloud = cloud_of(WayIn(arm_endpoint=AZURE_CLOUDS[name].endpoint))
    assert cloud.endpoint == told["resource_manager"].rstrip("/")
    assert [cloud.scope] == told["credential_scopes"]
    assert cloud.authority == f"https://{authority}"
    assert not cloud.lab


def test_nothing_said_is_the_public_cloud() -> None:
    assert cloud_of(WayIn()) == PUBLIC


@pytest.mark.parametrize("endpoint", [None, "https://management.usgovcloudapi.net"])
def test_azure_s_endpoint_with_an_authority_of_another_is_refused(endpoint: str | None) -> None:
    with pytest.raises(UsageError, match="takes tokens of"):
        cloud_of(WayIn(arm_endpoint=endpoint, authority=OWN))
    with pytest.raises(UsageError, match="takes tokens of"):
        cloud_of(WayIn(arm_endpoint=endpoint, authority="https://login.chinacloudapi.cn"))


def test_azure_s_endpoint_with_its_own_authority_is_azure() -> None:
    assert cloud_of(WayIn(authority="https://login.microsoftonline.com/")) == PUBLIC


def test_azure_s_endpoint_with_certificates_of_somebody_is_not_azure() -> None:
    assert cloud_of(WayIn(ca=Path("own.pem"))).lab


def test_the_environment_does_not_say_whom_to_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/own.pem")
    assert PUBLIC.trusted.endswith(".pem")
    assert PUBLIC.trusted != "/own.pem"


@pytest.mark.parametrize("endpoint", ["https://management.azure.com:8443", "https://westeurope.management.azure.com"])
def test_what_is_not_on_the_list_is_not_azure(endpoint: str) -> None:
    cloud = cloud_of(WayIn(arm_endpoint=endpoint, authority="https://login.microsoftonline.com"))
    assert cloud.lab
    assert cloud.scope == f"{endpoint}/.default"


@pytest.mark.parametrize(
    ("endpoint", "seconds"), [("https://localhost:1", 0.5), ("https://[::1]:1", 0.5), ("https://arm.example.org", 10)]
)
def test_only_this_very_host_is_polled_more_often_than_azure(endpoint: str, seconds: float) -> None:
    assert cloud_of(WayIn(arm_endpoint=endpoint, authority=OWN)).poll_seconds == seconds


# A cloud that is asked how to sign in


def metadata(login: object = OWN, *audiences: object) -> dict[str, object]:
    return {"authentication": {"loginEndpoint": login, "audiences": [*audiences]}}


def test_a_cloud_says_itself_how_to_sign_in(scripted: ScriptedArm, tmp_path: Path) -> None:
    scripted.script = reply(200, metadata(f"{OWN}/", "https://management.example.org/guid"))
    cloud = cloud_of(WayIn(arm_endpoint=scripted.endpoint, ca=tmp_path / "ca.pem"))
    assert (cloud.authority, cloud.scope) == (OWN, "https://management.example.org/guid/.default")
    assert cloud.lab
    ((method, path, headers, _),) = scripted.requests
    assert (method, path) == ("GET", "/metadata/endpoints?api-version=2022-09-01")
    assert "authorization" not in headers


def test_a_cloud_whose_authority_is_given_is_not_asked(scripted: ScriptedArm, tmp_path: Path) -> None:
    cloud_of(WayIn(arm_endpoint=scripted.endpoint, ca=tmp_path / "ca.pem", authority=OWN))
    assert scripted.requests == []


@pytest.mark.parametrize(
    "audience",
    [
        "https://management.azure.com",
        "https://Management.Core.Windows.net/",
        "https://management.core.usgovcloudapi.net/",
    ],
)
def test_tokens_that_open_azure_are_sent_nowhere_else(scripted: ScriptedArm, tmp_path: Path, audience: str) -> None:
    scripted.script = reply(200, metadata(OWN, audience))
    with pytest.raises(UsageError, match="which open Azure itself"):
        cloud_of(WayIn(arm_endpoint=scripted.endpoint, ca=tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (404, {}),
        (302, {}),
        (200, {}),
        (200, []),
        (200, "text"),
        (200, metadata()),
        (200, metadata(OWN, 7)),
        (200, metadata(OWN, "two words")),
        (200, metadata("http://login.example.org", "https://a")),
        (200, metadata(None, "https://a")),
        (200, {"authentication": metadata(OWN, "https://a")["authentication"], "padding": "x" * (1 << 20)}),
    ],
)
def test_an_answer_that_can_not_be_used_is_told_with_the_way_around(
    scripted: ScriptedArm, tmp_path: Path, code: int, body: object
) -> None:
    scripted.script = reply(code, body, Location="https://elsewhere.example.org")
    with pytest.raises(UsageError, match=r"could not ask https://localhost:\d+ how to sign in") as caught:
        cloud_of(WayIn(arm_endpoint=scripted.endpoint, ca=tmp_path / "ca.pem"))
    assert "--authority URL" in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_certificate_that_is_not_trusted_is_told(scripted: ScriptedArm) -> None:
    with pytest.raises(UsageError, match=r"(?s)its certificate is not trusted.*--ca FILE"):
        cloud_of(WayIn(arm_endpoint=scripted.endpoint))


def test_a_cloud_that_does_not_answer_is_told(scripted: ScriptedArm, tmp_path: Path) -> None:
    scripted.server.server_close()
    with pytest.raises(UsageError, match="no answer"):
        cloud_of(WayIn(arm_endpoint=scripted.endpoint, ca=tmp_path / "ca.pem"))
