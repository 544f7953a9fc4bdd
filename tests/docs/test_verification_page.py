"""The page on verification names the ways, codes and routes that there are."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.guard.verify_world import World

from crossfix.guard.verify.refused import STATUS
from crossfix.guard.verify.ways import TIER_OF

Page = Callable[[str], str]
PAGE = "docs/reference/verification.md"


def test_every_way_and_its_tier_is_documented(page: Page) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page(PAGE), re.M))
    assert rows == TIER_OF


def test_every_code_and_its_status_is_documented(page: Page) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", page(PAGE), re.M)
    assert {code: int(status) for code, status in rows} == STATUS


def test_every_route_that_is_documented_is_there_and_no_other(page: Page, tmp_path: Path) -> None:
    world = World(tmp_path, smtp__url="smtp://127.0.0.1:1")
    world.get(world.url())
    application = world.mount._application
    assert application is not None
    routes = {
        f"{method} " + re.sub(r"\{(\w+)\}", lambda m: m[1].upper(), route.path)
        for route in application.result().routes  # type: ignore[attr-defined]
        for method in route.methods - {"HEAD"}
    }
    world.close()
    documented = set(re.findall(r"^\| `((?:GET|POST) [^`]+)` \|", page(PAGE), re.M))
    assert routes - {"GET /verify/static/NAME"} == documented
