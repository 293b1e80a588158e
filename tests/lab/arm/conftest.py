"""A lab with guests in memory: `running` is fresh for each test, `shared` is for tests that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.mgmt.compute import ComputeManagementClient

from lab.server import Lab, serve
from tests.lab.machines import Arm, compute, memory_guest

SCENARIO = Path(__file__).parent / "scenario.yaml"


@pytest.fixture
def running() -> Iterator[Lab]:
    with serve(SCENARIO, guests=memory_guest) as lab:
        yield lab


@pytest.fixture
def sdk(running: Lab) -> Iterator[ComputeManagementClient]:
    with compute(running) as client:
        yield client


@pytest.fixture
def arm(running: Lab) -> Iterator[Arm]:
    client = Arm(running)
    yield client
    client.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Lab]:
    with serve(SCENARIO, guests=memory_guest) as lab:
        yield lab


@pytest.fixture(scope="module")
def shared_sdk(shared: Lab) -> Iterator[ComputeManagementClient]:
    with compute(shared) as client:
        yield client


@pytest.fixture(scope="module")
def shared_arm(shared: Lab) -> Iterator[Arm]:
    client = Arm(shared)
    yield client
    client.close()
