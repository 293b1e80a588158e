"""Who may sign in to the lab, and what each of them may do."""

from __future__ import annotations

import uuid

from pydantic import Field

from lab.strict import Strict


class Role(Strict):
    """A role assignment: what is allowed at a scope and below it, in the words of Azure's role definitions."""

    actions: tuple[str, ...] = ("*",)
    """Such as `Microsoft.Compute/virtualMachines/read`; `*` stands for any text, slashes included."""
    not_actions: tuple[str, ...] = ()
    """What of these is not allowed all the same."""
    scope: str = "/subscriptions/${subscription_id}"
    """An ARM id. Placeholders that hold for the whole scenario are filled in."""


class Principal(Strict):
    """A service principal of the tenant."""

    name: str
    """A name for it, as the request log tells it."""
    client_id: uuid.UUID
    """Its application (client) id, a GUID."""
    secret: str | None = None
    """Its client secret; left out, it can't sign in with one."""
    secret_expired: bool = False
    """Whether the tenant says that its secret, though the right one, has expired."""
    federated_subject: str | None = None
    """The `sub` of the tokens of the lab's own issuer that are accepted in exchange (workload identity federation)."""
    managed_identity: bool = False
    """Whether the lab's managed identity endpoint hands out its tokens."""
    token_seconds: int = Field(default=3599, ge=0)
    """How long its access tokens hold; 0 for tokens that have expired when they arrive."""
    roles: tuple[Role, ...] = ()

    @property
    def object_id(self) -> str:
        """The object id of the service principal, which is another one than the application's."""
        return str(uuid.uuid5(self.client_id, "object"))


OWNER = "owner"
"""The name of the lab's own service principal, which may do everything."""
