"""Lists on pages: `nextLink` where there is more. The size of a page and the token in the link are the lab's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from lab.arm import errors
from lab.arm.call import Call
from lab.arm.json_response import ArmJson

PAGE_SIZE = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """What one answer shows of a list."""

    items: Sequence[T]
    next_link: str
    """The URL of the next page; empty on the last one."""

    def response(self, documents: Sequence[Any]) -> Response:
        """Return the answer with the items' documents."""
        body: dict[str, Any] = {"value": list(documents)}
        return ArmJson(body | ({"nextLink": self.next_link} if self.next_link else {}))


def page_of(call: Call, items: Sequence[T]) -> Page[T]:
    """Return the page of `items` that the request asks for by its $skipToken: the first one where it has none."""
    token = call.query("$skipToken")
    if token and not token.isdecimal():
        raise errors.skip_token_invalid(token)
    start = int(token or 0)
    end = start + PAGE_SIZE
    if end >= len(items):
        return Page(items[start:], "")
    query = {key: value for key, value in call.request.query_params.items() if key.lower() != "$skiptoken"}
    url = f"{call.cloud.endpoint}{call.request.url.path}?{urlencode(query | {'$skipToken': end})}"
    return Page(items[start:end], url)
