"""JSON as ARM sends it."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse


class ArmJson(JSONResponse):
    """A JSON body with the charset that ARM names."""

    media_type = "application/json; charset=utf-8"


def value_list(items: list[Any]) -> ArmJson:
    """Return ARM's list of things, on one page."""
    return ArmJson({"value": items})
