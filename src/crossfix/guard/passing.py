"""What goes on without a format here: how its path is spelled, and what its JSON says."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from crossfix.guard.wire import WIRES
from crossfix.guard.wire.ask import said_user

_ODD = re.compile(r"[\x00-\x1f\x7f%;?#\\]")
"""What some servers read otherwise than others, in a path that was decoded once."""

_ASKING = frozenset({"POST", "PUT", "PATCH"})
_COUNTING = ("/count_tokens", "/input_tokens")
"""Paths at which nothing is written; some clients ask there before every call."""

_MOST_CHARACTERS = 1_000_000
_LONGEST_WORD = 4_096
"""A text without a space that is longer is a picture or sound in base64."""


def spelled(path: str) -> str | None:
    """Return the one spelling of a path; ``None`` where an upstream might take it for another.

    The guard goes by the path, so the upstream must not see another one in it: no empty segments,
    no dots, no signs that are read after a second decoding. A slash at the end is left away, and
    paths of formats are known in any case.
    """
    if path == "/":
        return path
    path = path.removesuffix("/")
    if _ODD.search(path) or any(part in ("", ".", "..") for part in path.split("/")[1:]):
        return None
    lower = path.lower()
    return lower if lower in WIRES else path


def identified(body: dict[str, Any], identifier: str) -> None:
    """Put the provider's name of the account over what the client wrote, where it wrote one."""
    for name in ("user", "safety_identifier"):
        if body.get(name):
            body[name] = identifier
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and metadata.get("user_id"):
        metadata["user_id"] = identifier


def action_of(method: str, path: str) -> Literal["prompt", "visit"]:
    """Return what a request is to policies: a prompt only where something may be written."""
    return "prompt" if method in _ASKING and not path.endswith(_COUNTING) else "visit"


class Loose(msgspec.Struct, kw_only=True):
    """What the JSON of a request says whose format is not known: all its texts, model and user."""

    body: dict[str, Any] = {}
    text: str = ""
    model: str = ""
    user: str = ""


def read_loosely(method: str, path: str, raw: bytes) -> Loose:
    """Return what a body says, if it is a JSON object; files and forms say nothing."""
    if method not in _ASKING or path.endswith(_COUNTING) or raw.lstrip()[:1] != b"{":
        return Loose()
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        return Loose()
    if not isinstance(body, dict):
        return Loose()
    model = body.get("model")
    return Loose(
        body=body,
        text="\n".join(_texts(body)),
        model=model if isinstance(model, str) and len(model) <= 256 else "",
        user=said_user(body),
    )


def _texts(body: dict[str, Any]) -> list[str]:
    """Return what people may have written in a body, in its order; names and blobs left out."""
    found: list[str] = []
    length, waiting = 0, [v for k, v in reversed(body.items()) if k not in _NAMES]
    while waiting and length < _MOST_CHARACTERS:
        value = waiting.pop()
        if isinstance(value, str):
            if len(value) <= _LONGEST_WORD or " " in value[:_LONGEST_WORD]:
                found.append(value)
                length += len(value)
        elif isinstance(value, dict):
            waiting.extend(v for k, v in reversed(value.items()) if k not in _NAMES)
        elif isinstance(value, list):
            waiting.extend(reversed(value))
    return found


_NAMES = frozenset({
    "model", "user", "safety_identifier", "metadata", "id", "custom_id", "type", "role", "voice",
    "size", "quality", "format", "response_format", "encoding_format", "purpose", "url", "method",
})  # fmt: skip
"""Members that are set by programs."""
