"""The ways to a target: its guest, its stopped disk, and the waivers that may excuse a failure."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from checks.catalogue import Catalogue, builtin_modules
from checks.facts import AzureFacts, Fact, LinuxDisk, LinuxGuest, Observation, Unobserved, WindowsGuest
from checks.healthy import GROUP, azure_facts, linux_disk, linux_guest, observation
from checks.judgement import judge
from lab.scenario import Pace
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from reports.waivers import Waiver
from runners.azure import Arm
from runners.cloud import Cloud
from runners.disk.sas import SasSource
from runners.errors import AgainError, AzureError, ChannelError, DiskError, RefusedError
from runners.fleet import Target
from runners.observe.target import observe_target
from runners.operation import Operation, settle
from runners.scheduler import ThreadScheduler
from runners.sysprep_options import SysprepOptions
from runners.world import Provenance, World
from tests.lab.machines import credential
from tests.runners.disk.processes import children
from tests.runners.generalize.fakes import CLOUD, NOON, Answer, Clock, Journal

VM_ID = azure_facts().vm_id
TARGET = Target(name="golden", id=f"{GROUP}/virtualMachines/golden")
DISK = f"{GROUP}/disks/golden-os"
GRANTED = Answer(200, {}, {"accessSAS": "https://localhost:1/x/abcd?sig=TOPSECRET"})


@contextmanager
def world_of(lab: Lab) -> Iterator[World]:
    cloud = Cloud(lab.endpoint, f"{lab.endpoint}/.default", lab.ca_file, lab=True, poll_seconds=0.02)
    scheduler, arm = ThreadScheduler(4), Arm(cloud, credential(lab))
    try:
        yield World(cloud, arm, scheduler, lambda _: Provenance("simulated", "constructed"))
    finally:
        arm.close()
        scheduler.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario) as lab:
        yield lab


@pytest.fixture(scope="module")
def world(running: Lab) -> Iterator[World]:
    with world_of(running) as found:
        yield found


def target_of(lab: Lab, number: int) -> Target:
    return Target.model_validate(lab.fleet["targets"][number])


# The lab's guests and disks


def test_a_linux_target_is_observed_through_both_vantages(running: Lab, world: World) -> None:
    target = target_of(running, 0)

    seen = asyncio.run(observe_target(world, target))

    assert isinstance(seen.azure, AzureFacts)
    assert isinstance(seen.guest, LinuxGuest)
    assert seen.guest.agent.value.path == "/usr/sbin/waagent"
    assert (seen.platform, seen.policy.clean) == ("linux", ("machine-id", "passwd-backups", "sudoers"))
    assert seen.policy.deprovision_user == "azureuser"


def test_a_windows_target_is_observed_through_both_vantages(running: Lab, world: World) -> None:
    seen = asyncio.run(observe_target(world, target_of(running, 1)))

    assert isinstance(seen.guest, WindowsGuest)
    assert seen.guest.image_state.value == "IMAGE_STATE_COMPLETE"
    assert seen.platform == "windows"


def test_a_target_that_is_not_there_is_unobserved_and_its_guest_with_it(running: Lab, world: World) -> None:
    target = target_of(running, 0)
    gone = target.model_copy(update={"id": target.id.replace("debian01", "gone01"), "platform": "linux"})

    seen = asyncio.run(observe_target(world, gone))

    assert isinstance(seen.azure, Unobserved)
    assert "gone01" in seen.azure.reason
    assert seen.guest == Unobserved(f"the VM could not be read: {seen.azure.reason}")
    assert seen.platform == "linux"


def test_a_stopped_disk_is_read_and_its_access_revoked() -> None:
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario) as lab, world_of(lab) as world:
        target = target_of(lab, 0)
        disk = world.arm.virtual_machine(target.id)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        asyncio.run(settle(world.scheduler, world.arm.begin_deallocate(target.id)))

        seen = asyncio.run(world.read_disk(disk, "linux", Journal()))

        assert isinstance(seen, LinuxDisk)
        assert seen.machine_id == Fact.of("set")
        assert 0 < seen.coverage.bytes_read <= seen.coverage.size_bytes
        assert world.arm.disk(disk)["properties"]["diskState"] != "ActiveSAS"

        guest = asyncio.run(observe_target(world, target)).guest
        assert guest == Unobserved("the VM is deallocated, so nothing inside it could be asked")


def test_access_to_a_disk_is_granted_when_it_is_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runners.scheduler.PLACES", 1)
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario) as lab, world_of(lab) as world:
        disks = []
        for number in range(2):
            target = target_of(lab, number)
            profile = world.arm.virtual_machine(target.id)["properties"]["storageProfile"]
            disks.append(profile["osDisk"]["managedDisk"]["id"])
            asyncio.run(settle(world.scheduler, world.arm.begin_deallocate(target.id)))

        async def both() -> None:
            await asyncio.gather(
                world.read_disk(disks[0], "linux", Journal()), world.read_disk(disks[1], "windows", Journal())
            )

        asyncio.run(both())
        access = [
            item.operation
            for item in lab.requests
            if item.operation.startswith("disks/") and "Access" in item.operation
        ]
    assert access == ["disks/beginGetAccess", "disks/endGetAccess"] * 2


# A disk that gives trouble


@pytest.mark.parametrize(("times", "read"), [(1, True), (2, False)])
def test_a_reader_that_is_killed_is_started_once_more(times: int, read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []

    class Struck(SasSource):
        """Its reader process is killed at the first block that it asks for."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._others = children()

        def read(self, offset: int, length: int) -> bytes:
            if len(killed) < times:
                (process,) = children() - self._others
                os.kill(process, signal.SIGKILL)
                killed.append(process)
            return super().read(offset, length)

    monkeypatch.setattr("runners.world.SasSource", Struck)
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario) as lab, world_of(lab) as world:
        target, journal = target_of(lab, 0), Journal()
        disk = world.arm.virtual_machine(target.id)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        asyncio.run(settle(world.scheduler, world.arm.begin_deallocate(target.id)))

        if read:
            assert isinstance(asyncio.run(world.read_disk(disk, "linux", journal)), LinuxDisk)
        else:
            with pytest.raises(DiskError, match="gave no answer"):
                asyncio.run(world.read_disk(disk, "linux", journal))

        assert world.arm.disk(disk)["properties"]["diskState"] != "ActiveSAS"
    assert len(killed) == times
    assert journal.events.count("disk.again") == 1


