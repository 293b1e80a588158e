"""The reader process's report: believed in its form only."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest

from checks.facts import (
    Fact,
    LinuxDisk,
    LinuxIdentities,
    LinuxSecrets,
    LinuxState,
    PasswordField,
    UnknownFact,
    WindowsDisk,
    plain,
)
from checks.healthy.windows_disk import DISK_TOPICS
from runners.errors import DiskError
from runners.observe.disk import parse

COVERAGE = {
    "size_bytes": 12582912,
    "bytes_read": 393216,
    "files_examined": 14,
    "volumes": [
        {"name": "partition 1", "filesystem": "ext4", "reason": ""},
        {"name": "partition 2", "filesystem": "unreadable", "reason": "encrypted with LUKS"},
    ],
    "isolation": ["memory", "cpu"],
}
LINUX: dict[str, Any] = {
    "platform": "linux",
    "coverage": COVERAGE,
    "facts": {
        "agent_folder": {"value": []},
        "agent_log_failure": {"absent": True},
        "accounts": {"value": {"root": ["/etc/passwd", "/etc/shadow"]}},
        "human_accounts": {"value": []},
        "homes": {"value": ["azureuser"]},
        "password_fields": {"value": [{"account": "root", "kind": "locked"}]},
        "password_backup_fields": {"absent": True},
        "machine_id": {"value": "empty"},
        "dbus_machine_id": {"value": "link"},
        "hostname": {"unknown": "reading hostname failed"},
        "host_keys": {"value": ["ssh_host_rsa_key"]},
        "sudo_accounts": {"value": {"azureuser": ["/etc/sudoers.d/90-cloud-init-users"]}},
        "shell_histories": {"value": []},
        "cloud_instances": {"absent": True},
        "secrets": {item.name: {"value": []} for item in dataclasses.fields(LinuxSecrets)},
        "identities": {item.name: {"absent": True} for item in dataclasses.fields(LinuxIdentities)},
        "state": {item.name: {"unknown": "not read"} for item in dataclasses.fields(LinuxState)},
    },
}
WINDOWS: dict[str, Any] = {
    "platform": "windows",
    "coverage": COVERAGE,
    "facts": {
        "image_state": {"value": "IMAGE_STATE_COMPLETE"},
        "image_state_file": {"absent": True},
        "setup_type": {"value": 0},
        "setup_command": {"value": ""},
        "setup_in_progress": {"value": 0},
        "oobe_in_progress": {"absent": True},
        "generalization_state": {"value": 7},
        "cleanup_state": {"value": 2},
        "success_tag": {"absent": True},
        "error_lines": {"value": ["a line"]},
        **{
            topic: {name: plain(value if isinstance(value, Fact) else Fact.of(value)) for name, value in facts.items()}
            for topic, facts in DISK_TOPICS.items()
        },
    },
}


def changed(report: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    copied = copy.deepcopy(report)
    place = copied
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return copied


def test_a_linux_report_becomes_facts() -> None:
    disk = parse(LINUX)
    assert isinstance(disk, LinuxDisk)
    assert disk.agent_folder.value == (), "an empty folder is a value, not an absence"
    assert disk.agent_log_failure.absent
    assert disk.accounts.value == {"root": ("/etc/passwd", "/etc/shadow")}
    assert disk.password_fields.value == (PasswordField("root", "locked"),)
    assert disk.machine_id.value == "empty"
    assert disk.host_keys.value == ("ssh_host_rsa_key",)
    assert disk.sudo_accounts.value == {"azureuser": ("/etc/sudoers.d/90-cloud-init-users",)}
    assert (disk.shell_histories.value, disk.cloud_instances.absent) == ((), True)
    assert disk.coverage.volumes[1].reason == "encrypted with LUKS"
    with pytest.raises(UnknownFact, match="reading hostname failed"):
        _ = disk.hostname.value


def test_a_windows_report_becomes_facts() -> None:
    disk = parse(json.dumps(WINDOWS).encode())
    assert isinstance(disk, WindowsDisk)
    assert disk.setup_type.value == 0, "zero is a value, not an absence"
    assert disk.setup_command.value == ""
    assert disk.success_tag.absent
    assert disk.error_lines.value == ("a line",)


@pytest.mark.parametrize("report", [LINUX, WINDOWS])
def test_facts_are_written_as_they_were_reported(report: dict[str, Any]) -> None:
    facts = plain(parse(report))
    assert {name: facts[name] for name in report["facts"]} == report["facts"]


@pytest.mark.parametrize(
    ("report", "where"),
    [
        (changed(LINUX, "facts", "shadow", to={"value": "root:$6$"}), "shadow"),
        (changed(LINUX, "facts", "homes", to={"value": [], "absent": True}), "homes"),
        (changed(LINUX, "facts", "homes", to={}), "homes"),
        (changed(LINUX, "facts", "homes", to={"value": None}), "homes"),
        (changed(LINUX, "facts", "homes", to={"absent": False}), "homes"),
        (changed(LINUX, "facts", "homes", to={"value": ["x"] * 501}), "homes"),
        (changed(LINUX, "facts", "hostname", to={"value": "x" * 600}), "hostname"),
        (changed(LINUX, "facts", "machine_id", to={"value": "0123456789abcdef"}), "machine_id"),
        (changed(LINUX, "facts", "password_fields", to={"value": [{"account": "root", "kind": "$6$"}]}), "kind"),
        (changed(LINUX, "facts", "hostname", to={"unknown": ""}), "hostname"),
        (changed(LINUX, "facts", to={}), "agent_folder"),
        (changed(LINUX, "coverage", "bytes_read", to="many"), "bytes_read"),
        (changed(LINUX, "coverage", "bytes_read", to=-1), "bytes_read"),
        (changed(LINUX, "coverage", to=None), "coverage"),
        (changed(LINUX, "platform", to="plan9"), "platform"),
        (changed(LINUX, "more", to=1), "more"),
        (changed(WINDOWS, "facts", "setup_type", to={"value": "2"}), "setup_type"),
        (changed(WINDOWS, "facts", "setup_type", to={"value": True}), "setup_type"),
        (changed(WINDOWS, "facts", "secrets", "password", to={"value": "x"}), "secrets.password"),
        (changed(WINDOWS, "facts", "secrets", to={}), "facts.secrets"),
        (changed(WINDOWS, "facts", "secrets", "answer_files", to={"value": "C:"}), "secrets.answer_files"),
        (changed(WINDOWS, "facts", "secrets", "answer_files", to={"value": ["x"] * 501}), "secrets.answer_files"),
        (changed(WINDOWS, "facts", "accounts", "cached_logons", to={"value": "2"}), "accounts.cached_logons"),
        (
            changed(
                WINDOWS, "facts", "accounts", "local_accounts", to={"value": [{"rid": 1, "name": "x", "state": "?"}]}
            ),
            "accounts.local_accounts",
        ),
        (changed(WINDOWS, "facts", "error_lines", to={"value": ["x"] * 21}), "error_lines"),
        ({}, "malformed"),
    ],
)
def test_a_report_that_breaks_the_form_is_no_observation(report: dict[str, Any], where: str) -> None:
    with pytest.raises(DiskError, match=where) as caught:
        parse(report)
    assert "$6$" not in str(caught.value), "what was wrong is not quoted"


@pytest.mark.parametrize("report", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'"x"'])
def test_bytes_that_are_no_json_object_are_no_observation(report: bytes) -> None:
    with pytest.raises(DiskError, match="no JSON object"):
        parse(report)


def test_a_report_that_is_too_large_is_not_even_parsed() -> None:
    with pytest.raises(DiskError, match="more than"):
        parse(b" " * (4 * 1024 * 1024 + 1))
