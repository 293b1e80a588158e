"""Read access to a disk: nothing is granted that the journal does not tell, and nothing stays granted."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from checks.healthy import GROUP
from lab.scenario import Pace
from lab.scenario_loader import load_scenario
from lab.server import Lab, serve
from runners.azure import Arm
from runners.cli import ROOT
from runners.cloud import Cloud
from runners.disk.access import granted, revoke_left_over
from runners.disk.left_over import LeftOver, left_open
from runners.disk.sas import SasSource
from runners.errors import AgainError, AzureError, DiskError
from runners.fleet import Target
from runners.operation import Operation, settle
from runners.process import this_process
from runners.scheduler import ThreadScheduler
from runners.world import Provenance, World
from tests.lab.machines import credential
from tests.runners.generalize.fakes import CLOUD, Answer, Clock, Journal

DISK = f"{GROUP}/disks/golden-os"
URL = "https://md-1.z1.blob.storage.azure.net/x/abcd?sv=1&sig=TOPSECRET"


class DiskArm(Arm):
    """One disk, whose access is granted and revoked at once; what was asked of it, and what it refuses."""

    def __init__(self) -> None:
        self.cloud = CLOUD
        self.asked: list[str] = []
        self.state = "Reserved"
        self.refusals: dict[str, AzureError] = {}
        self.body: Any = {"accessSAS": URL}

    def disk(self, disk: str) -> dict[str, Any]:
        self._ask("look")
        return {"properties": {"diskState": self.state}}

    def begin_disk_access(self, disk: str, seconds: int) -> Operation:
        if self.refusals.get("grant") is None or self.refusals["grant"].status >= 500:
            self.state = "ActiveSAS"
        self._ask("grant")
        return Operation("asking", Answer(200, {}, self.body), lambda url: None, 1.0)

    def begin_revoke_disk_access(self, disk: str) -> Operation:
        self._ask("revoke")
        self.state = "Reserved"
        return Operation("revoking", Answer(), lambda url: None, 1.0)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what in self.refusals:
            raise self.refusals[what]


async def hold(arm: Arm, journal: Journal, fail: Exception | None = None) -> str:
    async with granted(arm, Clock(), DISK, journal) as access:
        if fail:
            raise fail
        return access.url.host


def told(journal: Journal) -> list[str]:
    return [event for event, _ in journal.entries]


def test_access_is_told_before_it_is_asked_for_and_after_it_was_revoked() -> None:
    arm, journal = DiskArm(), Journal()
    assert asyncio.run(hold(arm, journal)) == "md-1.z1.blob.storage.azure.net"
    assert arm.asked == ["grant", "revoke"]
    assert told(journal) == ["access.intent", "access.revoked"]
    assert "TOPSECRET" not in str(journal.entries)


def test_nothing_is_granted_where_the_journal_can_not_tell_it() -> None:
    class Full(Journal):
        def append(self, event: str, data: Any) -> object:
            raise OSError("no space")

    arm = DiskArm()
    with pytest.raises(OSError, match="no space"):
        asyncio.run(hold(arm, Full()))
    assert arm.asked == []


def test_a_reader_that_fails_leaves_no_access() -> None:
    arm, journal = DiskArm(), Journal()
    with pytest.raises(DiskError, match="unreadable"):
        asyncio.run(hold(arm, journal, DiskError("unreadable")))
    assert arm.asked == ["grant", "revoke"]


@pytest.mark.parametrize("body", [None, {}, {"accessSAS": ""}, {"accessSAS": "http://md-1/x?sig=TOPSECRET"}])
def test_an_answer_without_a_usable_address_is_an_error_that_shows_no_secret(body: Any) -> None:
    arm, journal = DiskArm(), Journal()
    arm.body = body
    with pytest.raises(DiskError, match=r"without an address|no https URL") as caught:
        asyncio.run(hold(arm, journal))
    assert "TOPSECRET" not in str(caught.value)
    assert arm.asked[-1] == "revoke"


def test_access_that_was_refused_is_not_revoked_and_the_journal_says_that_there_is_none() -> None:
    arm, journal = DiskArm(), Journal()
    arm.refusals["grant"] = AzureError("HTTP 403", status=403)
    with pytest.raises(AzureError, match="403"):
        asyncio.run(hold(arm, journal))
    assert arm.asked == ["grant"]
    assert told(journal) == ["access.intent", "access.refused"]


@pytest.mark.parametrize("status", [0, 500, 503])
def test_access_whose_answer_was_lost_is_revoked(status: int) -> None:
    arm, journal = DiskArm(), Journal()
    arm.refusals["grant"] = AzureError("lost", status=status)
    with pytest.raises(AzureError, match="lost"):
        asyncio.run(hold(arm, journal))
    assert arm.asked == ["grant", "revoke"]
    assert arm.state == "Reserved"


def test_access_whose_first_answer_was_lost_is_revoked_whatever_the_next_says() -> None:
    class Twice(DiskArm):
        def begin_disk_access(self, disk: str, seconds: int) -> Operation:
            try:
                return super().begin_disk_access(disk, seconds)
            finally:
                self.refusals["grant"] = AzureError("HTTP 409", status=409)

    class Patient(Clock):
        async def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return await super().call(function, *args, **kwargs)
            except AgainError:
                return await super().call(function, *args, **kwargs)

    async def hold_twice() -> None:
        async with granted(arm, Patient(), DISK, journal):
            raise AssertionError("there is no access")

    arm, journal = Twice(), Journal()
    arm.refusals["grant"] = AgainError("HTTP 504", status=504)
    with pytest.raises(AzureError, match="409"):
        asyncio.run(hold_twice())
    assert arm.asked == ["grant", "grant", "revoke"]
    assert told(journal) == ["access.intent", "access.revoked"]


def test_the_age_of_access_counts_from_when_it_was_granted() -> None:
    async def hold_a_while() -> tuple[float, float | None]:
        async with granted(DiskArm(), Clock(), DISK, Journal()) as access:
            return time.monotonic(), access.since

    begun = time.monotonic()
    now, since = asyncio.run(hold_a_while())

    assert since is not None
    assert begun <= since <= now


def test_access_that_can_not_be_revoked_says_what_to_do_and_stays_open_in_the_journal() -> None:
    arm, journal = DiskArm(), Journal()
    arm.refusals["revoke"] = AzureError("HTTP 403", status=403)
    with pytest.raises(DiskError, match="az disk revoke-access"):
        asyncio.run(hold(arm, journal))
    assert told(journal) == ["access.intent"]


def test_access_whose_revocation_lost_its_answer_is_looked_at_before_it_counts_as_failed() -> None:
    class Deaf(DiskArm):
        def begin_revoke_disk_access(self, disk: str) -> Operation:
            super().begin_revoke_disk_access(disk)
            raise AzureError("no answer from Azure")

    arm, journal = Deaf(), Journal()
    asyncio.run(hold(arm, journal))
    assert told(journal)[-1] == "access.revoked"


def test_a_task_that_is_cancelled_while_it_reads_or_revokes_leaves_no_access() -> None:
    arm, journal = DiskArm(), Journal()

    async def cancelled() -> None:
        begun = asyncio.Event()

        async def read() -> None:
            async with granted(arm, Slow(), DISK, journal):
                begun.set()
                await asyncio.sleep(60)

        class Slow(Clock):
            async def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
                await asyncio.sleep(0.02)
                return function(*args, **kwargs)

        task = asyncio.ensure_future(read())
        await begun.wait()
        task.cancel()
        await asyncio.sleep(0.005)
        task.cancel()  # Ctrl-C once more, while access is being revoked
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert arm.asked == ["grant", "revoke"]
    assert told(journal)[-1] == "access.revoked"


def test_access_is_renewed_by_revoking_and_granting_anew() -> None:
    arm, journal = DiskArm(), Journal()

    async def read() -> str:
        async with granted(arm, Clock(), DISK, journal) as access:
            assert access.renew is not None
            arm.body = {"accessSAS": URL.replace("md-1", "md-2")}
            return access.renew().host

    assert asyncio.run(read()) == "md-2.z1.blob.storage.azure.net"
    assert arm.asked == ["grant", "revoke", "grant", "revoke"]
    assert told(journal) == ["access.intent", "access.intent", "access.revoked"]


def test_a_reader_that_goes_on_after_its_task_is_over_can_not_have_access_again() -> None:
    arm, journal = DiskArm(), Journal()

    async def read() -> Any:
        async with granted(arm, Clock(), DISK, journal) as access:
            return access.renew

    renew = asyncio.run(read())
    with pytest.raises(DiskError, match="given up"):
        renew()
    assert arm.asked == ["grant", "revoke"]


def test_access_that_a_dead_run_left_is_revoked_and_told() -> None:
    arm, journal = DiskArm(), Journal()
    arm.state = "ActiveSAS"
    assert asyncio.run(revoke_left_over(arm, Clock(), DISK, journal, "its run is dead"))
    assert arm.asked == ["look", "revoke"]
    assert told(journal) == ["access.left-over", "access.revoked"]
    assert not asyncio.run(revoke_left_over(arm, Clock(), DISK, journal, "its run is dead"))
    assert arm.asked == ["look", "revoke", "look"]


# Against the lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    scenario = load_scenario("demo").model_copy(update={"pace": Pace(operation_seconds=0, retry_after=None)})
    with serve(scenario) as running:
        yield running


@pytest.fixture
def arm(lab: Lab) -> Iterator[Arm]:
    cloud = Cloud(lab.endpoint, f"{lab.endpoint}/.default", lab.ca_file, lab=True, poll_seconds=0.02)
    found = Arm(cloud, credential(lab))
    yield found
    found.close()


def stopped_disk(lab: Lab, arm: Arm) -> str:
    target = Target.model_validate(lab.fleet["targets"][0])
    scheduler = ThreadScheduler(1)
    asyncio.run(settle(scheduler, arm.begin_deallocate(target.id)))
    scheduler.close()
    disk: str = arm.virtual_machine(target.id)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    return disk


def test_with_one_thread_for_all_a_sas_is_renewed_while_it_is_read(lab: Lab, arm: Arm) -> None:
    disk, journal = stopped_disk(lab, arm), Journal()
    scheduler = ThreadScheduler(1)

    def read(access: Any) -> tuple[bytes, str]:
        now = [0.0]
        with SasSource(replace(access, since=0.0), lab.ca_file, clock=lambda: now[0]) as source:
            now[0] = 3500.0
            source.read(source.size - 4096, 4096)
            return source.read(0, 4096), source.remarks[-1]

    async def hold() -> tuple[bytes, str]:
        async with granted(arm, scheduler, disk, journal) as access:
            return await scheduler.call(read, access)

    data, remark = asyncio.run(hold())
    assert data[510:512] == b"\x55\xaa"
    assert "renewed 1 times" in remark
    assert arm.disk(disk)["properties"]["diskState"] == "Reserved"
    scheduler.close()


KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from datetime import UTC, datetime, timedelta
from pathlib import Path
from azure.identity import ClientSecretCredential
from reports.journal import Journal
from runners.azure import Arm
from runners.cloud import Cloud
from runners.disk.access import granted
from runners.process import this_process
from runners.scheduler import ThreadScheduler

endpoint, ca_file, authority, tenant, client, secret, disk, journal = sys.argv[1:]
cloud = Cloud(endpoint, f"{endpoint}/.default", Path(ca_file), lab=True, poll_seconds=0.02)
credential = ClientSecretCredential(
    tenant, client, secret, authority=authority, disable_instance_discovery=True, connection_verify=ca_file
)

async def hold():
    log = Journal.create(Path(journal), "run", lambda: datetime.now(UTC))
    async with granted(Arm(cloud, credential), ThreadScheduler(1), disk, log):
        print("reading", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


@pytest.fixture
def killed(lab: Lab, arm: Arm, tmp_path: Path) -> tuple[str, Path]:
    """Return a disk whose access was granted to a run that was killed while it read, and where its evidence is."""
    disk, evidence = stopped_disk(lab, arm), tmp_path / "evidence"
    journal = evidence / "20261126T120000Z-dead01" / "journal" / "debian01.jsonl"
    journal.parent.mkdir(parents=True)
    who = lab.principal()
    words = (lab.endpoint, lab.ca_file, lab.authority, lab.tenant_id, who.client_id, who.secret, disk, journal)
    with subprocess.Popen([sys.executable, "-c", KILLED, *map(str, words)], stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"reading\n"
        assert LeftOver(evidence).run_of(disk) == "", "it is alive, so its access is its own business"
        child.kill()
    assert arm.disk(disk)["properties"]["diskState"] == "ActiveSAS"
    return disk, evidence


def test_access_of_a_run_that_was_killed_is_revoked_by_the_next(killed: tuple[str, Path], lab: Lab, arm: Arm) -> None:
    disk, evidence = killed
    scheduler, journal = ThreadScheduler(1), Journal()
    world = World(arm.cloud, arm, scheduler, lambda _: Provenance(), left_by=LeftOver(evidence).run_of)
    assert asyncio.run(world.free_disk(disk.upper(), journal))
    assert arm.disk(disk)["properties"]["diskState"] == "Reserved"
    assert told(journal) == ["access.left-over", "access.revoked"]
    assert "20261126T120000Z-dead01" in journal.entries[0][1]["reason"]
    assert asyncio.run(world.free_disk(f"{disk}-other", journal)) is False
    scheduler.close()


def test_what_a_killed_run_left_is_told_by_its_journal_alone(killed: tuple[str, Path]) -> None:
    disk, evidence = killed
    (journal,) = evidence.glob("*/journal/*.jsonl")
    in_two_hours = datetime.now(UTC) + timedelta(hours=2)
    assert LeftOver(evidence, lambda: in_two_hours).run_of(disk) == "", "it has expired by itself"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"event": "access.rev')
    assert LeftOver(evidence).run_of(disk) == "20261126T120000Z-dead01", "a torn line revokes nothing"
    journal.write_bytes(whole.replace(b'"host":"', b'"host":"other-'))
    assert LeftOver(evidence).run_of(disk) == "", "nobody here knows whether a process of another machine is dead"
    journal.write_bytes(whole)
    with journal.open("a") as file:
        file.write(json.dumps({"event": "access.revoked", "data": {"disk": disk.upper()}}) + "\n")
    assert LeftOver(evidence).run_of(disk) == ""


def test_the_journals_of_a_killed_fleet_are_read_once_and_not_in_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence, names = tmp_path / "evidence", [f"web{number}" for number in range(20)]
    dead = {**this_process(), "started": "1"}
    for run, process in (("20261126T120000Z-dead01", dead), ("20261126T130000Z-a11ve1", this_process())):
        folder = evidence / run / "journal"
        folder.mkdir(parents=True)
        for name in names:
            asked = {"disk": f"/disks/{name}", "seconds": 3600, "process": process}
            entry = {"time": datetime.now(UTC).isoformat(), "event": "access.intent", "data": asked}
            (folder / f"{name}.jsonl").write_text(json.dumps(entry) + "\n")
    (evidence / "latest").symlink_to("20261126T120000Z-dead01")
    readers: list[threading.Thread] = []
    found: list[str] = []

    def read(journal: Path) -> dict[str, dict[str, Any]]:
        readers.append(threading.current_thread())
        return left_open(journal)

    def left_by(disk: str) -> str:
        found.append(left_over.run_of(disk))
        return ""

    monkeypatch.setattr("runners.disk.left_over.left_open", read)
    scheduler, left_over = ThreadScheduler(4), LeftOver(evidence)
    world = World(CLOUD, DiskArm(), scheduler, lambda _: Provenance(), left_by=left_by)

    async def ask() -> None:
        await asyncio.gather(*(world.free_disk(f"/DISKS/{name}", Journal()) for name in (*names, "other")))

    asyncio.run(ask())
    assert sorted(found) == ["", *["20261126T120000Z-dead01"] * 20]
    assert len(readers) == 40, "each journal was read once"
    assert threading.current_thread() not in readers
    scheduler.close()


def test_in_mode_generalize_active_access_is_in_the_way_and_in_mode_confirm_it_is_left_alone(
    lab: Lab, arm: Arm
) -> None:
    disk, scheduler = stopped_disk(lab, arm), ThreadScheduler(2)
    world = World(arm.cloud, arm, scheduler, lambda _: Provenance())
    asyncio.run(settle(scheduler, arm.begin_disk_access(disk, 600)))
    assert asyncio.run(world.free_disk(disk, Journal())) is False
    assert arm.disk(disk)["properties"]["diskState"] == "ActiveSAS"
    journal = Journal()
    asyncio.run(world.read_disk(disk, "linux", journal, deallocated_by_us=True))
    assert told(journal) == ["access.left-over", "access.revoked", "access.intent", "access.revoked"]
    assert arm.disk(disk)["properties"]["diskState"] == "Reserved"
    scheduler.close()


def test_a_snapshot_is_shared_and_revoked_like_a_disk(lab: Lab, arm: Arm) -> None:
    disk, scheduler, journal = stopped_disk(lab, arm), ThreadScheduler(2), Journal()
    snapshot = disk.rpartition("/disks/")[0] + "/snapshots/before"
    group, client = disk.split("/")[4], arm._client_of(disk.split("/")[2])
    creation = {"createOption": "Copy", "sourceResourceId": disk}
    body = BytesIO(json.dumps({"location": "westeurope", "properties": {"creationData": creation}}).encode())
    client.snapshots.begin_create_or_update(group, "before", body, polling_interval=0).result()
    world = World(arm.cloud, arm, scheduler, lambda _: Provenance())
    seen = asyncio.run(world.read_disk(snapshot, "linux", journal))
    assert seen.coverage.files_examined > 0
    assert arm.snapshot(snapshot)["properties"]["diskState"] == "Unattached"
    asyncio.run(settle(scheduler, arm.begin_disk_access(snapshot, 600)))
    assert asyncio.run(revoke_left_over(arm, scheduler, snapshot, journal, "a test"))
    assert arm.snapshot(snapshot)["properties"]["diskState"] == "Unattached"
    scheduler.close()
