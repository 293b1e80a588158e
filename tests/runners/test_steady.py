"""A request does not fail for an environment that changes beside it."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from requests import Session

from runners.azure import Arm
from runners.cloud import Cloud
from runners.secret_url import secret_session
from runners.steady import SteadySession, SteadyTransport


def changing(times: int) -> mock.Mock:
    """Stand for an environment out of which a variable goes while it is read, `times` times."""
    return mock.Mock(side_effect=[KeyError("PYTEST_CURRENT_TEST")] * times + [{"https": "http://proxy:3128"}])


def merged(session: Session) -> dict[str, object]:
    return dict(session.merge_environment_settings("https://localhost/", {}, False, True, None))


def test_the_environment_is_read_again_where_it_changed() -> None:
    with mock.patch("requests.sessions.get_environ_proxies", changing(3)) as read:
        assert merged(SteadySession())["proxies"] == {"https": "http://proxy:3128"}
    assert read.call_count == 4


def test_a_plain_session_would_fail() -> None:
    with mock.patch("requests.sessions.get_environ_proxies", changing(1)), pytest.raises(KeyError):
        merged(Session())


def test_what_asks_in_threads_is_steady(tmp_path: Path) -> None:
    assert isinstance(secret_session(), SteadySession)
    transport = SteadyTransport(connection_verify=False)
    transport.open()
    assert isinstance(transport.session, SteadySession)
    transport.close()
    with pytest.raises(ValueError, match="already been closed"):
        transport.open()


def test_azure_is_asked_by_such_a_transport() -> None:
    cloud = Cloud("https://localhost:1", "https://localhost:1/.default", None, lab=True, poll_seconds=1.0)
    arm = Arm(cloud, mock.Mock())
    with mock.patch("runners.azure.SteadyTransport", wraps=SteadyTransport) as made:
        arm._client_of("22222222-2222-4222-8222-222222222222")
    made.assert_called_once()
    arm.close()
