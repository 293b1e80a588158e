"""Evidence as runs leave it, for the tests of everything that reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from reports.evidence import (
    CoverageRecord,
    Evidence,
    ForecastRecord,
    Gate,
    ProblemRecord,
    Reason,
    ReceiptRecord,
    Result,
    Rule,
    Run,
    StepRecord,
    Target,
    Vantages,
    VolumeRecord,
    Waiver,
)

STARTED = datetime(2026, 11, 22, 20, 15, 3, tzinfo=UTC)
ENDED = STARTED + timedelta(seconds=41)

VM_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/images"
    "/providers/Microsoft.Compute/virtualMachines/{}"
)

# What a guest might say to harm who reads a report: each line is aimed at one format.
HOSTILE = "\n".join(
    (
        "\x1b[2J\x1b[31mowned\x07",
        "##vso[task.setvariable variable=image]evil",
        "::set-output name=image::evil",
        "| a | <script>alert(1)</script> `x` ![i](https://evil.example/i.png)",
        "]]></failure><testcase/> \ufffe \ud800 \u202egnp.exe @everyone www.evil.example",
    )
)


def run(**changes: Any) -> Run:
    """Return the run of a lab demo; `changes` replace fields."""
    fields: dict[str, Any] = {
        "id": "20261122-201503-6f1c0d",
        "mode": "generalize",
        "endpoint": "https://127.0.0.1:8443",
        "lab": True,
        "tenant": "00000000-0000-0000-0000-0000000000aa",
        "principal": "sealproof-lab",
        "versions": {"sealproof": "0.1.0", "python": "3.11.7", "azure-mgmt-compute": "39.0.0"},
        "digests": {"catalogue": "c" * 64},
        "arguments": ("--lab", "demo"),
        "started": STARTED,
        "ended": ENDED,
    }
    return Run(**(fields | changes))


def row(check: str, target: str, outcome: str = "passed", **changes: Any) -> Result:
    """Return a row of one of the checks below."""
    phase, severity, title, fix = _CHECKS[check]
    rule = {
        "title": title,
        "why": "A clone would start with what the original knew.",
        "fix": fix,
        "source": "https://learn.microsoft.com/azure/virtual-machines/generalize",
        "grade": "D",
    }
    rule |= {name: changes.pop(name) for name in Rule.model_fields if name in changes}
    fields: dict[str, Any] = {
        "check": check,
        "target": target,
        "phase": phase,
        "severity": severity,
        "outcome": outcome,
    }
    return Result(**(fields | changes)).ruled(Rule(**rule))


_CHECKS = {
    "AZ-LOCK-001": ("pre", "blocker", "no lock keeps the VM from being generalized", "az lock delete --ids LOCK_ID"),
    "LNX-AGENT-001": ("pre", "blocker", "the Linux agent can deprovision", "Reinstall the package walinuxagent."),
    "LNX-ADE-001": ("pre", "warning", "the agent's log is small", "truncate -s 0 /var/log/waagent.log"),
    "LNX-SHADOW-001": (
        "post",
        "blocker",
        "the backup of shadow holds no password hash",
        "Add passwd-backups to the target's clean list in the fleet file:\n  clean: [machine-id, passwd-backups]",
    ),
    "LNX-STATE-001": ("post", "blocker", "the agent's folder is empty", "Run waagent -deprovision again."),
    "WIN-DISK-001": ("pre", "blocker", "every volume is fully decrypted", "manage-bde -off C:"),
    "WIN-STATE-001": ("post", "blocker", "Windows is in its generalized state", "Run Sysprep again."),
}
PROVING = ("LNX-STATE-001", "WIN-STATE-001")


def coverage(filesystem: str = "ext4", **changes: Any) -> CoverageRecord:
    """Return the coverage of a disk that was read completely."""
    fields: dict[str, Any] = {
        "size_bytes": 32 << 30,
        "bytes_read": 41 << 20,
        "files_examined": 212,
        "volumes": (VolumeRecord(name="partition 1", filesystem=filesystem),),
        "isolation": ("no-environment", "memory", "cpu", "network-namespace"),
    }
    return CoverageRecord(**(fields | changes))


def story(*steps: tuple[float, str, str]) -> tuple[StepRecord, ...]:
    """Return events: seconds after the start, the journal's word, and what a person reads."""
    return tuple(
        StepRecord(time=STARTED + timedelta(seconds=after), event=event, text=text) for after, event, text in steps
    )


