"""What a run leaves half-done, and the next command to type. Pure."""

from __future__ import annotations

from pathlib import Path

from reports.evidence import Evidence, Target


def next_commands(evidence: Evidence, folder: Path) -> tuple[str, ...]:
    """Return a text for each target whose launch was not followed to its end, though nothing speaks against it."""
    return tuple(_command(target, folder) for target in evidence.targets if _half_done(target))


def _half_done(target: Target) -> bool:
    events = [step.event for step in target.story if step.event in ("launch.intent", "launch.refused", "resumed")]
    return target.outcome == "undetermined" and bool(events) and events[-1] != "launch.refused"


def _command(target: Target, folder: Path) -> str:
    again = any(step.event == "resumed" for step in target.story)
    evidence = "the evidence folder of the run that launched it" if again else str(folder)
    return (
        f"{target.name} was launched and not followed to its end; its guest may be half-sealed, and nothing launches "
        "it again. Look at what the record says of it. To finish it, repeat this command with: "
        f"--take-over {target.vm_id or 'VM_ID'} --resume {evidence}"
    )
