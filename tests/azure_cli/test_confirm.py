"""What `az vm generalize` says of a VM, and what its disk says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checks.catalogue import Catalogue, builtin_modules
from tests.azure_cli.azure_cli import ROOT, AzureCli

pytestmark = pytest.mark.azure_cli

SEALPROOF = Path(sys.executable).with_name("sealproof")
UNSEALED = "-g rg-changed -n unsealed01"


def test_a_flagged_vm_that_was_never_deprovisioned_is_not_confirmed(az: AzureCli, tmp_path: Path) -> None:
    assert az(f"vm deallocate {UNSEALED}").code == 0
    assert az(f"vm generalize {UNSEALED}").code == 0
    machine = az(f"vm get-instance-view {UNSEALED}").json
    assert "OSState/generalized" in [status["code"] for status in machine["instanceView"]["statuses"]]

    done = subprocess.run(
        [SEALPROOF, "--confirm", "--target", machine["id"], *az.lab.way_in, "--evidence", str(tmp_path / "evidence")],
        cwd=ROOT,
        env=az.lab.environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    record = json.loads((tmp_path / "evidence" / "latest" / "evidence.json").read_text())
    assert (record["verdict"], record["run"]["mode"], record["run"]["lab"]) == ("failed", "confirm", True)
    catalogue = Catalogue.from_modules(builtin_modules())
    failed = [row["check"] for row in record["results"] if row["outcome"] == "failed"]
    assert {"LNX-MACHINE-001", "LNX-SHADOW-001"} <= set(failed)
    assert all("disk" in catalogue[check].needs for check in failed), "the disk says otherwise, and nothing else does"
