"""Which files that identify a machine or let somebody in will survive the step. Data, and a predicate each."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts import HeldFile, LinuxGuest, LoginKey, Policy, UnknownFact
from runners.generalize.foretold import by_cloud_init, by_hand, by_key, goes

_IN_HOME = "Remove them in the source VM, or name them in `allow_files` of the fleet file."
FAR = "+"
"""The account of files in homes that no key of `clean` visits."""
OUT_OF_REACH = (
    "The key `histories` visits the homes of accounts, and those in /home and a folder further down: remove in the "
    "source VM what is in others."
)
_LOGS = "Add `logs` to the target's `clean` list in the fleet file: Sealproof then removes them after waagent."
_ROOT = "For root's add `root-ssh` to the target's `clean` list in the fleet file; remove others in the source VM, or "


def _authorized_keys(guest: LinuxGuest, policy: Policy) -> bool:
    gone = _without_ssh(guest, policy)
    return any(
        key.account not in gone
        and key.fingerprint not in policy.allow_authorized_keys
        and (owner := _owner(key, guest, policy)) not in policy.allow_accounts
        and (policy.removes_user or owner in ("root", "-", FAR))
        for key in guest.residue.authorized_keys.value_or(())
    )


def _owner(key: LoginKey, guest: LinuxGuest, policy: Policy) -> str:
    """Return whose the disk will say that a key is: outside of homes it is nobody's once its account is gone."""
    name = key.account.removeprefix("=")
    return "-" if name != key.account and name == goes(guest, policy) else name


def _private_keys(guest: LinuxGuest, policy: Policy) -> bool:
    return _stay(_of_ssh(guest.residue.private_keys.value_or(()), policy), guest, policy)


def _peers(guest: LinuxGuest, policy: Policy) -> bool:
    return _stay(_of_ssh(guest.residue.ssh_peers.value_or(()), policy), guest, policy)


def _of_ssh(files: tuple[HeldFile, ...], policy: Policy) -> tuple[HeldFile, ...]:
    """Return the files but for those of root's that `root-ssh` removes."""
    if "root-ssh" not in policy.clean:
        return files
    return tuple(item for item in files if item.account != "root" or not item.file.startswith(".ssh/"))


def _credentials(guest: LinuxGuest, policy: Policy) -> bool:
    return _stay(guest.residue.credentials.value_or(()), guest, policy)


def _stay(files: Iterable[HeldFile], guest: LinuxGuest, policy: Policy) -> bool:
    """Return whether one of the files stays that may not. Only root's home and those in /home have a known path."""
    account = goes(guest, policy)
    return any(item.account != account and not policy.may_stay(_path(item)) for item in files)


def _far(files: Iterable[HeldFile]) -> tuple[HeldFile, ...]:
    return tuple(item for item in files if item.account == FAR)


def _path(item: HeldFile) -> str:
    if item.account in ("-", FAR):
        return item.file
    return f"/root/{item.file}" if item.account == "root" else f"/home/{item.account}/{item.file}"


def _without_ssh(guest: LinuxGuest, policy: Policy) -> tuple[str, ...]:
    """Return the accounts of which no file of ssh stays."""
    account = goes(guest, policy)
    return (*((account,) if account else ()), *(("root",) if "root-ssh" in policy.clean else ()))


def _crontabs(guest: LinuxGuest, policy: Policy) -> bool:
    """An account that goes leaves its crontab behind; so did one that is gone already."""
    named = set(guest.residue.crontabs.value_or(()))
    if not named:
        return False
    there = {item.account for item in guest.password_fields.value} - {goes(guest, policy)}
    return bool(named - there)


def _user_data(guest: LinuxGuest, policy: Policy) -> bool:
    cleaned = policy.cloud_init
    kept = guest.residue.cloud_user_data.value_or(0) if cleaned is None else 0
    return kept + (guest.residue.cloud_seed.value_or(0) if "seed" not in (cleaned or ()) else 0) > 0


def _logs(guest: LinuxGuest, policy: Policy) -> bool:
    """The removal empties them, and the system goes on to write some, the journal above all, until it is off."""
    if guest.residue.log_files.value_or(0) == 0:
        return False
    if "logs" in policy.clean:
        raise UnknownFact("what the system writes while it stops is not foretold")
    return True


LEFT = (
    by_cloud_init(
        "LNX-RESIDUE-004",
        "cloud-init's state of this machine (/var/lib/cloud)",
        lambda guest, policy: policy.cloud_init is None and guest.residue.cloud_instances.value_or(0) > 0,
    ),
    by_cloud_init("LNX-USERDATA-001", "copies of the user data (/var/lib/cloud)", _user_data),
    by_cloud_init(
        "LNX-HOSTNAME-002",
        "cloud-init's memory of the host name (/var/lib/cloud/data)",
        lambda guest, policy: policy.cloud_init is None and guest.residue.cloud_hostname.value_or(False),
    ),
    by_hand(
        "LNX-KEY-001",
        "SSH keys that let somebody in (authorized_keys)",
        f"{_ROOT}name them in `allow_authorized_keys`.",
        _authorized_keys,
        "root-ssh",
    ),
    by_hand("LNX-KEY-002", "private keys", f"{_ROOT}name them in `allow_files`.", _private_keys, "root-ssh"),
    by_hand(
        "LNX-KEY-003",
        "names of machines that were logged in to",
        f"{_ROOT}name them in `allow_files`.",
        _peers,
        "root-ssh",
    ),
    by_key(
        "LNX-RESIDUE-005",
        "histories",
        "histories of other tools than shells",
        lambda guest, policy: _stay(guest.residue.tool_histories.value_or(()), guest, policy),
        beyond=lambda guest, policy: _stay(_far(guest.residue.tool_histories.value_or(())), guest, policy),
        otherwise=OUT_OF_REACH,
    ),
    by_hand("LNX-CREDENTIAL-001", "credentials of clouds, registries and databases", _IN_HOME, _credentials),
    by_key(
        "LNX-BACKUP-002",
        "passwd-backups",
        "a password hash in another copy of the account files",
        lambda guest, _: guest.residue.copied_hashes.value_or(0) > 0,
    ),
    by_key("LNX-CRON-001", "crontabs", "crontabs of accounts that are gone", _crontabs),
    by_key(
        "LNX-LEASE-001",
        "leases",
        "state of this machine's networks (NetworkManager, wicked)",
        lambda guest, _: guest.residue.lease_files.value_or(0) > 0,
    ),
    by_hand("LNX-LOG-001", "logs of this machine (/var/log)", _LOGS, _logs, "logs"),
    by_key(
        "LNX-TMP-001",
        "tmp",
        "temporary files (/tmp, /var/tmp)",
        lambda guest, _: guest.residue.temporary_files.value_or(0) > 0,
    ),
)
