"""The page about the gateway names every path and every error code, and no others."""

import re
from collections.abc import Callable
from pathlib import Path

import crossfix
from crossfix.guard.caller import ADDRESS_HEADER, KEY_HEADER
from crossfix.guard.codes import CODES
from crossfix.guard.wire import WIRES

PAGE = "docs/reference/gateway.md"
GUARD = Path(crossfix.__file__).parent / "guard"
FILES = [*GUARD.glob("*.py"), *(GUARD / "shells").glob("*.py")]
_CODE = re.compile(
    r'(?:code="|\boutside\(\s*\d{3}, "|_said\(\s*\d{3}, "|_wrong\(\s*\d{3}, "|"code":")([a-z_]+)"'
)


def test_every_format_and_no_other_is_documented(
    page: Callable[[str], str], first_cells: Callable[[str, str], list[str]]
) -> None:
    assert first_cells(page(PAGE), "## Formats") == list(WIRES)


def test_every_error_code_and_no_other_is_documented(
    page: Callable[[str], str], first_cells: Callable[[str, str], list[str]]
) -> None:
    said = {"content_policy_violation", "account_suspended", "account_removed"}
    said |= {code for code in CODES if code.startswith("identity_")}
    for path in FILES:
        said |= set(_CODE.findall(path.read_text(encoding="utf-8")))
    documented = first_cells(page(PAGE), "## Errors")
    # These two stand among the reasons, not as the code of an error.
    assert set(documented) == said - {"record_unavailable", "policy"}
    assert len(documented) == len(set(documented))


def test_the_headers_that_requests_may_bear_are_documented(
    page: Callable[[str], str], first_cells: Callable[[str, str], list[str]]
) -> None:
    assert {KEY_HEADER, ADDRESS_HEADER} <= set(first_cells(page(PAGE), "## Headers"))
