"""The disk of a real machine, frozen as a snapshot of the lab freezes it."""

from __future__ import annotations

import itertools

import pytest

from lab.guests.real import RealGuest

pytestmark = pytest.mark.real


def test_a_frozen_disk_is_the_disk_and_its_holes_are_known(guest: RealGuest) -> None:
    guest.power_off()
    frozen = guest.freeze_disk()
    size = guest.disk_size()
    assert frozen.size() == size
    written = list(guest.disk_spans(0, size))
    assert 0 < sum(end - begin for begin, end in written) < size
    for begin, end in written[:: max(1, len(written) // 50)]:
        length = min(end - begin, 65536)
        assert frozen.read(begin, length) == guest.read_disk(begin, length)
    holes = [(end, begin) for (_, end), (begin, _) in itertools.pairwise(written)]
    for begin, end in holes[:20]:
        assert not any(frozen.read(begin, min(end - begin, 65536)))
