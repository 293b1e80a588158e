"""What a run acts in: one of Azure's clouds, or nothing but files. The embedded lab is in `runners.embedded`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    ChainedTokenCredential,
    DefaultAzureCredential,
    EnvironmentCredential,
    WorkloadIdentityCredential,
)

from runners.cloud import PUBLIC, Cloud, Identity, cloud_of, identify
from runners.denied import not_signed_in
from runners.errors import UsageError
from runners.way_in import WayIn
from runners.world import Provenance

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_FEDERATED = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"}
"""The variables of workload identity federation."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An Azure, real or embedded, and as whom it is asked."""

    cloud: Cloud
    credential: TokenCredential
    identity: Identity
    provenance: Callable[[str], Provenance]
    requests: Callable[[], bytes]
    """Every request that the lab answered so far, as lines of JSON; nothing for Azure, which keeps its own record."""


@contextmanager
def azure(way: WayIn) -> Iterator[Surroundings]:
    """Give the cloud that `way` leads to, as whoever the environment or `az login` says. Raises `UsageError`."""
    cloud = cloud_of(way)
    with _credential(cloud) as credential:
        identity = identified(credential, cloud, "To see the whole path without Azure: --lab.")
        # Whoever runs a cloud of his own may have made up its guests and disks: the least is claimed.
        provenance = Provenance("simulated", "constructed") if cloud.lab else Provenance()
        yield Surroundings(cloud, credential, identity, lambda _vm: provenance, lambda: b"")


@contextmanager
def nowhere() -> Iterator[Surroundings]:
    """Give what a run needs that looks at files alone: no Azure is asked, and nobody signs in."""
    cloud = replace(PUBLIC, endpoint="", authority="")
    yield Surroundings(cloud, _Nobody(), Identity("", ""), lambda _file: Provenance(), lambda: b"")


class _Nobody:
    """Stands in for a credential where none is needed."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise ClientAuthenticationError("this run looks at files alone, and asks no Azure")


def _credential(cloud: Cloud) -> DefaultAzureCredential | ChainedTokenCredential:
    options: dict[str, Any] = {
        "authority": cloud.authority,
        "connection_verify": cloud.trusted,
        # The discovery asks login.microsoftonline.com whether an authority is known, and no foreign one is.
        "disable_instance_discovery": cloud.lab,
    }
    if not os.environ.keys() >= _FEDERATED:
        return DefaultAzureCredential(**options)
    # DefaultAzureCredential keeps the authority from its workload identity, which would ask the public cloud's.
    others = DefaultAzureCredential(
        exclude_environment_credential=True, exclude_workload_identity_credential=True, **options
    )
    return ChainedTokenCredential(EnvironmentCredential(**options), WorkloadIdentityCredential(**options), others)


def identified(credential: TokenCredential, cloud: Cloud, hint: str) -> Identity:
    """Return who the credential is. Raises `UsageError`, which ends with `hint`, where nobody signs in."""
    try:
        return identify(credential, cloud)
    except ClientAuthenticationError as error:
        raise UsageError(f"not signed in at {cloud.authority}: {not_signed_in(str(error))} {hint}") from None
