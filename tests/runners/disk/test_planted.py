"""Every rule of the stopped Linux disk on real file systems: broken on disks with residue, kept on spotless ones."""

from __future__ import annotations

import dataclasses
import functools
import json

import pytest

from checks.facts import AuthorizedKey, Fact, LinuxDisk
from checks.healthy import sealed_observation
from checks.judgement import judge
from lab.images import open_image
from lab.images.planted import FINGERPRINT
from runners.disk.reader import Limits, examine
from tests.checks.claims import catalogue
from tests.runners.disk.disks import ImageSource, raw_disk, whole
from tests.runners.disk.test_linux import all_facts, seen

RULES = tuple(
    item.id
    for item in catalogue().phase("post")
    if "disk" in item.needs and "before" not in item.needs and item.metadata.platform == "linux"
)
NOT_PLANTED = {
    "LNX-SHADOW-001": "the account is gone and root locked: linux-configured shows it",
    "LNX-USER-002": "the fleet file names nobody here",
    "LNX-USER-003": "it is for what somebody else sealed",
    "LNX-LVM-003 on linux": "it has no logical volume",
}
"""Rules that the planted disks keep, and why."""
LAYOUTS = ("linux", "linux-lvm")


@functools.cache
def disk(image: str) -> LinuxDisk:
    return seen(image)


def outcome(rule: str, image: str) -> str:
    return judge(catalogue()[rule], sealed_observation(disk=disk(image))).outcome


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_broken_on_a_disk_with_residue_and_kept_on_a_spotless_one(rule: str, layout: str) -> None:
    assert outcome(rule, f"{layout}-spotless") in ("passed", "not applicable")
    if not {rule, f"{rule} on {layout}"} & set(NOT_PLANTED):
        assert outcome(rule, f"{layout}-planted") in ("failed", "warned")


def test_keys_are_told_by_their_fingerprints_and_whom_they_let_in() -> None:
    assert disk("linux-planted").secrets.authorized_keys.value == (
        AuthorizedKey("/root/.ssh/authorized_keys", "root", FINGERPRINT, refers=False),
        AuthorizedKey("/root/.ssh/authorized_keys2", "root", FINGERPRINT, refers=True),
    )


@pytest.mark.parametrize("image", ["linux-planted", "linux-lvm-planted", "linux-configured"])
def test_no_content_of_a_file_leaves_the_reader(image: str) -> None:
    report = json.dumps(examine(ImageSource(image), "linux"))
    assert not [word for word in ("ConstructedForTheLab", "place holder", "PRIVATE KEY", "AAAAC3") if word in report]


def test_all_was_opened_and_little_of_it_read() -> None:
    coverage = disk("linux-lvm-planted").coverage
    assert coverage.gaps == ()
    assert coverage.bytes_read < 5 * 1024 * 1024


# What can't be read


@pytest.mark.parametrize(
    ("image", "part"),
    [("linux-spotless", 0.05), ("linux-spotless", 0.6), ("linux-spotless", 0.99), ("linux-lvm-spotless", 0.9)],
)
def test_a_disk_that_was_cut_passes_nothing_by_its_files(image: str, part: float) -> None:
    data = whole(image)
    found = seen(raw_disk(data[: int(len(data) * part) // 512 * 512]))
    unread = any(item.filesystem == "unreadable" for item in found.coverage.volumes)
    # Behind the last partition there is only the copy of the partition table.
    assert (not any(fact.known for fact in all_facts(found)) and unread) or all_facts(found) == all_facts(disk(image))


def test_a_damaged_folder_makes_exactly_the_facts_unknown_that_need_it_and_is_named() -> None:
    # The entry of /var/log/syslog with a record length of 0
    data = whole("linux-planted")
    damaged = open_image("linux-planted").replaced(data.index(b"syslog") - 4, b"\0\0")
    found, before = seen(damaged), disk("linux-planted")
    (gap,) = found.coverage.gaps
    assert gap.startswith("/var/log: the checksum of a folder is wrong")
    unknown = {name for record in (found, found.secrets, found.identities, found.state) for name in lost(record)}
    assert unknown == {"agent_log_failure", "installer_hashes", "logs", "memory_dumps", "monitoring", "own_traces"}
    assert before.coverage.gaps == ()
    judgement = judge(catalogue()["DISK-COVERAGE-002"], sealed_observation(disk=found))
    assert judgement.outcome == "undetermined"
    assert "/var/log: the checksum of a folder is wrong" in judgement.reason


def lost(record: object) -> list[str]:
    facts = {item.name: getattr(record, item.name) for item in dataclasses.fields(record)}  # type: ignore[arg-type]
    return [name for name, fact in facts.items() if isinstance(fact, Fact) and not fact.known]


@pytest.mark.parametrize("image", ["linux-planted", "linux-lvm-planted"])
def test_the_reader_needs_a_fraction_of_the_memory_that_it_may_use(image: str) -> None:
    limits = Limits()
    report = examine(ImageSource(image), "linux", limits=limits)
    assert 0 < report["coverage"]["peak_memory_bytes"] < limits.memory_bytes // 4
