"""A scenario: which machines the lab holds, as raw ARM documents, and which guest is behind each of them.

    version: 1
    pace: {operation_seconds: 0.3, retry_after: 1}      # Azure's own pace where it is left out
    machines:
      - name: web01
        resource_group: rg-web
        platform: linux
        vm_id: 00000000-0000-4000-8000-000000000001
        instance_view: {document: linux-instance-view, patch: {osName: ubuntu}}
        os_disk: {patch: {properties: {networkAccessPolicy: DenyAll}}}
        locks: [{name: keep, level: CanNotDelete, scope: "${group_id}"}]
        guest: {simulated: {...}}
        expect: {gate: closed, by: [AZ-LOCK-001]}       # what a run should find (lab/expectation.py)
    fleet: {version: 1, targets: [...]}                 # left out: every machine, with default treatment

Strings of documents, patches and lock scopes may hold placeholders: ${name}, ${id}, ${vm_id}, ${resource_group},
${group_id}, ${disk_name}, ${disk_id}, ${disk_unique_id}, ${location}, ${subscription_id}, ${tenant_id}.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from lab.expectation import Expectation
from lab.fault import Fault
from lab.principal import OWNER, Principal
from lab.strict import Strict
from lab.throttling import Throttling
from runners.errors import UsageError

Platform = Literal["linux", "windows"]
Power = Literal["running", "stopped", "deallocated"]
Document = dict[str, Any]
"""A raw ARM document, as Azure would send it."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._()-]{0,89}$")]

DEFAULT_TENANT = uuid.UUID("11111111-1111-4111-8111-111111111111")
DEFAULT_SUBSCRIPTION = uuid.UUID("22222222-2222-4222-8222-222222222222")
DEFAULT_CLIENT = uuid.UUID("33333333-3333-4333-8333-333333333333")


class ScenarioError(UsageError):
    """A scenario can't be used. The text names the file, the place in it and what to do."""


class Azure(Strict):
    """The subscription that the lab plays."""

    tenant_id: uuid.UUID = DEFAULT_TENANT
    """The id of its tenant."""
    subscription_id: uuid.UUID = DEFAULT_SUBSCRIPTION
    """Its id."""
    client_id: uuid.UUID = DEFAULT_CLIENT
    """The application id of the lab's own service principal, which may do everything."""
    location: str = "westeurope"
    """The region in which everything is."""


class Pace(Strict):
    """How long things take. The defaults are Azure's."""

    operation_seconds: float = Field(default=10, ge=0)
    """How long a long-running operation takes at least."""
    retry_after: int | None = Field(default=10, ge=1)
    """Seconds in Retry-After while an operation runs; null sends no such header."""
    blob_seconds: float = Field(default=0, ge=0)
    """How long the blob host takes for each answer, beside what the network takes."""


class Behaviour(Strict):
    """What Azure's records leave open, as switches. Each default is the stricter reading."""

    generalize_after_guest_shutdown: Literal["refused", "allowed"] = "refused"
    """Not verified: Azure's refusal text asks to power off explicitly after a shutdown from inside the guest."""


class DocumentSource(Strict):
    """A raw ARM document: a shared one by name, or one written here; changed by an RFC 7396 merge patch."""

    document: str | None = None
    """`NAME` of documents/NAME.json beside the scenario, or among the lab's own."""
    inline: Document | None = None
    """The document itself."""
    patch: Document = Field(default_factory=dict)
    """An RFC 7396 merge patch of it."""

    @model_validator(mode="after")
    def _one_source(self) -> DocumentSource:
        if self.document is not None and self.inline is not None:
            raise ValueError("give `document` or `inline`, not both")
        return self


class LockSpec(Strict):
    """A management lock."""

    name: Annotated[str, StringConstraints(pattern=r"^[^<>%&:?/\\]{1,90}$")]
    """The lock's name; spaces are allowed."""
    level: Literal["CanNotDelete", "ReadOnly"]
    """What it forbids: CanNotDelete or ReadOnly."""
    scope: str
    """The ARM id of what it locks: the subscription, a resource group, a VM or a disk. Placeholders are filled in."""
    notes: str = ""
    """Why it is there."""


