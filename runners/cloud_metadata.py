"""What an Azure Resource Manager says of its own cloud: where its tokens come from, and for which audience."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import urllib3
from requests import RequestException, Session
from requests.exceptions import SSLError

from runners.errors import UsageError
from runners.way_in import https_url

_QUERY = "/metadata/endpoints?api-version=2022-09-01"
"""As the Azure CLI asks when a cloud is registered."""
_OTHERWISE = "Where that cloud gives no such answer, name its token authority with --authority URL."
_TIMEOUT = (10.0, 30.0)
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CloudMetadata:
    """How to sign in to a cloud."""

    authority: str
    """Base URL of the token authority, without a slash at its end."""
    audience: str
    """For whom its tokens are."""


def ask(endpoint: str, trusted: str) -> CloudMetadata:
    """Ask the Azure Resource Manager at `endpoint` how to sign in, trusting the certificates in the file `trusted`.

    Raises `UsageError`, which names the address and what to do.
    """
    body = _fetch(f"{endpoint}{_QUERY}", trusted)
    try:
        answer = json.loads(body)["authentication"]
        authority, audience = https_url(answer["loginEndpoint"]), answer["audiences"][0]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _failed(endpoint, f"its answer names no `authentication` that can be used ({error})") from None
    if not isinstance(audience, str) or not audience.isprintable() or " " in audience or not audience:
        raise _failed(endpoint, "its answer names no audience that can be used")
    return CloudMetadata(authority, audience)


def _fetch(url: str, trusted: str) -> bytes:
    endpoint = url.removesuffix(_QUERY)
    with Session() as session:
        try:
            # No credential goes along: requests would add what ~/.netrc has.
            options: dict[str, Any] = {"verify": trusted, "timeout": _TIMEOUT, "auth": lambda request: request}
            with session.get(url, allow_redirects=False, stream=True, **options) as response:
                if response.status_code != 200:
                    raise _failed(endpoint, f"HTTP {response.status_code}")
                body: bytes = response.raw.read(_LARGEST + 1, decode_content=True)
        except SSLError:
            raise _failed(endpoint, "its certificate is not trusted", "Give its CA's with --ca FILE.") from None
        except (RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _failed(endpoint, f"no answer ({type(error).__name__})", "See whether it runs there.") from None
    if len(body) > _LARGEST:
        raise _failed(endpoint, f"its answer has more than {_LARGEST} bytes")
    return body


def _failed(endpoint: str, seen: str, remedy: str = _OTHERWISE) -> UsageError:
    return UsageError(
        f"could not ask {endpoint} how to sign in (GET /metadata/endpoints): {seen}. Nothing was started.\n{remedy}"
    )
