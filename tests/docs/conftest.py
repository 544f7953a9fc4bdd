"""The documentation as tests read it."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def generator() -> ModuleType:
    """What writes the generated parts of the pages."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def page() -> Callable[[str], str]:
    """A page's text, by its path below the root."""
    return lambda path: (ROOT / path).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def first_cells() -> Callable[[str, str], list[str]]:
    """The code in the first cells of the first table after a heading or sentence."""

    def read(text: str, after: str) -> list[str]:
        assert after in text
        found: list[str] = []
        rows = 0
        for line in text[text.index(after) + len(after) :].splitlines():
            if line.startswith("|"):
                rows += 1
                if rows > 2:
                    found += line.split("|")[1].replace("`", "").replace(" ", "").split(",")
            elif rows:
                break
        return found

    return read
