"""One resource group: it is there because a machine of the scenario is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class ResourceGroup:
    """One resource group. Changed from the server's event loop only."""

    id: str
    name: str
    location: str
    tags: dict[str, str] | None = None
    """None where it never had any, which shows."""

    def model(self) -> dict[str, Any]:
        """Return the document as ARM shows it (recorded in test_run_command_v2 #0)."""
        tags = {} if self.tags is None else {"tags": dict(self.tags)}
        return {
            "id": self.id,
            "name": self.name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": self.location,
            **tags,
            "properties": {"provisioningState": "Succeeded"},
        }
