"""Which residue will survive the step, foretold from what the guest says before it and what the fleet file asks. Pure.

It rests on the effective values of waagent.conf, on the distribution, and on what the guest holds now. What could not
be observed counts as surviving: a key that was not needed does no harm, a clone with this machine's identity does.
After the step LNX-FORECAST-001 compares it with what is found on the disk.
"""

from __future__ import annotations

from checks.facts import Fact, Foretold, LinuxGuest, Observation, Policy, UnknownFact
from runners.generalize.forecast_files import FAR, LEFT, OUT_OF_REACH
from runners.generalize.forecast_kept import KEPT
from runners.generalize.foretold import by_key, goes

_AGENT_REMOVES_MACHINE_ID = ("arch", "flatcar", "coreos")
"""Distributions whose waagent handler deletes /etc/machine-id (seen in the agent's source, 2.15)."""
_LOCK = (
    "Lock it (passwd -l ACCOUNT) or remove the account (userdel -r ACCOUNT) before sealing; for root, set "
    "Provisioning.DeleteRootPassword=y in /etc/waagent.conf."
)


def forecast(before: Observation) -> tuple[Foretold, ...]:
    """Return what identifies this machine, each with whether it will survive the step.

    Only Linux guests are foretold: Sysprep leaves nothing that an option of ours removes.
    """
    guest, policy = before.guest, before.policy
    if not isinstance(guest, LinuxGuest):
        return ()
    return (*(rule(guest, policy) for rule in (*_RULES, *LEFT, *KEPT)), *_passwords(guest, policy))


def _machine_id(guest: LinuxGuest, policy: Policy) -> bool:
    """The agent and cloud-init blank the id of systemd; D-Bus's own copy nobody does."""
    if not guest.dbus_machine_id.absent and guest.dbus_machine_id.value != "link":
        return True
    if guest.machine_id.absent or guest.machine_id.value in ("empty", "uninitialized"):
        return False
    if policy.cloud_init is not None and "machine-id" in policy.cloud_init:
        return False
    return guest.distribution.value_or("") not in _AGENT_REMOVES_MACHINE_ID


def _backup(guest: LinuxGuest, policy: Policy) -> bool:
    """userdel copies shadow before it edits it: what is a hash then is one in the copy."""
    if not policy.removes_user:
        return guest.residue.backup_hashes.value_or(0) > 0
    locked = _locks_root(guest)
    return any(item.kind == "hash" and not (item.account == "root" and locked) for item in guest.password_fields.value)


def _host_keys(guest: LinuxGuest, policy: Policy) -> bool:
    return guest.residue.host_keys.value > 0 and not _switch(guest, "Provisioning.RegenerateSshHostKeyPair")


def _sudoers(guest: LinuxGuest, policy: Policy) -> bool:
    """An account that goes leaves its rights behind; so did one that is gone already."""
    named = {
        rule.account
        for rule in guest.sudo.sudo_rules.value_or(())
        if rule.cleaned and not rule.file.endswith("/waagent")
    }
    agents = set(guest.deprovision.sudoers_accounts.value_or(()))  # waagent edits its own file for one account only
    if not named | agents:
        return False
    gone = goes(guest, policy)
    there = {item.account for item in guest.password_fields.value}
    return bool(named & {gone} or named - there - set(policy.allow_accounts) or agents - there - {gone})


def _rules_beyond(guest: LinuxGuest, policy: Policy) -> bool:
    """Rules of more than one account, and in other files, the removal leaves as they are."""
    named = {rule.account for rule in guest.sudo.sudo_rules.value_or(()) if not rule.cleaned}
    if not named:
        return False
    there = {item.account for item in guest.password_fields.value} - {goes(guest, policy)}
    return bool(named - there - set(policy.allow_accounts))


def _histories(guest: LinuxGuest, policy: Policy) -> bool:
    found = guest.residue.shell_histories.value_or(())
    if not found:
        return False
    gone = goes(guest, policy)
    return any(item.account != gone and (item.account, item.file) != ("root", ".bash_history") for item in found)


def _passwords(guest: LinuxGuest, policy: Policy) -> tuple[Foretold, ...]:
    """Foretell the passwords: waagent removes one account, and locks root only if its configuration says so."""
    try:
        gone = {goes(guest, policy)} | ({"root"} if _locks_root(guest) else set())
        staying = [item for item in guest.password_fields.value if item.kind != "locked" and item.account not in gone]
    except UnknownFact as error:
        return (_password("the password of another account", Fact.unknown(str(error))),)
    if not staying:
        return (_password("the password of another account", Fact.of(False)),)
    return tuple(_password(f"the password of account {item.account} ({item.kind})", Fact.of(True)) for item in staying)


def _password(what: str, survives: Fact[bool]) -> Foretold:
    return Foretold(check="LNX-SHADOW-001", clean="", what=what, remedy=_LOCK, survives=survives)


def _locks_root(guest: LinuxGuest) -> bool:
    return _switch(guest, "Provisioning.DeleteRootPassword")


def _switch(guest: LinuxGuest, key: str) -> bool:
    # waagent -show-configuration: Provisioning.DeleteRootPassword = True
    return guest.agent_configuration.value.get(key) == "True"


_RULES = (
    by_key("LNX-MACHINE-001", "machine-id", "the machine-id of every clone (/etc/machine-id)", _machine_id),
    by_key("LNX-BACKUP-001", "passwd-backups", "a password hash in /etc/shadow- (userdel's copy)", _backup),
    by_key("LNX-RESIDUE-001", "host-keys", "the SSH host keys in /etc/ssh", _host_keys),
    by_key(
        "LNX-RESIDUE-002",
        "sudoers",
        "sudo rights of an account that is gone (/etc/sudoers, /etc/sudoers.d)",
        _sudoers,
        beyond=_rules_beyond,
        otherwise="The key `sudoers` takes out rules of one account each: take the account out of lists, aliases, "
        "included files and lines that go on with visudo, or name one that may stay in `allow_accounts`.",
    ),
    by_key(
        "LNX-RESIDUE-003",
        "histories",
        "shell histories in homes that stay",
        _histories,
        beyond=lambda guest, _: any(item.account == FAR for item in guest.residue.shell_histories.value_or(())),
        otherwise=OUT_OF_REACH,
    ),
)
