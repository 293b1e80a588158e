"""Real guests for the tests: each module has a machine of its own, which goes on from the image's boot."""

from collections.abc import Iterator

import pytest

from lab.guests.real import RealGuest


@pytest.fixture(scope="module")
def guest() -> Iterator[RealGuest]:
    machine = RealGuest.from_scenario("debian", {"image": "debian-bookworm"})
    try:
        machine.start()
        yield machine
    finally:
        machine.close()
