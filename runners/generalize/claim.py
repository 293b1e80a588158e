"""The claim: a tag on the VM that says which run owns it. It excludes other runs; it never authorises one."""

from __future__ import annotations

from collections.abc import Mapping

from runners.azure import Arm
from runners.errors import AzureError, StepError
from runners.scheduler import Scheduler

TAG = "sealproof-claim"


def foreign_claim(tags: Mapping[str, str], run: str) -> str:
    """Return another run's claim in a VM's tags; empty where there is none, or where it is ours. ARM ignores case."""
    for key, value in tags.items():
        if key.lower() == TAG and not value.startswith(f"{run} "):
            return value
    return ""


def lost_claim(tags: Mapping[str, str], run: str, *, claimed: bool) -> str:
    """Return why a VM is not `run`'s any more, by its tags right before the launch; empty where it still is.

    `claimed`: whether the run has written its claim, so that it must be there.
    """
    other = foreign_claim(tags, run)
    if other:
        return f"another run has claimed the VM meanwhile: {other}"
    if claimed and not any(key.lower() == TAG for key in tags):
        return "this run's claim is gone from the VM's tags: somebody else is at work on it"
    return ""


class Claim:
    """One run's claim on one VM. Tags are replaced as a whole, under the VM's ETag, so that no two runs both win.

    Whether Azure honours If-Match on a VM's tags was not verified against the real service.
    """

    def __init__(self, arm: Arm, scheduler: Scheduler, vm: str, run: str) -> None:
        self._arm = arm
        self._scheduler = scheduler
        self._vm = vm
        self._run = run

    async def take(self) -> None:
        """Write the claim. Raises `StepError` where another run holds one, or was faster."""
        model = await self._scheduler.call(self._arm.virtual_machine, self._vm)
        tags = dict(model.get("tags") or {})
        other = foreign_claim(tags, self._run)
        if other:
            raise StepError(f"another run has claimed this VM: {other}")
        etag = str(model.get("etag") or "")
        if not etag:
            raise StepError(
                "Azure gave no ETag for this VM, so a claim could not exclude a run that starts at the same moment. "
                "Set `claim: none` for this target and make sure that no two pipelines run at once."
            )
        tags[TAG] = f"{self._run} generalize {self._scheduler.now():%Y-%m-%dT%H:%M:%SZ}"
        try:
            await self._scheduler.call(self._arm.set_tags, self._vm, tags, etag)
        except AzureError as error:
            if error.status == 412:
                raise StepError("the VM was changed by somebody else while this run claimed it; run again") from None
            raise StepError(
                f"the VM could not be claimed: {error}. Grant Microsoft.Compute/virtualMachines/write, or set "
                "`claim: none` for this target and make sure that no two pipelines run at once."
            ) from None

    async def release(self) -> None:
        """Remove the claim, if it is still ours."""
        model = await self._scheduler.call(self._arm.virtual_machine, self._vm)
        tags = dict(model.get("tags") or {})
        mine = {key: value for key, value in tags.items() if key.lower() == TAG and value.startswith(f"{self._run} ")}
        if mine:
            kept = {key: value for key, value in tags.items() if key not in mine}
            await self._scheduler.call(self._arm.set_tags, self._vm, kept, str(model.get("etag", "")))
