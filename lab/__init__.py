"""The lab: an embedded Azure on loopback, with guests.

with lab.serve("demo") as running:
    running.endpoint, running.ca_file, running.client_secret, running.fleet, running.requests
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.scenario import ScenarioError
    from lab.server import Lab, LabError, serve

__all__ = ["Lab", "LabError", "ScenarioError", "serve"]


def __getattr__(name: str) -> Any:
    """Import the server when somebody asks for it: to read a scenario takes no web server."""
    if name not in __all__:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    from lab import scenario, server

    return getattr(scenario if name == "ScenarioError" else server, name)
