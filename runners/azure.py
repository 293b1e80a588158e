"""The one place that talks to ARM, through azure-mgmt-compute.

Every method makes one call and returns ARM's own JSON; long-running operations come back as an `Operation`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from azure.core.polling import PollingMethod
from azure.core.rest import HttpRequest
from azure.mgmt.compute import ComputeManagementClient

from runners.azure_errors import AGAIN, explained, refusing
from runners.cloud import Cloud
from runners.errors import AgainError, AzureError
from runners.operation import Operation, json_of
from runners.quota import Quota, QuotaPolicy
from runners.resource_id import ResourceId
from runners.secret_url import SecretUrl, fetch_tail
from runners.steady import SteadyTransport

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

LOCKS_API = "2016-09-01"
PERMISSIONS_API = "2022-04-01"
TAGS_API = "2021-04-01"
SUBSCRIPTIONS_API = "2022-12-01"
VIRTUAL_MACHINES_API = "2024-07-01"
_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
TIMEOUTS = {"connection_timeout": 10, "read_timeout": 60}
"""Seconds that a connection to ARM, and each part of its answer, is waited for. Operations answer at once."""
MAX_SERIAL_LOG = 4 * 1024 * 1024


class Arm:
    """ARM for any number of subscriptions, with one credential and one connection pool for each."""

    def __init__(self, cloud: Cloud, credential: TokenCredential) -> None:
        self.cloud = cloud
        self._credential = credential
        self._clients: dict[str, ComputeManagementClient] = {}
        self._one_at_a_time = threading.Lock()

    # Reading

    def virtual_machine(self, vm: str) -> dict[str, Any]:
        """Return the VM's model."""
        at = ResourceId.parse(vm)
        with explained(f"reading VM {at.name}"):
            return self._client(at).virtual_machines.get(at.group, at.name).as_dict()

    def instance_view(self, vm: str) -> dict[str, Any]:
        """Return the VM's instance view: power, agent, disks, extensions as they are now."""
        at = ResourceId.parse(vm)
        with explained(f"reading the instance view of VM {at.name}"):
            return self._client(at).virtual_machines.instance_view(at.group, at.name).as_dict()

    def instance_views(self, subscription: str) -> dict[str, dict[str, Any]]:
        """Return the instance views of a subscription's VMs, by their ids in lower case: one call for each page."""
        with explained(f"listing the VMs of subscription {subscription}"):
            found = self._client_of(subscription).virtual_machines.list_all(status_only="true")
            models = [item.as_dict() for item in found]
        views = ((item.get("properties") or {}).get("instanceView") for item in models)
        return {str(item.get("id", "")).lower(): view for item, view in zip(models, views, strict=True) if view}

    def subscriptions(self) -> list[str]:
        """Return the ids of the subscriptions in which the caller has any role."""
        what = "listing the subscriptions"
        with explained(what):
            url = f"{self.cloud.endpoint}/subscriptions?api-version={SUBSCRIPTIONS_API}"
            return [str(item.get("subscriptionId", "")) for item in self._pages(what, _NO_SUBSCRIPTION, url)]

    def virtual_machines(self, subscription: str, group: str = "") -> list[dict[str, Any]]:
        """Return the models of the VMs of a subscription, or of one of its resource groups."""
        what = f"listing the VMs of {f'resource group {group}' if group else f'subscription {subscription}'}"
        with explained(what):
            scope = f"/subscriptions/{subscription}" + (f"/resourceGroups/{quote(group)}" if group else "")
            path = f"{scope}/providers/Microsoft.Compute/virtualMachines?api-version={VIRTUAL_MACHINES_API}"
            return list(self._pages(what, subscription, f"{self.cloud.endpoint}{path}"))

    def extensions(self, vm: str) -> list[dict[str, Any]]:
        """Return the extensions that ARM has for the VM."""
        at = ResourceId.parse(vm)
        with explained(f"listing the extensions of VM {at.name}"):
            found = self._client(at).virtual_machine_extensions.list(at.group, at.name)
            if found.value is None:
                raise AzureError(_without_list(f"listing the extensions of VM {at.name}"))
            return [item.as_dict() for item in found.value]

    def locks(self, scope: str) -> list[dict[str, Any]]:
        """Return the management locks that apply at `scope`, those set on its parents included."""
        at = ResourceId.parse(scope)
        what = f"listing the locks of {at.word} {at.name}"
        with explained(what):
            url = f"{self.cloud.endpoint}{scope}/providers/Microsoft.Authorization/locks?api-version={LOCKS_API}"
            return list(self._pages(what, at.subscription, url))

    def permissions(self, scope: str) -> list[dict[str, Any]]:
        """Return what the caller may do at `scope`: `actions` and `notActions` of every role that holds there."""
        at = ResourceId.parse(scope)
        what = f"asking what is allowed on {at.word} {at.name}"
        with explained(what):
            path = f"{scope}/providers/Microsoft.Authorization/permissions"
            return list(
                self._pages(what, at.subscription, f"{self.cloud.endpoint}{path}?api-version={PERMISSIONS_API}")
            )

    def disk(self, disk: str) -> dict[str, Any]:
        """Return a managed disk."""
        at = ResourceId.parse(disk)
        with explained(f"reading disk {at.name}"):
            return self._client(at).disks.get(at.group, at.name).as_dict()

    def snapshot(self, snapshot: str) -> dict[str, Any]:
        """Return a snapshot of a managed disk."""
        at = ResourceId.parse(snapshot)
        with explained(f"reading snapshot {at.name}"):
            return self._client(at).snapshots.get(at.group, at.name).as_dict()

    def serial_log(self, vm: str) -> bytes:
        """Return the end of the serial log that boot diagnostics keep, at most `MAX_SERIAL_LOG` bytes."""
        at = ResourceId.parse(vm)
        with explained(f"asking for the serial log of VM {at.name}"):
            answer = self._client(at).virtual_machines.retrieve_boot_diagnostics_data(at.group, at.name).as_dict()
        url = answer.get("serialConsoleLogBlobUri")
        if not url:
            raise AzureError(f"VM {at.name} has no serial log: boot diagnostics are off. Turn them on and run again.")
        try:
            where = SecretUrl.parse(str(url))
        except ValueError as error:
            raise AzureError(f"the address that Azure gave for the serial log of VM {at.name}: {error}") from None
        status, tail, failure = fetch_tail(where, self.cloud.trusted, MAX_SERIAL_LOG)
        if failure or status != 200:
            seen = failure or f"HTTP {status}"
            kind = AgainError if status in (0, *AGAIN) else AzureError
            raise kind(
                f"the serial log of VM {at.name} could not be fetched from {where.host}: {seen}. Nothing was "
                "changed; check the route to that host",
                status=status,
            )
        return tail

    def read_tags(self, vm: str) -> dict[str, str]:
        """Return the VM's tags, from its tags resource."""
        at = ResourceId.parse(vm)
        what = f"reading the tags of VM {at.name}"
        with explained(what):
            response = self._client(at).send_request(HttpRequest("GET", self._tags_url(vm)))
            response.raise_for_status()
            found = (json_of(what, response).get("properties") or {}).get("tags") or {}
        return {str(name): str(value) for name, value in found.items()}

    # Acting

    def begin_run_command(self, vm: str, platform: str, script: str, *, once: bool = False) -> Operation:
        """Run a script in the guest by the action Run Command; its result is `{"value": [...]}`, cut to 4,096 bytes.

        `once`: for scripts that act. Raises `RefusedError` where nothing was begun.
        """
        at = ResourceId.parse(vm)
        # Lines are made here, where it is sent: those of a script take twice its room, and a fleet waits for very many.
        lines = script.splitlines()
        body = {"commandId": "RunPowerShellScript" if platform == "windows" else "RunShellScript", "script": lines}
        what = f"running a command in VM {at.name}"
        begin = self._client(at).virtual_machines.begin_run_command
        return self._begin(what, at, begin, at.group, at.name, body, once=once, update=True)

    def begin_managed_run_command(self, vm: str, name: str, body: Mapping[str, Any]) -> Operation:
        """Put a script on the VM as the resource `name`, and run it. Raises `RefusedError` where nothing was begun.

        `body` may hold a password: it is sent, and is in no message.
        """
        at = ResourceId.parse(vm)
        begin = self._client(at).virtual_machine_run_commands.begin_create_or_update
        return self._begin(f"running {name} in VM {at.name}", at, begin, at.group, at.name, name, body, once=True)

    def managed_run_command_view(self, vm: str, name: str) -> dict[str, Any]:
        """Return the instance view of a managed run command: how its script ended, and what it printed."""
        at = ResourceId.parse(vm)
        with explained(f"asking how {name} ended in VM {at.name}"):
            get = self._client(at).virtual_machine_run_commands.get_by_virtual_machine
            found = get(at.group, at.name, name, expand="instanceView").as_dict()
        view: dict[str, Any] = (found.get("properties") or {}).get("instanceView") or {}
        return view

    def begin_delete_managed_run_command(self, vm: str, name: str) -> Operation:
        """Take a managed run command off the VM."""
        at = ResourceId.parse(vm)
        delete = self._client(at).virtual_machine_run_commands.begin_delete
        return self._begin(f"deleting {name} from VM {at.name}", at, delete, at.group, at.name, name, update=True)

    def begin_deallocate(self, vm: str) -> Operation:
        """Stop the VM and release its hardware. To ask for it twice changes nothing."""
        at = ResourceId.parse(vm)
        what = f"deallocating VM {at.name}"
        deallocate = self._client(at).virtual_machines.begin_deallocate
        return self._begin(what, at, deallocate, at.group, at.name, acts=False)

    def generalize(self, vm: str) -> None:
        """Flag the VM as generalized. Azure looks at the power state alone, not into the guest. It can't be undone.

        Raises `RefusedError` where it was not flagged.
        """
        at = ResourceId.parse(vm)
        with refusing(), explained(f"flagging VM {at.name} as generalized", acts=True):
            self._client(at).virtual_machines.generalize(at.group, at.name)

    def merge_tags(self, vm: str, tags: Mapping[str, str]) -> None:
        """Add these tags to the VM's, or give them these values; all others stay."""
        self._change_tags(vm, "Merge", tags)

    def delete_tags(self, vm: str, tags: Mapping[str, str]) -> None:
        """Take these tags off the VM where they have these values; all others stay."""
        self._change_tags(vm, "Delete", tags)

    def begin_disk_access(self, disk: str, seconds: int) -> Operation:
        """Ask for a read-only SAS of a disk or a snapshot. Its result is `{"accessSAS": url}`; the URL is a secret."""
        at = ResourceId.parse(disk)
        what = f"asking for read access to {at.word} {at.name}"
        body = {"access": "Read", "durationInSeconds": seconds}
        return self._begin(what, at, self._shared(at).begin_grant_access, at.group, at.name, body)

    def begin_revoke_disk_access(self, disk: str) -> Operation:
        """Revoke every SAS of a disk or a snapshot."""
        at = ResourceId.parse(disk)
        what = f"revoking access to {at.word} {at.name}"
        return self._begin(what, at, self._shared(at).begin_revoke_access, at.group, at.name, acts=False)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def _client(self, at: ResourceId) -> ComputeManagementClient:
        return self._client_of(at.subscription)

    def _shared(self, at: ResourceId) -> Any:
        """Return the operations of what a SAS is for."""
        client = self._client(at)
        return client.snapshots if at.kind == "snapshots" else client.disks

    def _client_of(self, subscription: str) -> ComputeManagementClient:
        key = subscription.lower()
        with self._one_at_a_time:
            if key not in self._clients:
                self._clients[key] = ComputeManagementClient(
                    self._credential,
                    subscription,
                    base_url=self.cloud.endpoint,
                    credential_scopes=[self.cloud.scope],
                    transport=SteadyTransport(connection_verify=self.cloud.trusted, **TIMEOUTS),
                    # The SDK would sleep in the thread that asks, and ask again for what must not happen twice; who
                    # waits here holds nobody up, and knows what the call was.
                    retry_total=0,
                    per_retry_policies=[QuotaPolicy(Quota())],
                )
            return self._clients[key]

    def _begin(
        self,
        what: str,
        at: ResourceId,
        begin: Callable[..., Any],
        *arguments: Any,
        once: bool = False,
        acts: bool = True,
        update: bool = False,
    ) -> Operation:
        """Begin an operation. One that does not `acts` may be asked for again though the first may have been heard."""
        with refusing() if once else nullcontext(), explained(what, acts=acts, update=update):
            response = begin(*arguments, polling=_FirstResponse()).result()
        return Operation(what, response, lambda url: self._fetch(what, at, url), self.cloud.poll_seconds)

    def _fetch(self, what: str, at: ResourceId, url: str) -> Any:
        with explained(what):
            response = self._client(at).send_request(HttpRequest("GET", url))
            response.raise_for_status()
            return response

    def _change_tags(self, vm: str, operation: str, tags: Mapping[str, str]) -> None:
        at = ResourceId.parse(vm)
        body = {"operation": operation, "properties": {"tags": dict(tags)}}
        with explained(f"tagging VM {at.name}"):
            self._client(at).send_request(HttpRequest("PATCH", self._tags_url(vm), json=body)).raise_for_status()

    def _tags_url(self, vm: str) -> str:
        return f"{self.cloud.endpoint}{vm}/providers/Microsoft.Resources/tags/default?api-version={TAGS_API}"

    def _pages(self, what: str, subscription: str, url: str) -> Iterator[dict[str, Any]]:
        while url:
            response = self._client_of(subscription).send_request(HttpRequest("GET", url))
            response.raise_for_status()
            body = json_of(what, response)
            found = body.get("value")
            if not isinstance(found, list):
                raise AzureError(_without_list(what))
            yield from found
            url = body.get("nextLink") or ""


class _FirstResponse(PollingMethod[Any]):
    """Stands in for the SDK's polling, which would hold a thread: it hands over the first response and is done."""

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        self._response = initial_response.http_response
        self._response.read()  # the SDK streams it, and an operation may be over with this very answer

    def run(self) -> None:
        """Do nothing: there is nothing to wait for."""

    def status(self) -> str:
        return "InProgress"

    def finished(self) -> bool:
        return True

    def resource(self) -> Any:
        return self._response


def power_state(view: Mapping[str, Any]) -> str:
    """Return the power state that an instance view's statuses give (`running`, ...), or an empty text without one."""
    for status in view.get("statuses") or []:
        kind, _, state = str(status.get("code", "")).partition("/")
        if kind == "PowerState":
            return state
    return ""


def _without_list(what: str) -> str:
    return (
        f"{what}: Azure's answer has no list `value`, which it gives even where there is nothing to list. A proxy "
        "may have changed the answer; look at the route to Azure, then run again"
    )
