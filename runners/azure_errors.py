"""The SDK's exceptions as ours: what was being done, what Azure said, and whether it may be asked again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError as SdkError
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from runners.denied import not_signed_in, refused
from runners.errors import AgainError, AzureError, RefusedError
from runners.quota import HeldError
from runners.retry_after import retry_after

AGAIN = (408, 429, 500, 502, 503, 504)
"""What Azure answers while it can't, or will not yet."""


@contextmanager
def explained(what: str, *, acts: bool = False, update: bool = False) -> Iterator[None]:
    """Turn the SDK's exceptions into `AzureError`, which says what was being done.

    What `acts` and got no answer may have been heard: whoever asked for it must look before it is asked for again.
    `update`: whether it counts against the updates that Azure allows a VM, so that it is asked for again a few times.
    """
    try:
        yield
    except HttpResponseError as error:
        code = str(error.error.code) if error.error is not None and error.error.code else ""
        message = str(error.error.message) if error.error is not None and error.error.message else _first_line(error)
        if isinstance(error, ClientAuthenticationError) and not code:
            # of the credential, before ARM was asked: an answer of ARM has a code
            raise AzureError(f"{what}: not signed in: {not_signed_in(str(error))}", status=401) from None
        status = error.status_code or 0
        text = f"{what}: {refused(status, code, message)}"
        if status in AGAIN:
            seconds = retry_after(getattr(error.response, "headers", {}))
            raise AgainError(text, status=status, code=code, seconds=seconds, update=update) from None
        raise AzureError(text, status=status, code=code) from None
    except HeldError as error:
        raise AgainError(f"{what}: {error}", status=429, seconds=error.seconds, sent=False) from None
    except SdkError as error:
        kind = AzureError if acts else AgainError
        raise kind(f"{what}: no answer from Azure: {_first_line(error)}") from None


@contextmanager
def refusing() -> Iterator[None]:
    """Tell a refusal from other errors. For calls that are sent once, whatever becomes of them.

    One that was not sent for want of quota may be made again.
    """
    try:
        yield
    except AgainError as error:
        if not error.sent:
            error.once = True
            raise
        raise _told(error, error.seconds) from None
    except AzureError as error:
        raise _told(error, 0.0) from None


def _told(error: AzureError, seconds: float) -> AzureError:
    if 400 <= error.status < 500 and error.status != 408:
        return RefusedError(str(error), status=error.status, code=error.code, seconds=seconds)
    return AzureError(str(error), status=error.status, code=error.code)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:500]
