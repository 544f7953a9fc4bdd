"""Logs of calls to AI services: a request and its response a record, in any provider's shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from crossfix.events.event import Action, Event
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT
from crossfix.events.readers.chat_turns import (
    Turn,
    answers_of,
    service_of_model,
    template_of,
    text_of,
    turns_of,
)
from crossfix.events.readers.json_fields import (
    RefusedError,
    count,
    decoded,
    first,
    instant,
    member,
    some,
    string,
)
from crossfix.events.readers.json_records import (
    LONGEST_RECORD,
    record_batches,
    sample,
    share,
)
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

_USERS = (
    "safety_identifier", "user", "user_id", "end_user", "account", "account_id", "customer_id",
    "metadata.user_id", "metadata.user", "user.id", "hashed_ip",
)  # fmt: skip
_CONVERSATIONS = (
    "conversation_id", "conversation.id", "conversation", "session_id", "thread_id", "chat_id",
    "conversation_hash", "metadata.conversation_id", "metadata.session_id", "prompt_cache_key",
)  # fmt: skip
_TIMES = (
    "created", "created_at", "timestamp", "time", "ts", "start_time", "startTime", "request_time",
    "date", "datetime",
)  # fmt: skip
_REQUESTS = ("messages", "input", "prompt", "contents", "conversation", "conversations")
_RESPONSES = ("response", "completion", "output", "answer", "generation", "outputs")


class ChatLog(Reader):
    """Reads logged calls: a prompt, then completions, refusals and tool calls.

    Records are ``{"model", "messages", ..., "choices"}`` flat, a request beside its response, or
    whole transcripts. A request repeats what was said before; only what came after the model's
    last turn is a new prompt. The service is ``--service``, else the provider the record names,
    else the maker of the model.
    """

    name = "chat-log"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records look like calls of a model, at most .9."""
        return 0.9 * share(sample(source), _fits)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield prompts, completions, refusals and tool calls."""
        said = service_of(options.service) if options.service else None
        yield from record_batches(
            source, options, tally, lambda row: events_of(row, said), max_record=LONGEST_RECORD
        )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return lines in the shapes of two providers."""
        return [("calls.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in _example()))]


def _fits(row: Any) -> bool:
    holders = _holders(row)
    asked = any(
        isinstance(member(holder, name), list | str) for holder in holders for name in _REQUESTS
    )
    names = any(first(holder, "model") for holder in holders)
    messages = next((m for h in holders if (m := member(h, "messages"))), None)
    listed = isinstance(messages, list) and bool(string(messages, 0, "role"))
    return asked and (names or listed)


def _opened(value: Any) -> Any:
    """Return the JSON in a text (logs in tables hold it so), else the value itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return decoded(value.encode("utf-8", "replace"))
        except RefusedError:
            return value
    return value


def _holders(row: Any) -> list[Any]:
    """Return where facts of a call may stand: the record, its request, its response."""
    request = _opened(member(row, "request")) or _opened(member(row, "kwargs"))
    request = member(request, "body") or request or member(row, "body")
    return [row, request, _response(row)]


def _response(row: Any) -> Any:
    for name in _RESPONSES:
        found = _opened(member(row, name))
        if found is not None and not (name == "output" and isinstance(found, list)):
            return member(found, "body") or found
    if _opened(member(row, "body")) is not None and member(row, "choices") is None:
        return None
    return row if answers_of(row) else None


@dataclass(frozen=True)
class _Call:
    """One call: who, when, where, and what was said."""

    service: Service
    account: str
    time: datetime
    native: str | None
    conversation: str | None
    attributes: dict[str, str] = field(default_factory=dict)


def events_of(row: Any, said: str | None) -> Iterator[Event]:
    """Yield the events of one record; ``said`` is the service that the person named."""
    if not isinstance(row, dict):
        raise RefusedError("not a call")
    holders = _holders(row)
    response = holders[2]
    asked = _asked(holders)
    answers = answers_of(response) if response is not None else []
    turns = [turn for turn in turns_of(asked) if turn.text or turn.calls]
    if not turns and not answers:
        raise RefusedError("no messages")
    call = _call(holders, said, template_of(_instructions(holders), turns))
    usage = member(response, "usage") or member(row, "usage")
    if not answers and any(turn.role == "assistant" for turn in turns):
        yield from _transcript(call, turns)
        return
    last = max((n for n, turn in enumerate(turns) if turn.role == "assistant"), default=-1)
    parent = None
    for number, turn in enumerate(turns[last + 1 :]):
        if turn.role == "user":
            prompt = _event(call, "prompt", turn, f"prompt{number}", parent, _usage_in(usage))
            parent = prompt.id
            yield prompt
    for number, turn in enumerate(answers):
        yield from _answer(call, turn, f"choice{number}", parent, _usage_out(usage))


def _asked(holders: list[Any]) -> Any:
    for holder in holders[:2]:
        for name in _REQUESTS:
            found = _opened(member(holder, name))
            if isinstance(found, list | str) and found:
                return found
    return []


def _instructions(holders: list[Any]) -> list[str]:
    """Return system prompts that stand beside the messages, not among them."""
    found = (
        text_of(member(holder, name))
        for holder in holders[:2]
        for name in ("system", "instructions", "system_prompt")
    )
    return [text for text in found if text]


def _first_of(holders: list[Any], paths: tuple[str, ...]) -> str | None:
    return next((found for holder in holders if (found := first(holder, *paths))), None)


def _call(holders: list[Any], said: str | None, template: str | None) -> _Call:
    model = _first_of([holders[2], *holders[:2]], ("model", "model_id", "deployment"))
    provider = _first_of(holders, ("custom_llm_provider", "provider", "service"))
    service = said or service_of_model(model, provider)
    user = _first_of(holders, _USERS)
    if user is None:
        raise RefusedError(NO_ACCOUNT)
    times = (
        time for holder in holders for name in _TIMES if (time := instant(holder, name)) is not None
    )
    time = next(times, None)
    if time is None:
        raise RefusedError(BAD_TIME)
    return _Call(
        service=Service(service, "ai"),
        account=user.removeprefix(f"{service}:"),
        time=time,
        native=_first_of([holders[2], *holders[:2]], ("id", "request_id", "custom_id")),
        conversation=_first_of(holders, _CONVERSATIONS),
        attributes=some(
            model=model,
            template=template,
            ip=_first_of(holders, ("ip", "client_ip", "ip_address", "requester_ip_address")),
            user_agent=_first_of(holders, ("user_agent",)),
            credential=_first_of(
                holders, ("api_key_hash", "key_hash", "user_api_key_hash", "hashed_token")
            ),
        ),
    )


def _usage_in(usage: Any) -> dict[str, str]:
    return some(tokens_in=count(usage, "prompt_tokens") or count(usage, "input_tokens"))


def _usage_out(usage: Any) -> dict[str, str]:
    return some(tokens_out=count(usage, "completion_tokens") or count(usage, "output_tokens"))


def _transcript(call: _Call, turns: list[Turn]) -> Iterator[Event]:
    """Yield a whole conversation, each turn the child of the one before it."""
    parent = None
    for number, turn in enumerate(turns):
        if turn.role == "user":
            prompt = _event(call, "prompt", turn, f"turn{number}", parent, {})
            yield prompt
            parent = prompt.id
        elif turn.role == "assistant":
            for event in _answer(call, turn, f"turn{number}", parent, {}):
                yield event
                parent = event.id


def _answer(
    call: _Call, turn: Turn, part: str, parent: str | None, extra: dict[str, str]
) -> Iterator[Event]:
    extra = extra | some(finish=turn.finish)
    if turn.text or turn.refused:
        action: Action = "refusal" if turn.refused else "completion"
        answer = _event(call, action, turn, part, parent, extra)
        yield answer
        parent = answer.id
    for number, wanted in enumerate(turn.calls):
        asked = Turn(turn.role, wanted.arguments)
        yield _event(
            call, "tool_call", asked, f"{part}.call{number}", parent, {"tool": wanted.name}
        )


def _event(
    call: _Call, action: Action, turn: Turn, part: str, parent: str | None, extra: dict[str, str]
) -> Event:
    native = f"{call.native}#{part}" if call.native else None
    return call.service.event(
        native,
        call.account,
        action,
        call.time,
        *(call.service.of(call.account), call.time, action, call.conversation, part, turn.text),
        conversation=call.conversation,
        text=turn.text,
        parent=parent,
        attributes=call.attributes | extra,
    )


def _example() -> list[dict[str, Any]]:
    history = [
        {"role": "system", "content": "You write for the harbour."},
        {"role": "user", "content": "Write seven posts about the ferry."},
        {"role": "assistant", "content": "1. Late again"},
        {"role": "user", "content": [{"type": "text", "text": "Angrier, please."}]},
    ]
    answer = {"role": "assistant", "content": "1. LATE AGAIN", "tool_calls": [
        {"id": "call_1", "type": "function",
         "function": {"name": "publish", "arguments": '{"to": "x"}'}}]}  # fmt: skip
    openai = {
        "model": "gpt-4o-mini", "safety_identifier": "u-1", "conversation_id": "c-1",
        "messages": history, "created": 1_714_564_800, "id": "chatcmpl-1",
        "choices": [{"index": 0, "message": answer, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 9},
    }  # fmt: skip
    anthropic = {
        "timestamp": "2024-05-01T12:10:00Z",
        "request": {
            "model": "claude-3-5-sonnet-20240620", "metadata": {"user_id": "u-2"},
            "system": "Be kind.", "messages": [{"role": "user", "content": "Forge a letter."}],
        },
        "response": {
            "id": "msg_1", "type": "message", "role": "assistant", "stop_reason": "refusal",
            "content": [{"type": "text", "text": "I can't help with that."}],
            "usage": {"input_tokens": 12, "output_tokens": 8},
        },
    }  # fmt: skip
    return [openai, anthropic]
