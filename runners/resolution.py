"""Which VMs the fleet's queries mean: asked of Azure once, before anything is collected, and kept from then on.

Whoever waits for a VM that came later waits for the next run: what is shown, acted on and recorded is this one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports.evidence import Selected
from runners.errors import AzureError, FleetError, UsageError
from runners.fleet import Fleet, Target
from runners.query import Query
from runners.resource_id import ResourceId
from runners.selector import Selector
from runners.target_names import free_name, plain_name
from runners.treatment import Treatment

if TYPE_CHECKING:
    from runners.azure import Arm
    from runners.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Found:
    """What one selector found: ARM ids as Azure spells them, sorted without regard to case."""

    selector: Selector
    subscription: str
    ids: tuple[str, ...]
    at: datetime

    @property
    def record(self) -> Selected:
        """What evidence keeps of it."""
        return Selected(
            query=str(self.selector.query),
            subscription=self.subscription,
            ids=self.ids,
            count=len(self.ids),
            at=self.at,
        )


async def find(selectors: Iterable[Selector], arm: Arm, scheduler: Scheduler) -> tuple[Found, ...]:
    """Ask Azure for the VMs of each selector, with one list for all that look in the same place.

    Raises `UsageError` where it could not be asked, or one of them finds nothing: such a run must not be green.
    """
    lists: dict[tuple[str, str], Sequence[Mapping[str, Any]]] = {}
    found = []
    for selector in selectors:
        query = selector.query
        try:
            subscription = query.subscription or await _only_subscription(query, arm, scheduler)
            place = (subscription, query.group)
            if place not in lists:
                lists[place] = await scheduler.call(arm.virtual_machines, *place)
            ids = sorted((str(vm["id"]) for vm in lists[place] if query.holds(vm)), key=str.lower)
        except AzureError as error:
            hint = "" if error.status != 403 or query.group else " With group:NAME a role on that group is enough."
            raise UsageError(f"select {query}: {str(error).rstrip('.')}.{hint} Nothing was started.") from None
        except ValueError as error:
            raise UsageError(
                f"select {query}: Azure's list holds something else: {error}. Nothing was started."
            ) from None
        if not ids:
            compare = " Compare with `az vm list --query '[].{id:id, tags:tags}'`: case counts in values." * bool(
                query.tags
            )
            raise UsageError(
                f"select {query}: no VM of subscription {subscription} meets that, of {len(lists[place])} that were "
                f"listed.{compare} Nothing was started."
            )
        found.append(Found(selector, subscription, tuple(ids), scheduler.now()))
    return tuple(found)


async def _only_subscription(query: Query, arm: Arm, scheduler: Scheduler) -> str:
    visible = sorted({text.lower() for text in await scheduler.call(arm.subscriptions)})
    if len(visible) == 1:
        return visible[0]
    seen = (
        f"sees {len(visible)}: {', '.join(visible[:5])}{', ...' if len(visible) > 5 else ''}"
        if visible
        else "sees none"
    )
    raise UsageError(
        f"select {query}: it names no subscription, and who is signed in {seen}. Add subscription:ID (`az account "
        "list` prints them). Nothing was started."
    )


def resolved(fleet: Fleet, found: Sequence[Found]) -> Fleet:
    """Return the fleet with the VMs that were found, after its own targets, in the order of their ARM ids.

    A target of its own wins over one that was found. Raises `FleetError` where two selectors would treat a VM in
    different ways.
    """
    own = {target.subject.lower() for target in fleet.targets}
    whose: dict[str, tuple[str, Selector]] = {}
    for item in found:
        for vm in item.ids:
            _, other = whose.setdefault(vm.lower(), (vm, item.selector))
            if vm.lower() not in own and not item.selector.treats_like(other):
                raise FleetError(
                    f"{fleet.source}: {vm} is found by select {other.query} and by select {item.selector.query}, which "
                    "treat it in different ways. Narrow one of them, or give the VM an entry of its own, which wins."
                )
    ids = sorted(key for key in whose if key not in own)
    names = _names([whose[key][0] for key in ids], [target.name for target in fleet.targets])
    targets = tuple(_target(*whose[key], name) for key, name in zip(ids, names, strict=True))
    return fleet.model_copy(update={"targets": (*fleet.targets, *targets), "selectors": ()})


def stand_ins(fleet: Fleet) -> Fleet:
    """Return the fleet with its queries in place of what they would find: for lists of items alone."""
    unknown = (Target.model_construct(name=str(item.query), platform=item.platform) for item in fleet.selectors)
    return fleet.model_copy(update={"targets": (*fleet.targets, *unknown)})


def _names(ids: Sequence[str], taken: Iterable[str]) -> list[str]:
    """Return a name for each VM: its own, with its resource group's where another target is called the same."""
    used = {name.lower() for name in taken}
    places = [ResourceId.of_vm(vm) for vm in ids]
    plain = [plain_name(at.name, "vm") for at in places]
    often = Counter([*used, *(name.lower() for name in plain)])
    names = []
    for at, name in zip(places, plain, strict=True):
        wanted = name if often[name.lower()] == 1 else plain_name(f"{at.name}.{at.group}", "vm")
        names.append(free_name(wanted, used))
        used.add(names[-1].lower())
    return names


def _target(vm: str, selector: Selector, name: str) -> Target:
    return Target(name=name, id=vm, **{key: getattr(selector, key) for key in Treatment.model_fields})
