"""Whether a role assignment allows a call. Pure: what is asked for and what was assigned in, an answer out.

Actions, wildcards and inheritance are those of Azure's role definitions (Microsoft Learn, "Understand Azure role
definitions"): a role allows what its actions name less its not_actions, and what one role takes out another may allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lab.principal import Role


def scope_of(path: str) -> str:
    """Return the ARM id over which a call of `path` acts: its pairs of kind and name, without a kind that stands alone.

    `/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/web01/deallocate` acts over `web01`.
    A list acts over `.../resourceGroups/G/providers/Microsoft.Compute` (quoted in Azure/CloudShell#572). The list of
    subscriptions acts over nothing: an empty text.
    """
    parts = path.strip("/").split("/")
    whole = parts[: len(parts) // 2 * 2]
    return f"/{'/'.join(whole)}" if whole else ""


def allows(roles: Iterable[Role], action: str, scope: str) -> bool:
    """Return whether one of `roles` allows `action` over `scope`."""
    return any(_named(role.actions, action) and not _named(role.not_actions, action) for role in holding(roles, scope))


def holding(roles: Iterable[Role], scope: str) -> list[Role]:
    """Return those of `roles` that were assigned at `scope`, or above it."""
    return [role for role in roles if _covers(role.scope, scope)]


def sees(roles: Iterable[Role], scope: str) -> bool:
    """Return whether one of `roles` holds at `scope`, above it or below it: then a list of scopes shows it."""
    return any(role.actions and (_covers(role.scope, scope) or _covers(scope, role.scope)) for role in roles)


def _covers(assigned: str, scope: str) -> bool:
    return f"{scope.rstrip('/').lower()}/".startswith(f"{assigned.rstrip('/').lower()}/")


def _named(patterns: Iterable[str], action: str) -> bool:
    # such as `Microsoft.Compute/*/read`, where the star also stands for `virtualMachines/instanceView`
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE | re.DOTALL) for pattern in patterns
    )
