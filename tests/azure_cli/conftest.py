"""One lab; for each test a CLI with a folder of its own: what it caches makes a wrong secret look right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure_cli.azure_cli import PROGRAM, AzureCli, LabProcess


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabProcess]:
    if not PROGRAM.is_file():
        pytest.skip("the Azure CLI is not installed below .cache: run `make azure-cli`, which installs it")
    running = LabProcess(tmp_path_factory.mktemp("lab"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def _registered(tmp_path_factory: pytest.TempPathFactory, lab: LabProcess) -> AzureCli:
    cli = AzureCli(tmp_path_factory.mktemp("registered"), lab)
    cli.register()
    return cli


@pytest.fixture(scope="session")
def _signed_in(tmp_path_factory: pytest.TempPathFactory, _registered: AzureCli) -> AzureCli:
    cli = _registered.copy(tmp_path_factory.mktemp("signed-in") / "azure")
    answer = cli.sign_in()
    assert answer.code == 0, answer.error
    return cli


@pytest.fixture
def stranger(tmp_path: Path, _registered: AzureCli) -> AzureCli:
    """The CLI, which knows the lab and is not signed in."""
    return _registered.copy(tmp_path / "azure")


@pytest.fixture
def az(tmp_path: Path, _signed_in: AzureCli) -> AzureCli:
    """The CLI, signed in."""
    return _signed_in.copy(tmp_path / "azure")
