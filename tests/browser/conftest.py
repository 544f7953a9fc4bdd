"""A real browser, where the machine has one; continuous integration must have one."""

import os
import shutil
import sys
from pathlib import Path

import pytest

# The fabricated hunts stand beside the tests of the writers.
sys.path.insert(0, str(Path(__file__).parents[1] / "campaigns" / "output"))

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def _missing(what: str) -> None:
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{what} is missing, and continuous integration needs it", pytrace=False)
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="module")
def browser():
    """Chromium, driven by playwright, whose event loop keeps others out until the module ends."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        _missing("chromium (apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright (the dependency group `browser`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()
