"""The page where an account is verified, and what it is made of."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from crossfix.guard.verify.languages import LANGUAGES, RIGHT_TO_LEFT, texts

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC: dict[str, str] = {
    "verify.css": "text/css; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "proof-worker.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""File that the page loads -> its type."""

HEADERS: dict[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "worker-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "publickey-credentials-create=(self), publickey-credentials-get=(self)",
}
"""Headers of every answer: nothing from elsewhere, nothing kept, nothing told to others."""


def static(name: str) -> bytes:
    """Return a file that the page loads."""
    return resources.files("crossfix.guard.verify").joinpath("static", name).read_bytes()


def render(language: str, **values: Any) -> str:
    """Return the page in a language."""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    page = _environment().get_template("page.html")
    return page.render(
        t=texts(language), language=language, direction=direction, languages=LANGUAGES, **values
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("crossfix.guard.verify"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=StrictUndefined,
    )  # fmt: skip
