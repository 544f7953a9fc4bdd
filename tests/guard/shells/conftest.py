"""A gateway that has keys of its own, for whoever asks it."""

import time
from collections.abc import Iterator

import pytest
from tests.guard.gateway_process import Scripted, Serving
from tests.guard.policies_for_tests import write_policies


class Keyed:
    """A gateway that holds the upstream's key, and the first key that it made for clients."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.url = serving.url
        self.key = _shown_key(serving)


def _shown_key(serving: Serving) -> str:
    """Wait until the key is shown, which is a moment after the address."""
    for _ in range(200):
        for line in serving.said().splitlines(keepends=True):
            if "shown this once" in line and line.endswith("\n"):
                return line.split()[-1]
        time.sleep(0.05)
    raise AssertionError(serving.said())


@pytest.fixture(scope="module")
def keyed(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("keyed")
    policies = write_policies(folder / "policies")
    serving = Serving(
        folder, "--upstream", upstream.url, "--upstream-key", "PROVIDER_KEY",
        settings=f'[policy]\ndirectory = "{policies}"\n',
        environment={"PROVIDER_KEY": "sk-provider"},
    )  # fmt: skip
    yield Keyed(serving)
    assert serving.end() == 0, serving.said()
