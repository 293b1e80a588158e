"""A lab with guests in memory: `running` is fresh for each test, `shared` is for tests that change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from azure.mgmt.compute import ComputeManagementClient

from lab.server import Lab, serve
from tests.lab.machines import Arm, compute, memory_guest

SCENARIO = Path(__file__).parent / "scenario.yaml"


@pytest.fixture(scope="session")
def closing() -> Iterator[Callable[[Lab], None]]:
    """Close labs while the next tests run: a server takes some 0.2 s to end."""
    with ThreadPoolExecutor(max_workers=4) as threads:
        closed: list[Future[None]] = []
        yield lambda lab: closed.append(threads.submit(lab.close))
        for future in closed:
            future.result()


@pytest.fixture
def running(closing: Callable[[Lab], None]) -> Iterator[Lab]:
    lab = serve(SCENARIO, guests=memory_guest).start()
    yield lab
    closing(lab)


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
