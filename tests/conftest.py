"""What all tests share: where the real data sets are, if they are."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets; tests that need it are skipped where it is absent."""
    path = os.environ.get("CROSSFIX_DATA", "")
    if not path or not Path(path).is_dir():
        pytest.skip("real data is absent: set CROSSFIX_DATA to the folder that holds it")
    return Path(path)
