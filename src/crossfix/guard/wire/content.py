"""Texts and addresses in the parts that chat formats put a message together from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from crossfix.guard.wire.ask import MalformedError

_TEXTS = ("text", "refusal", "input_text", "output_text", "thinking", "title", "context", "data")
"""The members of a part that hold something to read; ``data`` where a source says it is text."""

_MOST_DEPTH = 6
"""How deep parts hold parts: a tool result in a message, a document in it, its source."""


def collect(content: Any, texts: list[str], urls: list[str], depth: int = 0) -> None:
    """Add what a message's content holds: a text, or a list of parts.

    A part of an unknown type is read by its members, so that a new one does not go unread.

    Raises:
        MalformedError: it is neither, or nested deeper than any format is.
    """
    if content is None:
        return
    if isinstance(content, str):
        if content:
            texts.append(content)
        return
    if depth > _MOST_DEPTH:
        raise MalformedError("content is nested too deep.", "content")
    if isinstance(content, dict):
        _collect_part(content, texts, urls, depth)
    elif isinstance(content, list):
        for part in content:
            collect(part, texts, urls, depth + 1)
    else:
        raise MalformedError("content must be a text or a list of parts.", "content")


def _collect_part(part: dict[str, Any], texts: list[str], urls: list[str], depth: int) -> None:
    encoded = part.get("type") == "base64"
    for name in _TEXTS:
        value = part.get(name)
        if isinstance(value, str) and value and not (encoded and name == "data"):
            texts.append(value)
    urls.extend(address for address in _addresses(part) if not address.startswith("data:"))
    for name in ("content", "output", "source", "summary"):
        if name in part:
            value = part[name]
            if isinstance(value, (str, list, dict)):
                collect(value, texts, urls, depth + 1)
    if "input" in part:  # a tool call's arguments, in the form of Anthropic
        texts.append(as_text(part["input"]))
    arguments = part.get("arguments")
    if isinstance(arguments, str) and arguments:
        texts.append(arguments)


def _addresses(part: dict[str, Any]) -> Iterator[str]:
    for name in ("image_url", "url", "file_url"):
        value = part.get(name)
        if isinstance(value, dict):
            value = value.get("url")
        if isinstance(value, str):
            yield value


def as_text(value: Any) -> str:
    """Return a value as text to read: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def call_texts(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, arguments) of the tool calls of an OpenAI message, old form and new."""
    calls = message.get("tool_calls")
    found = [
        call.get("function") or call.get("custom")
        for call in (calls if isinstance(calls, list) else ())
        if isinstance(call, dict)
    ]
    found.append(message.get("function_call"))
    for function in found:
        if isinstance(function, dict):
            arguments = function.get("arguments") or function.get("input")
            yield str(function.get("name") or ""), as_text(arguments or "")
