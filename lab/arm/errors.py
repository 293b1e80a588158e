"""How ARM refuses: the error envelope, and every refusal text the lab knows, with where it was seen.

Sources: R a real recording, D Microsoft's documentation, I an issue that quotes real output, X the lab's own wording.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from lab.arm import times


class ArmError(Exception):
    """A refusal: status, ARM's error code and its text. `gateway` marks what ARM itself says, not Compute."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        gateway: bool = False,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.gateway = gateway
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        """What the error object holds besides: `details`, `innererror`."""

    @property
    def body(self) -> dict[str, Any]:
        """The `error` object."""
        return {"code": self.code, "message": self.message, **self.more}

    def response(self) -> Response:
        """Return the HTTP response. Compute indents its errors and ends lines with CR LF; ARM does not (R)."""
        envelope = {"error": self.body}
        if self.gateway:
            text = json.dumps(envelope, separators=(",", ":"))
        else:
            text = json.dumps(envelope, indent=2).replace("\n", "\r\n")
        headers = self.headers | ({"x-ms-failure-cause": "gateway"} if self.gateway else {})
        return Response(text, self.status, headers=headers, media_type="application/json; charset=utf-8")


def _not_allowed(message: str) -> ArmError:
    return ArmError(409, "OperationNotAllowed", message)


def generalize_while_running(vm: str) -> ArmError:
    """R: azure-powershell's TestVirtualMachineCaptureNegative."""
    return _not_allowed(
        f"Operation 'generalize' is not allowed on VM '{vm}' since the VM is running. "
        "Please power off explicitly in case you shut down the VM from inside the guest operating system."
    )


def generalized(operation: str, vm: str) -> ArmError:
    """I: bitnami/vms#1471 quotes it for 'Start VM'; D for other operations. The status is by analogy."""
    return _not_allowed(f"Operation '{operation}' is not allowed on VM '{vm}' since the VM is generalized.")


def power_changing(vm: str, to: str, operation: str) -> ArmError:
    """D: common deployment errors of Compute."""
    return _not_allowed(
        f"An ongoing operation is changing power state of Virtual Machine {vm} to {to}. "
        f"Please perform operation {operation} after some time."
    )


def not_running() -> ArmError:
    """D for the text; the status is not verified."""
    return _not_allowed("The operation requires the VM to be running (or set to run).")


def extensions_while_stopped() -> ArmError:
    """D for the text; the status is not verified. Managed Run Command is delivered as extensions are."""
    return _not_allowed("Cannot modify extensions in the VM when the VM is not running.")


def run_command_failed(command: str, reason: str) -> ArmError:
    """X for the text; that a failed script fails the deployment where the client asks for it is documented."""
    return ArmError(
        409, "VMExtensionProvisioningError", f"Managed run command '{command}' was not successful: {reason}"
    )


def command_in_progress() -> ArmError:
    """I: azure-cli#32305."""
    return ArmError(
        409,
        "Conflict",
        "Run command extension execution is in progress. Please wait for completion before invoking a run command.",
    )


def agent_silent(vm: str) -> ArmError:
    """R: the error of an operation that failed, in test_vm_create_with_default_trusted_launch."""
    return ArmError(
        409,
        "VMAgentStatusCommunicationError",
        f"VM '{vm}' has not reported status for VM agent or extensions. Verify that the OS is up and healthy, the VM "
        "has a running VM agent, and that it can establish outbound connections to Azure storage. Please refer to "
        "https://aka.ms/vmextensionlinuxtroubleshoot for additional VM agent troubleshooting information.",
    )


def disk_in_use(disk: str, vm_id: str) -> ArmError:
    """I: AzureStorageExplorer#6654 quotes it."""
    return ArmError(
        409, "Conflict", f"Access not permitted because disk {disk} is currently attached to running VM {vm_id}."
    )


def disk_shared(disk: str) -> ArmError:
    """D: common deployment errors of Compute."""
    return _not_allowed(
        f"There is an active shared access signature outstanding for disk {disk}. "
        "Call EndGetAccess before attaching or deleting the disk."
    )


def disk_denied(disk: str) -> ArmError:
    """X: that `DenyAll` refuses is documented, its text was not found."""
    return _not_allowed(f"Disk {disk} cannot be exported since its network access policy is DenyAll.")


def source_missing(source: str) -> ArmError:
    """X: no record of what Azure says of a source that is not there."""
    return ArmError(404, "NotFound", f"The source {source} is not found.")


def image_of_specialized(vm: str) -> ArmError:
    """I: terraform-provider-azurerm#7209, ansible#37158. The status is by analogy."""
    return _not_allowed(f"The operation 'Create Image' requires the Virtual Machine '{vm}' to be Generalized.")


def property_unchangeable(name: str) -> ArmError:
    """D: PropertyChangeNotAllowed of Compute."""
    return ArmError(409, "PropertyChangeNotAllowed", f"Changing property '{name}' is not allowed.")


def snapshot_of_running(disk: str, vm: str) -> ArmError:
    """X: Azure takes such a snapshot; the lab can't copy a file that QEMU writes to."""
    return _not_allowed(
        f"This lab takes no snapshot of disk {disk} while the real guest of VM '{vm}' runs. Stop the VM first."
    )


def snapshot_incomplete(snapshot: str) -> ArmError:
    """X."""
    return _not_allowed(f"Snapshot {snapshot} is not complete yet. Wait until its provisioningState is Succeeded.")


