"""What can be tried before the step of what is needed after it, by looking alone. What fails closes the gate.

The stopped disk itself can't be: Azure grants no access to the disk of a VM that is not deallocated, and names the host
that it is read from only in that grant.
"""

from __future__ import annotations

from checks.facts import AzureFacts
from runners.azure import Arm
from runners.errors import AzureError
from runners.scheduler import Scheduler


async def unheard(arm: Arm, scheduler: Scheduler, azure: AzureFacts) -> tuple[str, ...]:
    """Return why the serial log, which has the guest's last words, could not be fetched; empty where it can be.

    That is also the route to a blob host of Azure, from this machine. Only Linux writes there, and only where boot
    diagnostics are on is there a log; AZ-SERIAL-001 says where they are not.
    """
    if azure.platform != "linux" or not azure.serial_log.known or not azure.serial_log.value_or(False):
        return ()
    try:
        await scheduler.call(arm.serial_log, azure.id)
    except AzureError as error:
        return (
            "the serial log, where the sealing step leaves its transcript, can't be fetched already now, and could not "
            f"be afterwards: {error}",
        )
    return ()
