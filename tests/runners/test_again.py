"""When a call is made again."""

from __future__ import annotations

import asyncio

import pytest

from runners.again import ACT_PATIENCE_SECONDS, PATIENCE_SECONDS, TRIES, UNHEARD_TRIES, UPDATE_TRIES, seconds_before
from runners.azure_errors import explained, refusing
from runners.errors import AgainError, AzureError, RefusedError
from runners.quota import HeldError
from runners.scheduler import ThreadScheduler


def least(low: float, _high: float) -> float:
    return low


def busy(seconds: float = 0.0, status: int = 503, *, sent: bool = True, update: bool = False) -> AgainError:
    return AgainError("reading VM golden: HTTP 503", status=status, seconds=seconds, sent=sent, update=update)


def test_nobody_comes_earlier_than_azure_asks() -> None:
    assert seconds_before(busy(30), 1, 0, least) == 30
    assert seconds_before(busy(30), 1, 0, lambda _, high: high) == 33
    assert seconds_before(busy(1000), 1, 0, lambda _, high: high) == 1005


def test_without_advice_the_second_try_comes_at_once_and_others_later_each_time() -> None:
    waits = [seconds_before(busy(), tries, 0, lambda low, high: (low + high) / 2) for tries in range(1, TRIES)]

    assert waits == [0, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60]


def test_tries_end() -> None:
    assert seconds_before(busy(), TRIES, 0) is None
    assert seconds_before(busy(status=0), UNHEARD_TRIES - 1, 0) is not None
    assert seconds_before(busy(status=0), UNHEARD_TRIES, 0) is None


def test_an_update_of_the_vm_which_azure_counts_is_tried_less_often_and_as_long() -> None:
    mean = [
        seconds_before(busy(update=True), tries, 0, lambda low, high: (low + high) / 2)
        for tries in range(1, UPDATE_TRIES + 1)
    ]

    assert mean == [0, 10, 20, 40, None]
    assert seconds_before(busy(status=0, update=True), UNHEARD_TRIES, 0) is None
    assert seconds_before(busy(status=429, update=True), TRIES - 1, 0) is not None, "what was throttled is none"
    assert seconds_before(busy(status=429, update=True), TRIES, 0) is None


def test_patience_ends() -> None:
    assert seconds_before(busy(600), 1, PATIENCE_SECONDS - 600, least) == 600
    assert seconds_before(busy(600), 1, PATIENCE_SECONDS - 599, least) is None


def unsent_act(seconds: float) -> AgainError:
    """What an act raises for which there is no quota."""
    with pytest.raises(AgainError) as raised, refusing(), explained("flagging VM golden"):
        raise HeldError(seconds)
    return raised.value


def test_an_act_that_was_not_sent_is_waited_out_for_a_short_while() -> None:
    assert seconds_before(unsent_act(2), 0, ACT_PATIENCE_SECONDS - 2, least) == 2
    assert seconds_before(unsent_act(2), 0, ACT_PATIENCE_SECONDS - 1, least) is None


class Flaky:
    def __init__(self, failures: int, error: AzureError) -> None:
        self.calls = 0
        self._failures, self._error = failures, error

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error
        return "done"


def called(flaky: Flaky) -> tuple[str, list[float]]:
    pauses: list[float] = []

    class Hurried(ThreadScheduler):
        async def pause(self, seconds: float) -> None:
            pauses.append(seconds)

    scheduler = Hurried(1)
    try:
        return asyncio.run(scheduler.call(flaky)), pauses
    finally:
        scheduler.close()


def test_a_call_is_made_again_after_a_pause() -> None:
    flaky = Flaky(3, busy())
    answer, pauses = called(flaky)

    assert (answer, flaky.calls, len(pauses), pauses[0]) == ("done", 4, 3, 0)


def test_what_was_not_sent_is_no_try() -> None:
    flaky = Flaky(3 * TRIES, busy(2, 429, sent=False))

    assert called(flaky)[0] == "done"


def test_an_act_for_which_there_is_no_quota_was_refused_and_is_told_how_long_to_wait() -> None:
    flaky = Flaky(99, unsent_act(25))
    with pytest.raises(RefusedError, match="nothing was sent") as raised:
        called(flaky)

    assert (raised.value.status, raised.value.seconds, flaky.calls) == (429, 25, 3)


def test_a_look_for_which_there_is_no_quota_refuses_nothing() -> None:
    flaky = Flaky(99, busy(1300, 429, sent=False))
    with pytest.raises(AgainError):
        called(flaky)

    assert flaky.calls == 2


def test_an_act_that_azure_refuses_tells_how_long_to_wait() -> None:
    with pytest.raises(RefusedError) as raised, refusing():
        raise AgainError("HTTP 429", status=429, seconds=180)
    assert raised.value.seconds == 180

    with pytest.raises(AzureError) as unknown, refusing():
        raise AgainError("HTTP 503", status=503)
    assert not isinstance(unknown.value, RefusedError)


def test_a_call_that_fails_for_good_raises_what_azure_said() -> None:
    flaky = Flaky(99, busy())
    with pytest.raises(AgainError, match="HTTP 503"):
        called(flaky)
    assert flaky.calls == TRIES

    other = Flaky(1, AzureError("HTTP 404", status=404))
    with pytest.raises(AzureError, match="404"):
        called(other)
    assert other.calls == 1