_STORY = (
    (1.3, "gate", "open"),
    (1.4, "claim.begin", "write on the VM which run owns it"),
    (1.6, "claim.end", ""),
    (2.0, "launch.begin", "start Sysprep or waagent in the guest, detached"),
    (2.1, "launch.intent", ""),
    (4.2, "launch.confirmed", "as root, through run-command"),
    (4.2, "launch.end", ""),
    (4.3, "stopped.begin", "wait until the guest is sealed"),
    (16.3, "stopped.end", ""),
    (16.4, "witnessed.begin", "read and judge the stopped disk"),
    (33.0, "witnessed.end", ""),
    (33.1, "generalized.begin", "flag the VM as generalized"),
    (33.1, "generalize.intent", ""),
    (33.3, "generalized.end", ""),
)


def target(name: str, platform: str = "linux", **changes: Any) -> Target:
    """Return a target that was proven."""
    fields: dict[str, Any] = {
        "name": name,
        "id": VM_ID.format(name),
        "vm_id": "2c1f5a3e-0000-4000-8000-0000000000" + ("01" if platform == "linux" else "02"),
        "platform": platform,
        "vantages": Vantages(azure="lab", guest="simulated", disk="constructed"),
        "gate": Gate(open=True),
        "receipt": ReceiptRecord(outcome="succeeded", launched_as="root"),
        "outcome": "proven",
        "proof": ("LNX-STATE-001" if platform == "linux" else "WIN-STATE-001",),
        "started": STARTED,
        "ended": ENDED,
        "timings": {"observe": 1.25, "seal": 32.0, "confirm": 0.25},
        "story": tuple(
            StepRecord(time=STARTED + timedelta(seconds=after), event=event, text=text) for after, event, text in _STORY
        ),
        "digests": {"facts": "f" * 64, "journal": "a" * 64},
    }
    return Target(**(fields | changes))


FORETOLD = ForecastRecord(
    check="LNX-SHADOW-001",
    clean="passwd-backups",
    what="a password hash in /etc/shadow-",
    survives=False,
    remedy="Add `passwd-backups` to the target's `clean` list in the fleet file.",
)


def linux_rows(name: str, **outcomes: str) -> tuple[Result, ...]:
    """Return the rows of a Linux target, all passed but for `outcomes` (check id with _ for -)."""
    by_id = {key.replace("_", "-"): value for key, value in outcomes.items()}
    mine = [check for check in _CHECKS if not check.startswith("WIN")]
    return tuple(row(check, name, by_id.get(check, "passed")) for check in mine)


def windows_rows(name: str) -> tuple[Result, ...]:
    """Return the rows of a Windows target, all passed; the Linux rules are not applicable."""
    others = [check for check in _CHECKS if check.startswith("LNX")]
    return (
        row("AZ-LOCK-001", name),
        row("WIN-DISK-001", name),
        row("WIN-STATE-001", name),
        *(row(check, name, "not applicable", reason="a rule for linux guests") for check in others),
    )


def record(**fields: Any) -> Evidence:
    """Return the record of a run that tells the rules of its rows."""
    return Evidence(checks={item.check: item.rule for item in fields["results"]}, **fields)


def proven() -> Evidence:
    """Return a demo run: a Linux and a Windows VM, both proven."""
    return record(
        run=run(),
        verdict="proven",
        targets=(target("debian", forecast=(FORETOLD,)), target("server", "windows")),
        results=linux_rows("debian") + windows_rows("server"),
        coverage={"debian": coverage(), "server": coverage("ntfs")},
    )


def failed_gate() -> Evidence:
    """Return a run in which one VM is proven under a waiver, and the gate of another is closed."""
    waiver = Waiver(
        check="AZ-LOCK-001",
        target="debian",
        reason="the lock is the platform team's and covers deletion only",
        approver="dana@example.com",
        approved_on=date(2026, 11, 1),
        expires=date(2026, 12, 31),
        state="used",
    )
    lock = ProblemRecord(observed="lock keep (CanNotDelete)", expected="no lock", where="resource group images")
    volume = ProblemRecord(observed="C: is fully encrypted (1)", expected="fully decrypted (0)", where="C:")
    reason = Reason(
        code="failed",
        text="every volume is fully decrypted: no: C: C: is fully encrypted (1) (required: fully decrypted (0))",
        remedy="manage-bde -off C:",
        check="WIN-DISK-001",
    )
    broken = target(
        "server",
        "windows",
        gate=Gate(open=False, reasons=(reason,)),
        story=story((1.3, "gate", f"closed: {reason.text}")),
        timings={"observe": 1.25},
        receipt=None,
        outcome="failed",
        proof=(),
        vantages=Vantages(azure="lab", guest="simulated"),
    )
    rows = tuple(
        item.model_copy(update={"outcome": "failed", "problems": (volume,)})
        if item.check == "WIN-DISK-001"
        else item.model_copy(update={"outcome": "blocked", "reason": "the gate is closed"})
        if item.check == "WIN-STATE-001"
        else item
        for item in windows_rows("server")
    )
    waived = tuple(
        item.model_copy(update={"outcome": "waived", "problems": (lock,), "waiver": waiver, "reason": "waived"})
        if item.check == "AZ-LOCK-001"
        else item
        for item in linux_rows("debian")
    )
    return record(
        run=run(arguments=("--lab", "mixed")),
        verdict="failed",
        targets=(target("debian"), broken),
        results=waived + rows,
        waivers=(waiver,),
        coverage={"debian": coverage()},
    )


