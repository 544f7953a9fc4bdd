"""A scripted model API that lasts as long as the tests, and gateways before it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.guard.alerts.receivers import mailbox, receiver  # noqa: F401 - fixtures of several folders
from tests.guard.gateway_process import Scripted, Serving


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path_factory.mktemp("upstream"))
    yield scripted
    scripted.end()


@pytest.fixture(scope="session")
def gateway(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A gateway with nothing configured but its upstream."""
    serving = Serving(tmp_path_factory.mktemp("gateway"), "--upstream", upstream.url)
    yield serving
    assert serving.end() == 0, serving.said()
    assert "Traceback" not in serving.said()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Starts gateways of the test's own and ends them with it."""
    started: list[Serving] = []

    def start(*arguments: str, **more: object) -> Serving:
        folder = tmp_path / f"gateway{len(started)}"
        started.append(Serving(folder, *arguments, **more))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for serving in started:
        if serving.process.poll() is None:
            serving.end()
