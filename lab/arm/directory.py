"""Everyone who may sign in to one lab: its owner, and the principals of its scenario."""

from __future__ import annotations

from collections.abc import Sequence

from lab.principal import OWNER, Principal, Role
from lab.scenario import Azure


class Directory:
    """The service principals of one tenant."""

    def __init__(self, azure: Azure, owner_secret: str, principals: Sequence[Principal] = ()) -> None:
        self.tenant_id = str(azure.tenant_id)
        self.owner = Principal(
            name=OWNER,
            client_id=azure.client_id,
            secret=owner_secret,
            federated_subject=OWNER,
            managed_identity=not any(principal.managed_identity for principal in principals),
            roles=(Role(scope="/"),),
        )
        self.principals = (self.owner, *principals)

    def named(self, name: str) -> Principal | None:
        """Return the principal called `name`."""
        return next((item for item in self.principals if item.name == name), None)

    def by_client_id(self, client_id: str) -> Principal | None:
        """Return the principal with this application id, whatever its case."""
        return next((item for item in self.principals if str(item.client_id) == client_id.lower()), None)

    def managed(self, identifier: str = "") -> Principal | None:
        """Return a managed identity by its client or object id; without one the first, as if it were the system's."""
        return next(
            (
                item
                for item in self.principals
                if item.managed_identity and identifier.lower() in ("", str(item.client_id), item.object_id)
            ),
            None,
        )
