"""Everything that can go wrong on the way, as one tree.

    SealproofError
    |-- UsageError              the user must change a file or an option; exit 4, no traceback
    |   `-- FleetError            the fleet file
    |-- ObservationError        something could not be observed; what depends on it is undetermined
    |   |-- AzureError            ARM refused or failed; carries status and code
    |   |   |-- AgainError          ARM could not answer now; the same call may be made again
    |   |   |-- RefusedError        ARM refused to begin an operation: nothing was done
    |   |   `-- OperationError      a long-running operation ended badly
    |   |-- ChannelError          a script could not be run in the guest
    |   |   `-- FrameError          the guest's answer is incomplete or damaged
    |   `-- DiskError             the stopped disk could not be read
    |-- DeskError               a worker of pytest-xdist lost the process that drives the run
    `-- StepError               a step of the generalization failed; the journal says how far it got

Messages are for a stranger: what was being done, to what, what was seen, what to do next. They hold no secret:
a SAS URL is named by its host alone, and errors of lower layers that might carry one are raised `from None`.
"""

from __future__ import annotations


class SealproofError(Exception):
    """Base of all errors of this project."""


class UsageError(SealproofError):
    """The user must change something. Shown without a traceback; the exit code is 4."""


class FleetError(UsageError):
    """The fleet file can't be used. The text names file, line and remedy."""


class ObservationError(SealproofError):
    """Something could not be observed. What depends on it is undetermined, never passed."""


class AzureError(ObservationError):
    """ARM refused a call or could not be reached.

    `status` is the HTTP status (0 when there was no answer); `code` is ARM's own error code, such as
    `OperationNotAllowed`, or empty.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class AgainError(AzureError):
    """ARM throttles, is unavailable, or gave no answer, to a call that may be made a second time.

    `seconds` is for how long ARM asks not to be asked again, 0 where it does not say. `sent` is False where nothing was
    sent, since the subscription's quota is known to be used up; `once` is True where that was an act, whose ground may
    shift while it waits. `update` says that the call counts against the few updates that Azure allows a VM.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        seconds: float = 0.0,
        sent: bool = True,
        once: bool = False,
        update: bool = False,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.seconds = seconds
        self.sent = sent
        self.once = once
        self.update = update


class RefusedError(AzureError):
    """ARM refused the only request to begin an operation, or was not even asked, so that nothing was done.

    `seconds` is for how long it is not to be asked again, 0 where nobody says.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "", seconds: float = 0.0) -> None:
        super().__init__(message, status=status, code=code)
        self.seconds = seconds


class OperationError(AzureError):
    """A long-running operation ended as Failed or Canceled."""


class ChannelError(ObservationError):
    """A script could not be run in the guest, or gave no usable answer."""


class FrameError(ChannelError):
    """The guest's answer is incomplete, damaged or not ours; it is never parsed."""


class DiskError(ObservationError):
    """The stopped disk could not be read."""


class ReaderKilledError(DiskError):
    """The process that reads disks was killed: by a person, or by the system for want of memory or of time."""


class DeskError(SealproofError):
    """A worker of pytest-xdist can't ask the process that drives the run, which writes the record all the same."""


class StepError(SealproofError):
    """A step of the generalization failed. The text says which, on what, and what a person must look at."""