class GuestSpec(Strict):
    """What is behind a VM. The settings belong to the guest, which checks them."""

    simulated: dict[str, Any] | None = None
    """A machine that is made of files."""
    real: dict[str, Any] | None = None
    """A Debian VM under QEMU."""

    @model_validator(mode="after")
    def _one_kind(self) -> GuestSpec:
        if (self.simulated is None) == (self.real is None):
            raise ValueError("a guest is either `simulated: {...}` or `real: {...}`")
        return self


class MachineSpec(Strict):
    """One VM. Documents that are left out are the lab's own for its platform."""

    name: Name
    """The VM's name."""
    resource_group: Name
    """The name of its resource group."""
    platform: Platform
    """The platform: linux or windows."""
    vm_id: uuid.UUID
    """The VM's own vmId, a GUID."""
    guest: GuestSpec
    """What is behind it: `simulated: {...}` or `real: {...}`."""
    model: DocumentSource = DocumentSource()
    """The VM as ARM shows it."""
    instance_view: DocumentSource = DocumentSource()
    """Its instance view; power, agent and times are brought up to what the machine does."""
    os_disk: DocumentSource = DocumentSource()
    """Its OS disk as ARM shows it."""
    extensions: tuple[DocumentSource, ...] = ()
    locks: tuple[LockSpec, ...] = ()
    """Locks at the VM, or at anything above it."""
    power: Power = "running"
    """What it does when the lab starts."""
    generalized: bool = False
    """Whether it is flagged as generalized when the lab starts."""
    ready_within: int = Field(default=0, ge=0)
    """Seconds that starting the lab waits for the agent inside to answer; 0 does not wait."""
    expect: Expectation | None = None
    """What a run should find of it, for tests of the scenario; the lab does not look at it."""

    @model_validator(mode="after")
    def _possible(self) -> MachineSpec:
        if self.generalized and self.power == "running":
            raise ValueError("a generalized VM cannot be running: set `power: deallocated`")
        return self


class ScenarioFile(Strict):
    """A scenario file, as it is written."""

    version: Literal[1]
    """The version of this format: 1."""
    description: str = ""
    """What the scenario shows, in a sentence: printed when it is served."""
    azure: Azure = Azure()
    pace: Pace = Pace()
    behaviour: Behaviour = Behaviour()
    locks: tuple[LockSpec, ...] = ()
    principals: tuple[Principal, ...] = ()
    """Who may sign in besides the owner of everything, the lab's own service principal."""
    throttling: Throttling = Throttling()
    faults: tuple[Fault, ...] = ()
    """Which calls go wrong, and how. Where several strike one call, the first one does."""
    machines: tuple[MachineSpec, ...] = Field(min_length=1)
    """The VMs, as a list."""
    fleet: dict[str, Any] = Field(default_factory=dict)
    """A Sealproof fleet file for these machines. Left out, each of them is a target, with default treatment."""

    @model_validator(mode="after")
    def _distinct_principals(self) -> ScenarioFile:
        taken = {OWNER, str(self.azure.client_id)}
        for principal in self.principals:
            for wanted in (principal.name, str(principal.client_id)):
                if wanted in taken:
                    raise ValueError(
                        f"two principals have the name or client_id '{wanted}'; '{OWNER}' is the lab's own"
                    )
                taken.add(wanted)
        return self


class Machine(Strict):
    """One VM with its documents complete."""

    spec: MachineSpec
    where: str
    """The scenario's file and line that it comes from, for messages."""
    id: str
    model: Document
    instance_view: Document
    os_disk: Document
    extensions: tuple[Document, ...]

    @property
    def name(self) -> str:
        """The VM's name."""
        return self.spec.name


class Scenario(Strict):
    """A scenario, loaded: every document resolved, every reference checked. A gallery's `path` is its folder."""

    name: str
    path: Path
    description: str
    azure: Azure
    pace: Pace
    behaviour: Behaviour
    locks: tuple[LockSpec, ...]
    principals: tuple[Principal, ...]
    throttling: Throttling
    faults: tuple[Fault, ...]
    machines: tuple[Machine, ...]
    fleet: dict[str, Any]
