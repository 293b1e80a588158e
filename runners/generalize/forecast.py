"""Which residue will survive the step, foretold from what the guest says before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts import LinuxGuest, Observation, UnknownFact

_AGENT_REMOVES_MACHINE_ID = ("arch", "flatcar", "coreos")
"""Distributions whose waagent handler deletes /etc/machine-id (seen in the agent's source, 2.15)."""


@dataclass(frozen=True, slots=True)
class Residue:
    """Something that identifies this machine and that deprovisioning will leave behind."""

    check: str
    """The check that would find it on the stopped disk."""
    clean: str
    """The `clean` key of the target that removes it; empty where none does."""
    what: str
    remedy: str


def forecast(before: Observation) -> tuple[Residue, ...]:
    """Return the residue that will survive, given what the guest says and what the target's `clean` removes.

    Only Linux guests are foretold: Sysprep leaves nothing that an option of ours removes. What could not be observed
    counts as there: a key that was not needed does no harm, a clone with this machine's identity does.
    """
    guest = before.guest
    if not isinstance(guest, LinuxGuest):
        return ()
    found = []
    if "machine-id" not in before.policy.clean and _machine_id_survives(guest):
        found.append(_residue("LNX-MACHINE-001", "machine-id", "the machine-id of every clone (/etc/machine-id)"))
    if "passwd-backups" not in before.policy.clean:
        # userdel itself writes these files while it removes the account: they need not be there yet.
        what = "the password hash of the removed account (/etc/shadow- keeps the file as it was before)"
        found.append(_residue("LNX-BACKUP-001", "passwd-backups", what))
    return (*found, *_passwords(guest))


def _passwords(guest: LinuxGuest) -> list[Residue]:
    """Return the passwords that stay: waagent removes one account, and locks root only if its configuration says so."""
    try:
        gone = {"" if guest.ovf_account.absent else guest.ovf_account.value.name}
        # waagent -show-configuration: Provisioning.DeleteRootPassword = True
        if guest.agent_configuration.value.get("Provisioning.DeleteRootPassword") == "True":
            gone.add("root")
        staying = [item for item in guest.password_fields.value if item.kind != "locked" and item.account not in gone]
    except UnknownFact as error:
        return [_password(f"whether another account's password survives is not known ({error}), so it counts as if it")]
    return [_password(f"the password of account {item.account} ({item.kind})") for item in staying]


def _password(what: str) -> Residue:
    remedy = (
        "Lock it (passwd -l ACCOUNT) or remove the account (userdel -r ACCOUNT) before sealing; for root, set "
        "Provisioning.DeleteRootPassword=y in /etc/waagent.conf."
    )
    return Residue(check="LNX-SHADOW-001", clean="", what=what, remedy=remedy)


def _machine_id_survives(guest: LinuxGuest) -> bool:
    try:
        if guest.distribution.value in _AGENT_REMOVES_MACHINE_ID:
            return False
        blank = guest.machine_id.absent or guest.machine_id.value in ("empty", "uninitialized")
        dbus_blank = guest.dbus_machine_id.absent or guest.dbus_machine_id.value == "link"
    except UnknownFact:
        return True
    return not (blank and dbus_blank)


def _residue(check: str, key: str, what: str) -> Residue:
    remedy = f"Add `{key}` to the target's `clean` list in the fleet file: Sealproof then removes it after waagent."
    return Residue(check=check, clean=key, what=what, remedy=remedy)