def undetermined() -> Evidence:
    """Return a run on Azure whose only target was generalized, and whose disk could not be read."""
    reason = "disk: the stopped disk could not be read: HTTP 403 from md-abc.z1.blob.storage.azure.net"
    rows = tuple(
        item.model_copy(update={"outcome": "undetermined", "reason": reason}) if item.phase == "post" else item
        for item in linux_rows("web01", LNX_ADE_001="warned")
    )
    subject = target(
        "web01",
        vantages=Vantages(azure="arm", guest="real"),
        outcome="undetermined",
        proof=(),
        note="it is stopped and was not generalized: it can still be repaired",
    )
    return record(
        run=run(lab=False, endpoint="https://management.azure.com", arguments=("--fleet=fleet.yaml", "--generalize")),
        verdict="undetermined",
        targets=(subject,),
        results=rows,
    )


def confirmed() -> Evidence:
    """Return a run that confirmed VMs which others sealed: one rightly, one with residue, one that still runs."""
    before = "mode confirm judges what was sealed, not what is to be sealed"
    at_work = "disk: the VM is running, and its disk can be read once Azure has deallocated it"
    hashed = ProblemRecord(observed="azureuser: a password hash", expected="no hash", where="/etc/shadow-")

    def rows(name: str, **changes: Any) -> tuple[Result, ...]:
        return tuple(
            item.model_copy(update={"outcome": "not applicable", "reason": before} if item.phase == "pre" else changes)
            for item in linux_rows(name)
        )

    def subject(name: str, **changes: Any) -> Target:
        seen = Vantages(azure="lab", disk="constructed")
        read = story((1.3, "read.begin", "grants read access to the OS disk, reads it"), (4.5, "read.end", ""))
        fields: dict[str, Any] = {"vantages": seen, "story": read, "timings": {}} | changes
        return target(name, gate=Gate(), receipt=None, **fields)

    residue = tuple(
        item.model_copy(update={"outcome": "failed", "problems": (hashed,)}) if item.check == "LNX-SHADOW-001" else item
        for item in rows("debian02")
    )
    return record(
        run=run(mode="confirm", arguments=("--lab=sealed", "--confirm")),
        verdict="failed",
        targets=(
            subject("debian01"),
            subject("debian02", outcome="failed"),
            subject("debian03", outcome="undetermined", proof=(), vantages=Vantages(azure="lab")),
        ),
        results=rows("debian01") + residue + rows("debian03", outcome="undetermined", reason=at_work),
        coverage={"debian01": coverage(), "debian02": coverage()},
    )


def hostile() -> Evidence:
    """Return a run whose guest put commands, markup and control characters wherever it could."""
    problem = ProblemRecord(observed=HOSTILE, expected="a name", where=HOSTILE)
    rows = tuple(
        item.model_copy(update={"outcome": "failed", "problems": (problem,), "reason": problem.observed})
        if item.check == "LNX-SHADOW-001"
        else item
        for item in linux_rows("web01")
    )
    subject = target(
        "web01",
        outcome="failed",
        note=HOSTILE,
        receipt=ReceiptRecord(outcome="failed", cause=HOSTILE, excerpt=tuple(HOSTILE.split("\n"))),
        gate=Gate(open=False, reasons=(Reason(code="failed", text=HOSTILE, remedy=HOSTILE, check="LNX-SHADOW-001"),)),
    )
    return record(run=run(lab=False), verdict="failed", targets=(subject,), results=rows)


SAMPLES = {
    "proven": proven,
    "failed-gate": failed_gate,
    "undetermined": undetermined,
    "confirmed": confirmed,
    "hostile": hostile,
}
