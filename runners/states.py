"""The states of a fleet that waits: one list call for all VMs of a subscription, instead of one call for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runners.azure import Arm
from runners.errors import AzureError
from runners.resource_id import ResourceId
from runners.scheduler import Scheduler

FEW = 4
"""From so many VMs on that wait at once, a list is cheaper than their own views: Azure counts it as a costly read."""

_LIST_SECONDS = 20.0
"""How long a list is waited for at least; whoever waits then looks at its own VM."""

View = Mapping[str, Any]
"""An instance view, as ARM gives it."""


class FleetStates:
    """What waits for VMs asks here. It is for waiting alone: what is done next is decided by the VM's own view."""

    def __init__(self, arm: Arm, scheduler: Scheduler) -> None:
        self._arm = arm
        self._scheduler = scheduler
        self._lists: dict[str, _Polls] = {}

    async def glance(self, vm: str) -> View:
        """Return the VM's instance view, no older than one poll. Raises `AzureError`."""
        subscription = ResourceId.parse(vm).subscription.lower()
        polls = self._lists.setdefault(subscription, _Polls(self._arm, self._scheduler, subscription))
        view = await polls.listed(vm)
        # A VM that a list leaves out may be gone, or not be shown to us: its own view tells.
        return view if view is not None else await self._scheduler.call(self._arm.instance_view, vm)


class _Polls:
    """The list calls of one subscription."""

    def __init__(self, arm: Arm, scheduler: Scheduler, subscription: str) -> None:
        self._arm = arm
        self._scheduler = scheduler
        self._subscription = subscription
        self._period = timedelta(seconds=arm.cloud.poll_seconds)
        self._waiting: dict[str, datetime] = {}
        self._counted = scheduler.now()
        self._asked: datetime | None = None
        self._answer: asyncio.Task[Mapping[str, View]] | None = None
        self._refused = False

    async def listed(self, vm: str) -> View | None:
        """Return what the subscription's list says of the VM; None where few wait, or the list says nothing."""
        now = self._scheduler.now()
        self._waiting[vm.lower()] = now
        if now - self._counted > self._period:  # not at every call: each looks at all that wait
            self._counted = now
            self._waiting = {name: at for name, at in self._waiting.items() if now - at < 3 * self._period}
        if self._refused or len(self._waiting) < FEW:
            return None
        try:
            listed = await self._list(now)
        except AzureError as error:
            # A role that is given on a resource group may read its VMs, and not list those of the subscription.
            if error.status not in (401, 403, 404):
                raise
            self._refused = True
            return None
        return None if listed is None else listed.get(vm.lower())

    async def _list(self, now: datetime) -> Mapping[str, View] | None:
        asked, answer = self._asked, self._answer
        # Whoever waits comes once in a period: a list that is nearly one old would be a period older to the next.
        if answer is None or asked is None or (answer.done() and now - asked > 0.8 * self._period):
            self._asked = now
            self._answer = answer = asyncio.create_task(
                self._scheduler.call(self._arm.instance_views, self._subscription)
            )
        # One list that hangs must not keep the whole fleet from looking.
        await asyncio.wait({answer}, timeout=max(2 * self._period.total_seconds(), _LIST_SECONDS))
        return answer.result() if answer.done() else None
