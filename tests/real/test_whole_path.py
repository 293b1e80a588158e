"""The whole path on the real machine, as a user starts it: `sealproof --lab=real`."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.guests.real import RealGuest
from runners.cli import ROOT
from tests.runners.runs import sealproof

pytestmark = pytest.mark.real

REAL = ROOT / "lab" / "scenarios" / "real.yaml"
NAME = "debian-real01"

# waagent as it is when an exception ends its deprovisioning early: it says what it would do, and exits with 0.
LYING_AGENT = """
mv /usr/sbin/waagent /usr/sbin/waagent.real
cat >/usr/sbin/waagent <<'AGENT'
#!/bin/sh
case "$*" in
*deprovision*) echo 'WARNING! The waagent service will be stopped.' ;;
*) exec /usr/sbin/waagent.real "$@" ;;
esac
AGENT
chmod 0755 /usr/sbin/waagent
"""


def test_real_machine_is_proven_by_its_real_disk(tmp_path: Path) -> None:
    run = sealproof(tmp_path, "--lab=real")
    assert run.code == 0, run.text
    target = run.target(NAME)
    assert target.outcome == "proven"
    assert (target.vantages.guest, target.vantages.disk) == ("real", "real")
    assert target.receipt is not None
    assert "waagent| WARNING! azureuser account and entire home directory will be deleted." in target.receipt.excerpt
    shown = (run.folder / "summary.md").read_text(encoding="utf-8")
    assert "## Forecast and findings" in shown
    assert "**no**" not in shown, "forecast and findings agree"
    # All facts in one page of 4,096 bytes: one script looks, one launches.
    assert run.writes(NAME)["virtualMachines/runCommand"] == 2


def test_gate_is_closed_where_blocking_residue_would_survive(tmp_path: Path) -> None:
    scenario: dict[str, Any] = yaml.safe_load(REAL.read_text(encoding="utf-8"))
    scenario["fleet"]["targets"][0]["clean"] = []
    (tmp_path / "uncleaned.yaml").write_text(yaml.safe_dump(scenario), encoding="utf-8")
    run = sealproof(tmp_path, f"--lab={tmp_path / 'uncleaned.yaml'}")
    assert run.code == 1, run.text
    target = run.target(NAME)
    assert not target.gate.open
    reasons = str(target.gate.reasons)
    assert "machine-id" in reasons
    assert "passwd-backups" in reasons
    assert "launch.begin" not in run.events(NAME)


def test_machine_whose_disk_shows_an_unsealed_system_is_not_flagged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = RealGuest.start

    def start_with_lying_agent(guest: RealGuest) -> None:
        start(guest)
        assert guest.run(LYING_AGENT).exit_code == 0

    monkeypatch.setattr(RealGuest, "start", start_with_lying_agent)
    run = sealproof(tmp_path, "--lab=real")
    assert run.code == 1, run.text
    events = run.events(NAME)
    assert "witnessed.begin" in events
    assert "generalize.intent" not in events
    assert not any("generalize" in operation.lower() for operation in run.writes(NAME))
