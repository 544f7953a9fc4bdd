from collections.abc import Iterator
from pathlib import Path

import pytest

from crossfix.store.registry import Registry, open_registry


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/registry.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    with open_registry(url) as opened:
        yield opened
