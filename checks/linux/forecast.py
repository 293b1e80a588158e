"""The forecast of what survives deprovisioning, against what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from checks.catalogue import Problem, check, problem
from checks.facts import Foretold, LinuxDisk, Observation, Policy
from checks.linux import identity, machine_id, password, residue, secret, ssh_key, stopped_state
from checks.parts import problems_of

FINDS: Mapping[str, Callable[[LinuxDisk, Policy], list[Problem]]] = {
    "LNX-MACHINE-001": lambda disk, _: machine_id.check_machine_id_blank(disk),
    "LNX-BACKUP-001": lambda disk, _: password.check_password_backup_empty(disk),
    "LNX-BACKUP-002": lambda disk, _: secret.check_secret_hashed_copies_gone(disk),
    "LNX-SHADOW-001": lambda disk, _: password.check_password_locked(disk),
    "LNX-RESIDUE-001": lambda disk, _: residue.check_residue_host_keys_gone(disk),
    "LNX-RESIDUE-002": residue.check_residue_sudo_rights_gone,
    "LNX-RESIDUE-003": residue.check_residue_histories_gone,
    "LNX-RESIDUE-005": secret.check_secret_tool_histories_gone,
    "LNX-RESIDUE-004": lambda disk, _: residue.check_residue_cloud_instances_gone(disk),
    "LNX-KEY-001": ssh_key.check_ssh_key_unauthorized,
    "LNX-KEY-002": ssh_key.check_ssh_key_private_gone,
    "LNX-KEY-003": ssh_key.check_ssh_key_peers_unnamed,
    "LNX-KEY-004": lambda disk, _: ssh_key.check_ssh_key_host_elsewhere_gone(disk),
    "LNX-CREDENTIAL-001": secret.check_secret_credentials_gone,
    "LNX-USERDATA-001": secret.check_secret_user_data_gone,
    "LNX-HOSTNAME-002": stopped_state.check_stopped_hostname_forgotten,
    "LNX-CRON-001": stopped_state.check_stopped_crontabs_owned,
    "LNX-LEASE-001": stopped_state.check_stopped_leases_gone,
    "LNX-LOG-001": stopped_state.check_stopped_logs_empty,
    "LNX-TMP-001": stopped_state.check_stopped_temporary_gone,
    "LNX-REGISTER-001": identity.check_identity_registration_left,
    "LNX-DOMAIN-002": identity.check_identity_domain_left,
    "LNX-DEFENDER-002": identity.check_identity_onboarding_gone,
    "LNX-MESH-002": identity.check_identity_peer_keys_gone,
    "LNX-MANAGER-002": identity.check_identity_cluster_keys_gone,
    "LNX-NIC-007": identity.check_identity_network_free,
    "LNX-DUMP-001": secret.check_secret_memory_dumps_gone,
    "LNX-INSTALLER-001": lambda disk, _: secret.check_secret_installer_hashes_gone(disk),
}
"""The checks that find what is foretold."""


def _foretold(before: Observation) -> bool:
    return bool(before.forecast)


@check(
    "LNX-FORECAST-001",
    "what survived is what the forecast said",
    phase="post",
    platform="linux",
    severity="warning",
    applies=_foretold,
    why="The forecast closes the gate before the irreversible step. Where it is wrong it knows something of this "
    "distribution, agent or machine that is not so, and the next gate may be open wrongly.",
    fix="Look at what differs, seal again with the `clean` key that the page of steps names, and report it.",
    source="runners/generalize/forecast.py: our own forecast, against our own reading of the disk",
    grade="S",
)
def check_forecast_right(disk: LinuxDisk, before: Observation, policy: Policy) -> list[Problem]:
    return problems_of(*(partial(_wrong, item, disk, policy) for item in before.forecast))


def _wrong(foretold: Foretold, disk: LinuxDisk, policy: Policy) -> list[Problem]:
    if not foretold.survives.known:
        return []
    found = bool(FINDS[foretold.check](disk, policy))
    if found == foretold.survives.value:
        return []
    seen, said = ("it is there", "gone") if found else ("it is gone", "still there")
    return [problem(observed=seen, expected=f"{said}, as foretold", where=f"{foretold.what} ({foretold.check})")]
