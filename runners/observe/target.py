"""One observation of one target before the step: through ARM and, where it runs, inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checks.facts import AzureFacts, LinuxGuest, Observation, Policy, Unobserved, WindowsGuest
from runners.errors import ObservationError
from runners.fleet import Target
from runners.generalize.forecast import forecast
from runners.observe.azure import observe_azure
from runners.world import World


def policy_of(target: Target, *, foreign: bool = False) -> Policy:
    """Return what the fleet file asks for a target. `foreign`: somebody else did the sealing, unseen."""
    return Policy(
        deprovision_user=target.deprovision_user,
        clean=target.clean,
        cloud_init=None if target.cloud_init is False else target.cloud_init,
        witness="disk" if foreign else target.witness,
        allow_accounts=target.allow_accounts,
        accounts=target.accounts if foreign else (),
        foreign=foreign,
        allow_profiles=target.allow_profiles,
        allow_certificates=target.allow_certificates,
        allow_tasks=target.allow_tasks,
        allow_authorized_keys=target.allow_authorized_keys,
        allow_files=target.allow_files,
        sysprep_end=target.sysprep.end,
        sysprep_mode=target.sysprep.mode,
        run_as=target.sysprep.run_as,
        require_supported_identity=target.require_supported_identity,
        profile=target.profile,
    )


async def observe_target(
    world: World, target: Target, stay_away: Callable[[AzureFacts], str] | None = None
) -> Observation:
    """Observe a target. Never raises for what the world does: a vantage that fails is there with its reason.

    `stay_away` says why its guest must not be asked, by what Azure says of it; empty where it may.
    """
    try:
        azure: AzureFacts | Unobserved = await observe_azure(world.arm, world.scheduler, target.id)
    except ObservationError as error:
        azure = Unobserved(str(error))
    platform = azure.platform if isinstance(azure, AzureFacts) else target.platform or "unknown"
    reason = stay_away(azure) if stay_away and isinstance(azure, AzureFacts) else ""
    guest = Unobserved(reason) if reason else await _observe_guest(world, target, azure, platform)
    seen = Observation(platform=platform, azure=azure, guest=guest, policy=policy_of(target))
    return replace(seen, forecast=forecast(seen))


async def _observe_guest(
    world: World, target: Target, azure: AzureFacts | Unobserved, platform: str
) -> LinuxGuest | WindowsGuest | Unobserved:
    if isinstance(azure, Unobserved):
        return Unobserved(f"the VM could not be read: {azure.reason}")
    if platform not in ("linux", "windows"):
        return Unobserved(f"its OS disk is neither Linux nor Windows ({platform or 'no OS type'})")
    if azure.power_state.known and azure.power_state.value != "running":
        return Unobserved(f"the VM is {azure.power_state.value}, so nothing inside it could be asked")
    try:
        return await world.ask_guest(world.channel(target, platform), platform, target.profile)
    except ObservationError as error:
        return Unobserved(str(error))
