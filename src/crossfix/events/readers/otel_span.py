"""Spans of OpenTelemetry's conventions for generative AI, and the calls that they tell of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crossfix.events.event import Event
from crossfix.events.readers.chat_turns import Turn, answers_of, service_of_model, turns_of
from crossfix.events.readers.json_fields import RefusedError, decoded, member, members, some
from crossfix.events.readers.model_call import ModelCall
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.services import service_of
from crossfix.events.readers.times import parse_time

NO_CALL = "not a call of a model"

_USERS = (
    "user.id", "enduser.id", "enduser.pseudo.id", "gen_ai.user.id", "gen_ai.openai.request.user",
    "gen_ai.request.user", "user.hash", "user.name", "langfuse.user.id",
    "traceloop.association.properties.user_id", "session.id",
)  # fmt: skip
_CALLS = frozenset(
    {"chat", "text_completion", "generate_content", "completion", "embeddings", "response"}
)
_OLD = re.compile(r"gen_ai\.(prompt|completion)\.(\d{1,4})\.(role|content|finish_reason)")
_OLD_EVENT = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message")


@dataclass(frozen=True)
class Span:
    """A span with its attributes as plain values; times are in nanoseconds since 1970."""

    trace: str
    id: str
    name: str
    began: int
    ended: int
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    resource: dict[str, Any] = field(default_factory=dict)


def is_call(span: Span) -> bool:
    """Say whether a span tells of a call of a model or of a tool that a model called."""
    return any(n in span.attributes for n in ("gen_ai.operation.name", "gen_ai.request.model")) or (
        "gen_ai.system" in span.attributes or "gen_ai.provider.name" in span.attributes
    )


def of_span(span: Span, said: str | None = None) -> Iterator[Event]:
    """Yield the events of one span; ``said`` is the service that the person named.

    Raises:
        RefusedError: it is no call of a model, or lacks account or time.
    """
    if not is_call(span):
        raise RefusedError(NO_CALL)
    operation = _text(span, "gen_ai.operation.name") or "chat"
    if operation == "execute_tool":
        yield _tool(span, said)
        return
    if operation not in _CALLS:
        raise RefusedError(NO_CALL)
    yield from _call(span, operation).events(said)


def _call(span: Span, operation: str) -> ModelCall:
    asked, answered = _messages(span)
    finishes = [str(f) for f in members(span.attributes.get("gen_ai.response.finish_reasons"))]
    return ModelCall(
        account=_first(span, _USERS),
        native=f"{span.trace}:{span.id}" if span.trace and span.id else None,
        began=parse_time(span.began) if span.began > 0 else None,
        ended=parse_time(span.ended) if span.ended > 0 else None,
        model=_first(span, ("gen_ai.response.model", "gen_ai.request.model")),
        provider=_first(span, ("gen_ai.provider.name", "gen_ai.system")),
        conversation=_first(span, ("gen_ai.conversation.id", "session.id")),
        turns=turns_of(asked),
        answers=_answers(answered, finishes),
        tokens_in=_first(span, ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")),
        tokens_out=_first(span, ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")),
        answered=operation != "embeddings" and "error.type" not in span.attributes,
        attributes=some(
            ip=_first(span, ("client.address", "http.client_ip")),
            user_agent=_first(span, ("user_agent.original",)),
            client=_text(span, "service.name", resource=True),
        ),
    )


def _answers(messages: list[Any], finishes: list[str]) -> list[Turn]:
    choices = [
        {"message": message, "finish_reason": message.get("finish_reason") or finish}
        for message, finish in zip(
            messages, [*finishes, *[None] * len(messages)], strict=False
        )
        if isinstance(message, dict)
    ]  # fmt: skip
    found = answers_of({"choices": choices})
    if not found and finishes:  # without content, how it ended is still told
        found = answers_of({"choices": [{"text": "", "finish_reason": f} for f in finishes]})
    return found


def _tool(span: Span, said: str | None) -> Event:
    provider = _first(span, ("gen_ai.provider.name", "gen_ai.system"))
    name = service_of(said) if said else service_of_model(_text(span, "gen_ai.request.model"),
                                                          provider)  # fmt: skip
    arguments = span.attributes.get("gen_ai.tool.call.arguments")
    if arguments is not None and not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    return Service(name, "ai").event(
        f"{span.trace}:{span.id}",
        _first(span, _USERS),
        "tool_call",
        parse_time(span.began) if span.began > 0 else None,
        conversation=_first(span, ("gen_ai.conversation.id", "session.id")),
        text=arguments or None,
        attributes=some(tool=_text(span, "gen_ai.tool.name")),
    )


def _messages(span: Span) -> tuple[list[Any], list[Any]]:
    """Return what was asked and answered, in whichever generation of the conventions."""
    for given in (span.attributes, *(attributes for _, attributes in span.events)):
        asked = [_message(m) for m in members(_opened(given.get("gen_ai.input.messages")))]
        answered = [_message(m) for m in members(_opened(given.get("gen_ai.output.messages")))]
        rules = _opened(given.get("gen_ai.system_instructions"))
        if asked or answered:
            head = _message({"role": "system", "parts": members(rules)}) if rules else None
            return [*([head] if head else []), *asked], answered
    return _numbered(span.attributes) or _in_events(span)


def _message(message: Any) -> Any:
    """Return a message of the conventions as a chat API has it."""
    if not isinstance(message, dict) or "parts" not in message:
        return message
    content, calls = [], []
    for part in members(message, "parts"):
        kind = member(part, "type")
        if kind == "tool_call":
            calls.append({"name": member(part, "name"), "arguments": member(part, "arguments")})
        elif kind == "text":
            content.append({"type": "text", "text": member(part, "content")})
    return {
        "role": message.get("role") or "assistant", "content": content, "tool_calls": calls,
        "finish_reason": message.get("finish_reason"),
    }  # fmt: skip


def _numbered(attributes: dict[str, Any]) -> tuple[list[Any], list[Any]] | None:
    """Return messages that stand in numbered attributes (``gen_ai.prompt.0.content``)."""
    found: dict[str, dict[int, dict[str, Any]]] = {"prompt": {}, "completion": {}}
    for name, value in attributes.items():
        if match := _OLD.fullmatch(name):
            found[match[1]].setdefault(int(match[2]), {})[match[3]] = value
    if not any(found.values()):
        return None
    asked, answered = ([m for _, m in sorted(found[k].items())] for k in ("prompt", "completion"))
    return [{"role": "user", **m} for m in asked], [{"role": "assistant", **m} for m in answered]


def _in_events(span: Span) -> tuple[list[Any], list[Any]]:
    """Return messages that stand in events of the span (``gen_ai.user.message``)."""
    asked: list[Any] = []
    answered: list[Any] = []
    for name, given in span.events:
        if match := _OLD_EVENT.fullmatch(name):
            asked.append({"role": match[1], "content": _opened(given.get("content"))})
        elif name == "gen_ai.choice":
            said = _opened(given.get("message"))
            message = dict(said) if isinstance(said, dict) else {"content": said}
            if message.get("content") is None:
                message["content"] = given.get("content")
            answered.append(message | {"finish_reason": given.get("finish_reason")})
    return asked, answered


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return decoded(value.encode("utf-8", "replace"))
        except RefusedError:
            return value
    return value


def _text(span: Span, name: str, *, resource: bool = False) -> str | None:
    value = (span.resource if resource else span.attributes).get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).replace("\x00", "")[:2_000].strip() or None


def _first(span: Span, names: tuple[str, ...]) -> str | None:
    found = (_text(span, n) or _text(span, n, resource=True) for n in names)
    return next((text for text in found if text), None)
