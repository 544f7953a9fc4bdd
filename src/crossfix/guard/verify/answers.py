"""What the routes of verification take in and give out: forms and JSON, pages and JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from crossfix.guard.asgi import ClientLeftError, TooLargeError, read_body
from crossfix.guard.verify.languages import chosen, texts
from crossfix.guard.verify.page import HEADERS
from crossfix.guard.verify.refused import RefusedError

MOST_BODY = 64 * 1024
_MOST_FIELDS = 20


async def body_of(request: Request) -> bytes:
    """Return what was sent.

    Raises:
        RefusedError: it is too large, or broke off.
    """
    try:
        return await read_body(request.scope, request.receive, MOST_BODY)
    except (TooLargeError, ClientLeftError) as e:
        raise RefusedError("malformed") from e


async def fields(request: Request) -> dict[str, Any]:
    """Return what was sent: the fields of a form, or of a JSON object.

    Raises:
        RefusedError: it is neither, or too large.
    """
    raw = await body_of(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        try:
            found = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError) as e:
            raise RefusedError("malformed") from e
        if not isinstance(found, dict):
            raise RefusedError("malformed")
        return found
    try:
        return dict(parse_qsl(raw.decode("utf-8"), max_num_fields=_MOST_FIELDS))
    except ValueError as e:
        raise RefusedError("malformed") from e


def text_of(given: Mapping[str, Any], name: str, most: int) -> str:
    """Return a field that is text.

    Raises:
        RefusedError: it is missing, no text or too long.
    """
    value = given.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise RefusedError("malformed")
    return value.strip()


def wants_json(request: Request) -> bool:
    """Say whether whoever asks is a program rather than a person with a browser."""
    return "text/html" not in request.headers.get("accept", "")


def language_of(request: Request) -> str:
    """Return the language of the answer."""
    wanted = request.query_params.get("lang", "")
    return chosen(wanted, request.headers.get("accept-language", ""))


def said(error: RefusedError, language: str) -> str:
    """Return what a person reads about a refusal."""
    minutes = math.ceil((error.wait_seconds or 60.0) / 60.0)
    return texts(language)[error.code].format(minutes=minutes)


def as_json(value: Mapping[str, Any], status: int = 200) -> Response:
    """Return an answer as JSON."""
    return JSONResponse({"ok": status < 400, **value}, status, HEADERS)


def refused_json(error: RefusedError, language: str) -> Response:
    """Return a refusal as JSON."""
    shown = {"code": error.code, "message": said(error, language), "hint": None}
    return _patient(as_json({"errors": [shown]}, error.status), error)


def as_page(html: str, status: int = 200, error: RefusedError | None = None) -> Response:
    """Return an answer as a page."""
    return _patient(HTMLResponse(html, status, HEADERS), error)


def _patient(answer: Response, error: RefusedError | None) -> Response:
    if error is not None and error.wait_seconds is not None:
        answer.headers["retry-after"] = str(math.ceil(error.wait_seconds))
    return answer