class DiskArm(Arm):
    """Answers for one disk alone; remembers whether its access was revoked."""

    def __init__(self, granted: Answer, refusal: AzureError | None = None) -> None:
        self.cloud = CLOUD
        self.granted = granted
        self.refusal = refusal
        self.revoked = 0
        self.state = "ActiveSAS"

    def disk(self, disk: str) -> dict[str, Any]:
        return {"properties": {"diskState": self.state}}

    def begin_disk_access(self, disk: str, seconds: int) -> Operation:
        return Operation("asking", self.granted, lambda url: None, 1.0)

    def begin_revoke_disk_access(self, disk: str) -> Operation:
        self.revoked += 1
        if self.refusal:
            raise self.refusal
        self.state = "Reserved"
        return Operation("revoking", Answer(), lambda url: None, 1.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reader try again without waiting."""
    monkeypatch.setattr("runners.world.SasSource", partial(SasSource, pause=lambda _: None))


def bare(arm: Arm, *waivers: Waiver) -> World:
    return World(CLOUD, arm, Clock(), lambda _: Provenance(), waivers)


@pytest.mark.parametrize("body", [None, {}, {"accessSAS": ""}])
def test_access_without_an_address_is_an_error_and_revoked(body: Any) -> None:
    arm = DiskArm(Answer(200, {}, body))

    with pytest.raises(DiskError, match="without an address"):
        asyncio.run(bare(arm).read_disk(DISK, "linux", Journal()))

    assert arm.revoked == 1


@pytest.mark.usefixtures("impatient")
def test_a_disk_that_can_not_be_read_is_an_error_without_its_address_and_revoked() -> None:
    arm = DiskArm(GRANTED)

    with pytest.raises(DiskError) as raised:
        asyncio.run(bare(arm).read_disk(DISK, "linux", Journal()))

    assert "TOPSECRET" not in str(raised.value)
    assert arm.revoked == 1


def test_access_whose_grant_never_ends_is_revoked_all_the_same() -> None:
    never = Answer(202, {"azure-asyncoperation": "https://localhost/operations/1"})
    arm = DiskArm(never)
    arm.begin_disk_access = lambda disk, seconds: Operation(  # type: ignore[method-assign]
        "asking for read access", never, lambda url: Answer(200, {}, {"status": "InProgress"}), 60.0
    )

    with pytest.raises(AzureError, match="asking for read access: still in progress after 30 minutes"):
        asyncio.run(bare(arm).read_disk(DISK, "linux", Journal()))

    assert arm.revoked == 1


@pytest.mark.usefixtures("impatient")
def test_access_that_can_not_be_revoked_says_what_to_do() -> None:
    arm = DiskArm(GRANTED, AzureError("HTTP 403", status=403))

    with pytest.raises(DiskError, match="az disk revoke-access"):
        asyncio.run(bare(arm).read_disk(DISK, "linux", Journal()))


# What keeps a guest from being asked


class ViewArm(Arm):
    """A VM of one view, without anything else."""

    def __init__(self, os_type: str, statuses: list[dict[str, str]]) -> None:
        self.cloud = CLOUD
        self.os_type = os_type
        self.statuses = statuses

    def virtual_machine(self, vm: str) -> dict[str, Any]:
        return {"id": vm, "properties": {"storageProfile": {"osDisk": {"osType": self.os_type}}}}

    def instance_view(self, vm: str) -> dict[str, Any]:
        return {"statuses": self.statuses}

    def extensions(self, vm: str) -> list[dict[str, Any]]:
        return []

    def locks(self, scope: str) -> list[dict[str, Any]]:
        return []

    def begin_run_command(self, vm: str, platform: str, script: str, *, once: bool = False) -> Operation:
        raise AzureError("running a command in VM golden: HTTP 409: the VM is not running", status=409)


class PollingArm(Arm):
    """An ARM that takes a Run Command, and whose polls raise `error`."""

    def __init__(self, error: AzureError) -> None:
        self.cloud = CLOUD
        self.error = error
        self.taken = 0

    def begin_run_command(self, vm: str, platform: str, script: str, *, once: bool = False) -> Operation:
        def fail(_url: str) -> Any:
            raise self.error

        self.taken += 1
        return Operation("running", Answer(202, {"location": "https://localhost/poll"}), fail, 0.01)


@pytest.mark.parametrize(
    "error",
    [
        AzureError("HTTP 409: Run command extension execution is in progress", status=409, code="Conflict"),
        RefusedError("held", status=429),
        AgainError("HTTP 429", status=429, sent=False),
    ],
)
def test_a_script_that_azure_took_was_not_refused_whatever_its_polls_meet_with(error: AzureError) -> None:
    arm = PollingArm(error)
    target = Target.model_validate({"name": "golden", "id": f"{GROUP}/virtualMachines/golden"})
    channel = World(CLOUD, arm, Clock(), lambda _: Provenance()).acting_channel(target, "linux")

    with pytest.raises(ChannelError):
        asyncio.run(channel.run("true"))
    assert arm.taken == 1


@pytest.mark.parametrize(
    ("os_type", "state", "why"),
    [
        ("Linux", "stopped", "the VM is stopped, so nothing inside it could be asked"),
        ("", "running", "its OS disk is neither Linux nor Windows (no OS type)"),
        ("Plan9", "running", "its OS disk is neither Linux nor Windows (plan9)"),
        ("Linux", "running", "running a command in VM golden: HTTP 409: the VM is not running"),
        ("Linux", "", "running a command in VM golden: HTTP 409: the VM is not running"),
    ],
)
def test_a_guest_that_could_not_be_asked_says_why(os_type: str, state: str, why: str) -> None:
    statuses = [{"code": f"PowerState/{state}"}] if state else []

    seen = asyncio.run(observe_target(bare(ViewArm(os_type, statuses)), TARGET))

    assert seen.guest == Unobserved(why)
    assert isinstance(seen.azure, AzureFacts)


# Channels, waivers, vantages


def test_a_target_is_reached_as_its_fleet_entry_says() -> None:
    world = bare(DiskArm(GRANTED))

    assert world.channel(TARGET, "linux").name == "run-command"
    assert world.channel(TARGET.model_copy(update={"channel": "local://"}), "linux").name != "run-command"
    reached = TARGET.model_copy(update={"channel": "ssh://golden"})
    assert (world.acting_channel(TARGET, "linux").name, world.acting_channel(reached, "linux").name) == (
        "run-command",
        "ssh",
    )


def failed_check() -> Any:
    check = Catalogue.from_modules(builtin_modules())["LNX-LUKS-001"]
    return judge(check, observation(guest=linux_guest(encrypted_volumes=("sda2 (crypto_LUKS)",))))


def a_waiver(check: str, **changes: Any) -> Waiver:
    fields: dict[str, Any] = {
        "check": check,
        "target": "golden",
        "vm_id": VM_ID,
        "reason": "a test image",
        "approver": "somebody",
        "approved_on": NOON.date(),
        "expires": NOON.date() + timedelta(days=1),
    }
    return Waiver(**(fields | changes))


def test_a_waiver_holds_for_the_machine_that_was_observed_and_no_other() -> None:
    failure = failed_check()
    assert failure.outcome == "failed"
    waivable = replace(failure, check=replace(failure.check, metadata=replace(failure.check.metadata, waivable=True)))
    world = bare(DiskArm(GRANTED), a_waiver(failure.check.id))

    assert world.waive(waivable, TARGET, VM_ID).outcome == "waived"
    assert world.waive(waivable, TARGET, "another").outcome == "failed"
    assert world.waive(waivable, TARGET, "").outcome == "failed"
    pinned = TARGET.model_copy(update={"vm_id": VM_ID})
    assert world.waive(waivable, pinned, "another").outcome == "failed", "what is pinned is not what was observed"


def test_a_waiver_that_is_over_holds_no_more() -> None:
    failure = failed_check()
    over = a_waiver(failure.check.id, approved_on=NOON.date() - timedelta(days=9), expires=NOON.date())

    assert bare(DiskArm(GRANTED), over).waive(failure, TARGET, VM_ID).outcome == "failed"


@pytest.mark.parametrize(("lab", "azure"), [(True, "lab"), (False, "arm")])
def test_what_the_lab_shows_is_never_called_azure(lab: bool, azure: str) -> None:
    arm = DiskArm(GRANTED)
    world = World(replace(CLOUD, lab=lab), arm, Clock(), lambda _: Provenance("simulated", "constructed"), waivers=())
    seen = Observation(platform="linux", azure=azure_facts(), guest=linux_guest())

    vantages = world.vantages(TARGET, seen.azure, seen.guest, linux_disk(), linux_disk())

    assert (vantages.azure, vantages.guest, vantages.disk) == (azure, "simulated", "constructed")
    assert vantages.look == "simulated"


def test_a_vantage_that_was_not_seen_is_none() -> None:
    blind = Unobserved("nobody looked")
    vantages = bare(DiskArm(GRANTED)).vantages(TARGET, blind, blind, blind, blind)

    assert {vantages.azure, vantages.guest, vantages.disk, vantages.look} == {"none"}


def test_the_step_is_launched_through_the_channel_that_the_fleet_file_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEALPROOF_TEST", "correct-horse")
    run_as = TARGET.model_copy(update={"sysprep": SysprepOptions(run_as="builder", password_env="SEALPROOF_TEST")})
    winrm = TARGET.model_copy(update={"channel": "winrm://builder@10.0.0.5"})

    names = [world.launching_channel(target, "windows", "westeurope").name for target in (TARGET, run_as, winrm)]
    assert names == ["run-command", "managed-run-command", "winrm"]
    assert world.launching_channel(run_as, "linux", "westeurope").name == "run-command"
    assert world.acting_channel(run_as, "windows").name == "run-command", "it is prepared and watched as ever"
