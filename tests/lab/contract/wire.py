"""Exchanges as they passed over the wire: recorded from Azure, or caught between a client and the lab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests


@dataclass(frozen=True)
class Exchange:
    """One request and its response; bodies as JSON, None where there was none."""

    method: str
    path: str
    query: Mapping[str, str]
    sent: Any
    status: int
    headers: Mapping[str, str]
    """Of the response; names in lower case."""
    body: Any

    @property
    def title(self) -> str:
        """Return what a reader looks for: `GET /subscriptions/... -> 200`."""
        return f"{self.method} {self.path} -> {self.status}"


def exchange_of(response: requests.Response) -> Exchange:
    """Return what passed over the wire for `response`."""
    url = urlsplit(str(response.request.url))
    sent = response.request.body
    return Exchange(
        method=str(response.request.method),
        path=url.path,
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        sent=_json(sent),
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=_json(response.content),
    )


def _json(body: str | bytes | None) -> Any:
    """Return the JSON of a body, None where there is none, and what is no JSON as text."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return repr(body)


class Wire:
    """Catches every ARM exchange of a `requests` session."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def watch(self, session: requests.Session) -> requests.Session:
        """Let `session` show its exchanges here."""
        session.hooks["response"].append(self._caught)
        return session

    def _caught(self, response: requests.Response, **_options: Any) -> None:
        if "/subscriptions" in str(response.request.url):
            self.exchanges.append(exchange_of(response))