def diagnostics_off(vm: str) -> ArmError:
    """X: no record of what Azure says was found."""
    return _not_allowed(f"Boot diagnostics is not enabled on VM '{vm}'.")


def locked(scope: str, action: str, locks: list[str]) -> ArmError:
    """I: azure-sdk-for-java#2560. `action` is `write` or `delete`."""
    quoted = ",".join(f"'{lock}'" for lock in locks)
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{scope}' cannot perform {action} operation because following scope(s) are locked: {quoted}. "
        "Please remove the lock and try again.",
        gateway=True,
    )


def etag_mismatch(sent: str, current: str) -> ArmError:
    """X: status and code are HTTP's and ARM's; Compute's own words were not found."""
    return ArmError(
        412,
        "PreconditionFailed",
        f"The precondition given in the request headers evaluates to false: the resource's etag is {current}, "
        f"the request asked for {sent}.",
    )


def resource_missing(kind: str, name: str, group: str, *, namespace: str = "Microsoft.Compute") -> ArmError:
    """D, seen in every client's tests: ARM knows no such resource."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{namespace}/{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        gateway=True,
    )


def entity_missing() -> ArmError:
    """R: test_vm_simulate_eviction. Compute knows no such thing."""
    return ArmError(404, "NotFound", "The entity was not found in this Azure location.")


def group_missing(group: str) -> ArmError:
    """D."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.", gateway=True)


def forbidden(client_id: str, object_id: str, action: str, scope: str) -> ArmError:
    """I: Azure/CloudShell#572, cloudquery#16133."""
    return ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{client_id}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials.",
        gateway=True,
    )


def subscription_missing(subscription: str) -> ArmError:
    """D."""
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.", gateway=True)


def api_version_missing() -> ArmError:
    """D."""
    return ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
        gateway=True,
    )


def api_version_invalid(version: str, known: Sequence[str]) -> ArmError:
    """I: ansible-collections/azure#1739. What ARM itself serves: subscriptions, resource groups."""
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. The supported versions are '{','.join(known)}'.",
        gateway=True,
    )


def resource_type_missing(kind: str, namespace: str, version: str, known: Sequence[str]) -> ArmError:
    """I: azure-rest-api-specs#16621."""
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api version '{version}'. "
        f"The supported api-versions are '{','.join(known)}'.",
        gateway=True,
    )


def provider_missing(kind: str, version: str, location: str, known: Sequence[str]) -> ArmError:
    """D: troubleshooting errors of resource providers."""
    return ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{version}' for type "
        f"'{kind}'. The supported api-versions are '{', '.join(known)}'. The supported locations are '{location}'.",
        gateway=True,
    )


def skip_token_invalid(token: str) -> ArmError:
    """X: the code is ARM's; Compute's own words were not found."""
    return ArmError(400, "InvalidParameter", f"The skip token '{token}' is not one that was given out in a nextLink.")


def location_missing() -> ArmError:
    """D."""
    return ArmError(
        400,
        "LocationRequired",
        "The location property is required for this definition.",
        gateway=True,
    )


def body_invalid(reason: str) -> ArmError:
    """D for the code; X for the rest of the text."""
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{reason}'.",
        gateway=True,
    )


def too_many_requests(group: str, allowed: int, measured: int, retry_after: int | None = None) -> ArmError:
    """I, D: terraform-provider-azurerm#19146, aks-engine#2295. Compute counts by operation group, here `group`.

    The code is that of the 409s: a client has to look at the status first.
    """
    now = times.now()
    counted = {
        "operationGroup": group,
        "startTime": times.fine(now - timedelta(minutes=3)),
        "endTime": times.fine(now),
        "allowedRequestCount": allowed,
        "measuredRequestCount": measured,
    }
    return ArmError(
        429,
        "OperationNotAllowed",
        "The server rejected the request because too many requests have been received for this subscription.",
        headers={} if retry_after is None else {"retry-after": str(retry_after)},
        more={
            "details": [{"code": "TooManyRequests", "target": group, "message": json.dumps(counted)}],
            "innererror": {"internalErrorCode": "TooManyRequestsReceived"},
        },
    )


def subscription_throttled(seconds: int) -> ArmError:
    """D: throttling by ARM itself. Which numbers the middle of the text has is not recorded."""
    return ArmError(
        429,
        "SubscriptionRequestsThrottled",
        "Number of requests for subscription and client application exceeded the limit. "
        f"Please try again after '{seconds}' seconds.",
        gateway=True,
    )


def operation_in_progress(operation: str, vm: str) -> ArmError:
    """D: common deployment errors of Compute."""
    return _not_allowed(f"Operation '{operation}' is not allowed on VM '{vm}' since another operation is in progress.")


_REFUSALS = {
    500: ("InternalServerError", "Encountered internal server error. Diagnostic information: timestamp, tracking id."),
    502: ("BadGateway", "The gateway did not receive a valid response from the provider within time."),
    503: ("ServiceUnavailable", "The service is unavailable. Please try again later."),
    504: (
        "GatewayTimeout",
        "The gateway did not receive a response from 'Microsoft.Compute' within the specified time.",
    ),
}


def refused_without_reason(status: int) -> ArmError:
    """X: these come from gateways and differ; no record was found that all of them share."""
    code, message = _REFUSALS.get(status, ("BadRequest", "The request was refused."))
    return ArmError(status, code, message)


def not_in_the_lab(what: str) -> ArmError:
    """X: the lab says plainly what it does not play, with a status that no client retries."""
    return ArmError(501, "NotImplemented", f"This lab does not play {what}.")
