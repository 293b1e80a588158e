"""The settings of a simulated guest.

Below `guest: {simulated: ...}` in a scenario:

    answers: debian-healthy           a folder of lab/guests/answers; windows-healthy is the other one
    patches: [luks]                   named changes, files in its folder patches/
    patch: {identity: {machine_id: "=empty"}}             Linux: per probe and key its new lines, null for none
    patch: {state: {panther_folder: {value: false}}}      Windows: per probe and fact its new object
    raw: {my_probe: "key=value\\n"}    what a user's own probe prints
    disk: linux-configured            a disk image of lab/images
    agent: ready                      or silent: the agent inside does not answer, and scripts can't be run
    on_launch:                        what the launched step (`# step: launch`) leads to
      seconds: 1                      then the machine powers itself off; null: it never does
      disk: linux-sealed              the disk from then on; a Windows success tag gets the time of the launch
      without_clean: linux-residue    the disk instead where the script's `# clean:` lacks a key of needs_clean
      needs_clean: [machine-id, passwd-backups, sudoers]
      transcript: debian-sealed       a file of lab/guests/transcripts, written to the serial console
      look: debian-sealed             a file of lab/guests/looks: what the guest sees of itself (`witness: guest`);
                                      windows-sealed and others on Windows, where Sysprep has to quit
      watch:                          Windows: what is seen of Sysprep, from so many seconds after the launch on
        - {after_seconds: 0}          its process lives, IMAGE_STATE_UNDEPLOYABLE, its log grows
        - {after_seconds: 5, agent: silent}                                      Sysprep stops the agent
        - {after_seconds: 9, processes: [], image_state: IMAGE_STATE_COMPLETE, errors: ["SYSPRP Package X was ..."]}
    on_step:                          what other step scripts print, and what the probes print after them
      prepare: {stdout: "sealproof[{nonce}]: prepared\\n", stderr: "", exit_code: 0, patch: {}}
    accounts: {builder: correct-horse}    who may run scripts by managed Run Command, with their passwords
    scripts:                          what a command of a plain test prints, or a whole script of another client
      id -un: {stdout: "root\\n", stderr: "", exit_code: 0}

Named patches of debian-healthy: agent-absent, agent-traceback, ovf-env-absent, ovf-env-other-account, luks, lvm
(the layout of Azure's RHEL images, for the disks linux-lvm-configured and linux-lvm-sealed); of windows-healthy:
those in its folder, such as domain-controller, bitlocker, windows-11. Transcripts:
debian-sealed (a full run), debian-cut, debian-half (waagent swallowed an error and exited 0), debian-usage,
debian-prompt, debian-no-configuration (nothing was changed), debian-kept-user, rhel-hung, debian-cloud-init-failed.

Without `watch`, Sysprep is at work until the machine powers itself off; with `seconds: null` it hangs. In what a step
prints `{nonce}`, `{account}` (who runs it) and `{time}` are filled in.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from lab.guests.answer_set import Patch, Step
from lab.strict import Strict


class Look(Strict):
    """What whoever watches a launched Sysprep sees, from a time on."""

    after_seconds: float = Field(default=0, ge=0)
    """Seconds since the launch from which on this holds."""
    processes: tuple[str, ...] = ("sysprep.exe",)
    """Which processes of Sysprep live: sysprep.exe, or SetupHost.exe, which works on after it; [] for none."""
    image_state: str = "IMAGE_STATE_UNDEPLOYABLE"
    """ImageState in the registry; empty: no such value."""
    success_tag: bool = False
    """Whether Sysprep has written its success tag."""
    errors: tuple[str, ...] = ()
    """Lines of its error log since the launch, in order and without time and level: `SYSPRP Package X was ...`."""
    growing: bool = True
    """Whether its logs still grow; false: not since this time."""
    agent: Literal["ready", "silent"] = "ready"
    """Whether the agent inside answers; where it does not, an answer that is on its way is lost."""
    patch: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Facts of the answer as they are instead: `{image_state: {unknown: "access is denied"}}`."""


class OnLaunch(Strict):
    """What the launched step leads to."""

    seconds: float | None = Field(default=1, ge=0)
    """Seconds until the machine powers itself off; null: it never does."""
    disk: str
    """The disk image of lab/images that it has from then on."""
    without_clean: str = ""
    """The disk image instead where the script lacks a `clean` key of needs_clean."""
    needs_clean: tuple[str, ...] = ("machine-id", "passwd-backups", "sudoers")
    """The `clean` keys that `disk` asks for."""
    transcript: str = ""
    """A file of lab/guests/transcripts, written to the serial console."""
    look: str = ""
    """What the guest sees of itself once it is sealed, where it is asked: a file of lab/guests/looks."""
    watch: tuple[Look, ...] = ()
    """What is seen of Sysprep meanwhile (Windows)."""

    @field_validator("watch")
    @classmethod
    def _in_order(cls, value: tuple[Look, ...]) -> tuple[Look, ...]:
        times = [look.after_seconds for look in value]
        if times != sorted(set(times)):
            raise ValueError("its times, after_seconds, do not grow from one to the next. Put them in order, each once")
        return value

    def disk_after(self, clean: tuple[str, ...]) -> str:
        """Return the name of the disk image after a launch with these `clean` keys."""
        complete = set(self.needs_clean) <= set(clean)
        return self.disk if complete or not self.without_clean else self.without_clean


class ScriptedAnswer(Strict):
    """What one script of another client leaves. Made up in the scenario: nothing runs."""

    stdout: str = ""
    """What it prints on standard output."""
    stderr: str = ""
    """What it prints on standard error."""
    exit_code: int = 0
    """Its exit code."""


class Settings(Strict):
    """A simulated guest's settings."""

    answers: str
    """A folder of lab/guests/answers, such as debian-healthy or windows-healthy."""
    patches: tuple[str, ...] = ()
    """Named changes of the answers: files in their folder patches/."""
    patch: Patch = Field(default_factory=dict)
    """Changes of the answers: per probe and key its new lines (Linux), per probe and fact its new object (Windows)."""
    raw: dict[str, str] = Field(default_factory=dict)
    """What probes of your own print, by their names."""
    disk: str
    """A disk image of lab/images, such as linux-configured."""
    agent: Literal["ready", "silent"] = "ready"
    """Whether the agent inside answers; where it does not, no script can be run."""
    on_launch: OnLaunch | None = None
    on_step: dict[str, Step] = Field(default_factory=dict)
    """What other step scripts print, and what the probes print after them."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """Who else may run scripts here by managed Run Command (`runAsUser`), with their passwords."""
    scripts: dict[str, ScriptedAnswer] = Field(default_factory=dict)
    """What scripts of other clients leave, by their text."""
