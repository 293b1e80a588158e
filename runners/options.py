"""The command-line options."""

from __future__ import annotations

import pytest

from runners.ci import CHOICES
from runners.query import FORMS

WAYS_TO_START = """no target is given, so there is nothing to check. Start with one of:
  --lab                     an embedded Azure with simulated VMs: see the whole path at once
  --fleet FILE              the targets of a fleet file (docs/fleet.md)
  --target ARM_ID           one VM by its ARM id, observed with default treatment
  --select tag:NAME=VALUE   the VMs that Azure finds by tag, group:NAME or subscription:ID
  --confirm --file FILE     an image that others sealed: VHD, VHDX, qcow2 or raw; no Azure needed"""


def add_options(parser: pytest.Parser) -> None:
    """Add our options to pytest's."""
    group = parser.getgroup("sealproof", "Sealproof: check, generalize and prove Azure VMs")
    group.addoption("--fleet", metavar="FILE", help="the fleet file: targets, and how each is treated")
    group.addoption(
        "--target",
        metavar="ARM_ID",
        action="append",
        default=[],
        help="a VM by its ARM id; with --confirm also a managed disk or a snapshot; repeatable",
    )
    group.addoption(
        "--select",
        metavar="CONDITION",
        action="append",
        default=[],
        help=f"the VMs that Azure finds by {FORMS}; repeatable, and all must hold (docs/fleets.md)",
    )
    group.addoption(
        "--file",
        metavar="FILE",
        action="append",
        default=[],
        help="with --confirm: an image file (VHD, VHDX, qcow2, raw) that somebody else sealed; repeatable",
    )
    group.addoption(
        "--platform", choices=("linux", "windows"), help="what --target, --select and --file must turn out to be"
    )
    group.addoption(
        "--account",
        metavar="NAME",
        action="append",
        default=[],
        help="with --confirm: an account that must be gone, on Linux (default: no account of a person may be left); "
        "repeatable",
    )
    group.addoption(
        "--digest", action="store_true", help="with --confirm: also take the SHA-256 of whole files, which reads them"
    )
    group.addoption(
        "--lab",
        metavar="SCENARIO",
        nargs="?",
        const="demo",
        help="run against the embedded lab: demo (default), mixed, sealed, real, windows-gallery, a .yaml file or a "
        "folder of them",
    )
    group.addoption(
        "--generalize", action="store_true", help="generalize targets whose gate is open (--lab implies it)"
    )
    group.addoption("--observe", action="store_true", help="only check; takes back what --lab implies")
    group.addoption(
        "--confirm",
        action="store_true",
        help="judge VMs, disks and files that somebody else sealed, by the disks; nothing is done to them",
    )
    group.addoption(
        "--consent",
        metavar="VM_ID",
        action="append",
        default=[],
        help="the vmId of a VM that may be generalized; repeatable (a vm_id pinned in the fleet file does the same)",
    )
    group.addoption(
        "--take-over",
        metavar="VM_ID",
        action="append",
        default=[],
        help="the vmId of a VM that a run which is gone has claimed: go on in its place; repeatable",
    )
    group.addoption(
        "--resume",
        metavar="DIR",
        action="append",
        default=[],
        help="the evidence folder of that run, without which what it launched can't be proven; repeatable",
    )
    group.addoption(
        "--arm-endpoint",
        metavar="URL",
        help="the Azure Resource Manager to talk to: a sovereign cloud's, a running lab's (default: the public one)",
    )
    group.addoption("--authority", metavar="URL", help="who gives its tokens (default: what the endpoint itself names)")
    group.addoption("--ca", metavar="FILE", help="certificates to trust instead of the public authorities', PEM")
    group.addoption(
        "--checks", metavar="DIR", action="append", default=[], help="a folder of own checks, with those below it"
    )
    group.addoption(
        "--evidence", metavar="DIR", default="evidence", help="where evidence is written (default: evidence)"
    )
    group.addoption("--waivers", metavar="FILE", help="failures that somebody answers for (docs/waivers.md)")
    group.addoption(
        "--sign-key",
        metavar="KEY",
        help="sign the evidence with this private key: a PEM file, or env:NAME (docs/attestation.md)",
    )
    group.addoption("--allow-lab", action="store_true", help="sign a lab's run too, which proves nothing about Azure")
    group.addoption(
        "--ci",
        choices=CHOICES,
        default="auto",
        help="which CI system to write annotations and a summary for (default: the one that the run is in; docs/ci)",
    )
    group.addoption(
        "--shard",
        metavar="K/N",
        help="take the K-th of N shares of the fleet: one job of a CI's matrix (docs/fleets.md); `python -m reports "
        "merge` joins their evidence",
    )
    group.addoption("--concurrency", metavar="N", type=int, default=8, help="calls in progress at once (default: 8)")
