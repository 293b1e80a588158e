"""Ctrl-C and SIGTERM: the first lets a run end well, the next says what would be abandoned, the one after abandons it.

A pipeline's host sends a signal, then another, and kills a little later; a person presses Ctrl-C until something
happens. So the second must not be the end already.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """What a process does about signals while it has a run. Only for the main thread, which alone gets them."""

    def __init__(self) -> None:
        self._before: dict[signal.Signals, Any] = {}

    def begin(self) -> None:
        """Let SIGTERM interrupt as Ctrl-C does."""
        if threading.current_thread() is threading.main_thread() and not self._before:
            self._before = {number: signal.signal(number, _interrupt) for number in _SIGNALS}

    def wait(self, done: Callable[[], bool], say: Callable[[], None], patience: int) -> bool:
        """Wait until `done`, which waits itself and is called again after each signal. Returns False for given up.

        `say` is called at every signal; at the `patience`-th it is given up instead.
        """
        while True:
            try:
                if done():
                    return True
            except KeyboardInterrupt:
                patience -= 1
                if patience <= 0:
                    return False
                say()

    def ignore(self) -> None:
        """Let nothing interrupt what comes now: the record is being written."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def end(self) -> None:
        """Give the signals back to whoever had them."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
