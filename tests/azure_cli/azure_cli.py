"""`python -m lab serve` and `az` as processes, with everything that the CLI stores in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCENARIO = Path(__file__).parent / "scenario.yaml"
PROGRAM = ROOT / ".cache" / "azure-cli" / "bin" / "az"


class LabProcess:
    """A lab as a user starts it, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "ca.pem"
        self.token_file = folder / "token"
        command = [sys.executable, "-m", "lab", "serve", "--scenario", str(SCENARIO), "--ca-file", str(self.ca_file)]
        command += ["--federated-token-file", str(self.token_file)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.said = ""
        while "Ctrl-C stops it" not in self.said:
            line = self._process.stdout.readline()
            assert line, "the lab ended while it started"
            self.said += line

    def printed(self, name: str) -> str:
        """Return what the lab printed for `name`, such as `ARM endpoint`."""
        found = re.search(rf"^ *{re.escape(name)} +(\S+)$", self.said, re.MULTILINE)
        assert found is not None, self.said
        return found[1]

    @property
    def environment(self) -> dict[str, str]:
        """What the lab tells azure-identity to use, added to this process's environment."""
        return os.environ | {
            "AZURE_TENANT_ID": self.printed("tenant"),
            "AZURE_CLIENT_ID": self.printed("client id"),
            "AZURE_CLIENT_SECRET": self.printed("client secret"),
        }

    @property
    def way_in(self) -> list[str]:
        """The options that lead Sealproof to this lab."""
        endpoint, authority = self.printed("ARM endpoint"), self.printed("authority")
        return ["--arm-endpoint", endpoint, "--authority", authority, "--ca", str(self.ca_file)]

    def close(self) -> None:
        """Stop the lab as Ctrl-C does."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=30)


@dataclass(frozen=True)
class Answer:
    """What a command of the CLI left."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        """What it printed, parsed; the command must have succeeded."""
        assert self.code == 0, self.error
        return json.loads(self.out)


class AzureCli:
    """`az` with everything that it stores in `folder`."""

    def __init__(self, folder: Path, lab: LabProcess) -> None:
        self.folder = folder
        self.lab = lab
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AZURE_", "ARM_"))}
        self._environment = inherited | {
            "AZURE_CONFIG_DIR": str(folder),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "REQUESTS_CA_BUNDLE": str(lab.ca_file),
        }

    def __call__(self, command: str, *more: str) -> Answer:
        """Run `az` with the words of `command`, and then `more` as it is."""
        done = subprocess.run(
            [PROGRAM, *command.split(), *more],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def copy(self, folder: Path) -> AzureCli:
        """Return a CLI that begins with what this one has stored."""
        shutil.copytree(self.folder, folder)
        return AzureCli(folder, self.lab)

    def register(self) -> None:
        """Make the lab a cloud that the CLI knows, and choose it."""
        assert self("cloud register -n lab --endpoint-resource-manager", self.lab.printed("ARM endpoint")).code == 0
        assert self("cloud set -n lab").code == 0

    def sign_in(self, *proof: str) -> Answer:
        """Sign in as the lab's service principal, by default with its secret."""
        return self(
            f"login --service-principal -u {self.lab.printed('client id')} --tenant {self.lab.printed('tenant')}",
            *(proof or ("-p", self.lab.printed("client secret"))),
        )
