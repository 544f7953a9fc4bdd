"""OpenAI responses: ``/v1/responses``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crossfix.guard.wire import openai
from crossfix.guard.wire.ask import (
    Answered,
    Ask,
    MalformedError,
    Piece,
    Refusal,
    StreamReader,
    cached_tokens,
    estimated,
    number_field,
    said_user,
    text_field,
)
from crossfix.guard.wire.content import as_text, collect

_TAKEN_BY_MODEL = frozenset(
    {"reasoning", "function_call", "custom_tool_call", "mcp_call", "computer_call",
     "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call",
     "local_shell_call", "shell_call", "apply_patch_call"}
)  # fmt: skip
"""Items of a conversation that are the model's own, messages of the assistant besides."""

_FAILED = frozenset({"response.failed", "error"})
_LAST = frozenset({"response.completed", "response.incomplete", *_FAILED})


class Responses:
    """Responses: items in, items out."""

    name = "responses"
    streams = True

    def ask(self, body: dict[str, Any]) -> Ask:
        """Return what a request's body asks."""
        given = body.get("input")
        texts: list[str] = []
        earlier: list[str] = []
        urls: list[str] = []
        collect(body.get("instructions"), texts, urls)
        if isinstance(given, list):
            begin = _first_new(given)
            for number, item in enumerate(given):
                _collect_item(item, texts if number >= begin else earlier, urls)
        else:
            collect(given, texts, urls)
        prompt = body.get("prompt")
        if isinstance(prompt, dict) and isinstance(variables := prompt.get("variables"), dict):
            for value in variables.values():
                collect(value, texts, urls)
        if given is None and not isinstance(prompt, dict):
            raise MalformedError("input must be a text or a list of items.", "input")
        size = sum(map(len, texts)) + sum(map(len, earlier))
        return Ask(
            model=text_field(body, "model"),
            stream=body.get("stream") is True,
            texts=tuple(texts),
            earlier=tuple(earlier),
            urls=tuple(urls),
            tokens=estimated(size, number_field(body, "max_output_tokens")),
            conversation=_conversation(body),
            user=said_user(body),
        )

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Set ``safety_identifier``."""
        openai.identify(body, identifier)

    def answered(self, body: dict[str, Any]) -> Answered:
        """Return what an answer's body says, of every item."""
        texts: list[str] = []
        calls: list[tuple[str, str]] = []
        refusals: list[str] = []
        output = body.get("output")
        for item in output if isinstance(output, list) else ():
            if isinstance(item, dict):
                _collect_output(item, texts, calls, refusals)
        return Answered(
            texts=tuple(texts),
            calls=tuple(calls),
            refusal="\n".join(refusals) or None,
            finish=_finish(body),
            **_numbers(body),
        )

    def reader(self, ask: Ask) -> StreamReader:
        """Return what reads the stream that answers."""
        return ResponsesReader(ask.model)

    def soft(self, ask: Ask, reference: str, refusal: Refusal, now: float) -> dict[str, Any]:
        """Return a response that a content filter left incomplete."""
        part = {"type": "refusal", "refusal": refusal.message}
        return {
            "id": f"resp_{reference}", "object": "response", "created_at": int(now),
            "model": ask.model, "status": "incomplete", "error": None,
            "incomplete_details": {"reason": "content_filter"}, "instructions": None,
            "metadata": {}, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
            "temperature": None, "top_p": None,
            "output": [
                {"id": f"msg_{reference}", "type": "message", "role": "assistant",
                 "status": "incomplete", "content": [part]}
            ],
            "usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0,
                      "input_tokens_details": {"cached_tokens": 0},
                      "output_tokens_details": {"reasoning_tokens": 0}},
        }  # fmt: skip

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error."""
        return openai.error_body(refusal)


def _conversation(body: dict[str, Any]) -> str | None:
    value = body.get("conversation")
    if isinstance(value, dict):
        value = value.get("id")
    value = value or body.get("previous_response_id")
    return value[:256] if isinstance(value, str) else None


def _first_new(items: list[Any]) -> int:
    end = len(items)
    while end and _of_model(items[end - 1]):
        end -= 1
    for index in range(end - 1, -1, -1):
        if _of_model(items[index]):
            return index + 1
    return 0


def _of_model(item: Any) -> bool:
    return isinstance(item, dict) and (
        item.get("role") == "assistant" or item.get("type") in _TAKEN_BY_MODEL
    )


def _collect_item(item: Any, texts: list[str], urls: list[str]) -> None:
    if isinstance(item, dict):
        collect(item, texts, urls)
        if isinstance(action := item.get("action"), dict):
            texts.append(as_text(action))
    elif isinstance(item, str):
        texts.append(item)
    else:
        raise MalformedError("An item of input must be an object.", "input")


def _collect_output(
    item: dict[str, Any], texts: list[str], calls: list[tuple[str, str]], refusals: list[str]
) -> None:
    kind = item.get("type")
    if kind in ("function_call", "custom_tool_call", "mcp_call"):
        arguments = item.get("arguments") or item.get("input") or ""
        calls.append((str(item.get("name") or ""), as_text(arguments)))
        if isinstance(output := item.get("output"), str):
            texts.append(output)
        return
    collect(item, texts, [])
    if isinstance(code := item.get("code"), str):
        texts.append(code)
    content = item.get("content")
    refusals.extend(
        part["refusal"]
        for part in (content if isinstance(content, list) else ())
        if isinstance(part, dict) and isinstance(part.get("refusal"), str)
    )


def _finish(body: dict[str, Any]) -> str:
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return str(reason or body.get("status") or "")


def _numbers(body: dict[str, Any]) -> dict[str, Any]:
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return {
        "model": str(body.get("model") or ""),
        "id": str(body.get("id") or ""),
        "tokens_in": number_field(usage, "input_tokens") or None,
        "tokens_out": number_field(usage, "output_tokens") or None,
        "cached_in": cached_tokens(usage),
    }


class _Event(msgspec.Struct):
    type: str = ""
    sequence_number: int = 0
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: Any = None
    response: dict[str, Any] | None = None
    item: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(_Event).decode

_EMPTY: dict[str, Any] = {
    "id": "resp_0", "object": "response", "created_at": 0, "model": "", "status": "in_progress",
    "error": None, "incomplete_details": None, "instructions": None, "metadata": {}, "output": [],
    "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "temperature": None,
    "top_p": None, "usage": None,
}  # fmt: skip
"""A response that nothing is known of."""


class ResponsesReader:
    """Reads the events of one response."""

    def __init__(self, model: str) -> None:
        self._number = -1
        self._begun = False
        self._response: dict[str, Any] = {"model": model}
        self._refusal: list[str] = []
        self._calls: list[str] = []

    def read(self, name: bytes, data: bytes) -> Piece:
        """Return what an event adds."""
        if data == b"[DONE]":
            return Piece(last=True)
        try:
            event = _decode(data)
        except (msgspec.DecodeError, RecursionError) as e:
            raise MalformedError("The upstream sent an event that is not one of a response.") from e
        self._number = event.sequence_number
        if event.response is not None:
            self._response = event.response
            self._begun = True
        if event.item is not None and event.type == "response.output_item.added":
            self._calls.extend(
                str(event.item["name"]) for _ in (1,) if isinstance(event.item.get("name"), str)
            )
        if event.type in _LAST:
            return Piece(last=True, failed=event.type in _FAILED)
        if not isinstance(event.delta, str) or not event.delta:
            return Piece()
        kind = event.type.removeprefix("response.").removesuffix(".delta")
        if kind == "refusal":
            self._refusal.append(event.delta)
        if kind == "audio":  # sound in base64; its words come as a transcript
            return Piece()
        lane = f"{event.output_index}/{event.content_index}/{event.summary_index}/{kind}"
        return Piece(texts=((lane, event.delta),))

    def answered(self) -> Answered:
        """Return what was answered until now, without the texts."""
        return Answered(
            refusal="".join(self._refusal) or None,
            calls=tuple((name, "") for name in self._calls),
            finish=_finish(self._response),
            **_numbers(self._response),
        )

    def take_back(self, unsent: Sequence[bytes]) -> None:
        """Take in whether the client has seen that a response began; the rest is not repeated."""
        if any(_decode(data).type == "response.created" for data in unsent if data != b"[DONE]"):
            self._begun = False

    def end_softly(self, refusal: Refusal) -> bytes:
        """Return the event of a response that a content filter left incomplete."""
        return self._begin() + self._end("response.incomplete", "incomplete", None)

    def end_with(self, refusal: Refusal) -> bytes:
        """Return the error, which the SDKs raise, and the event of a response that failed."""
        error = openai.error_body(refusal)["error"]
        said = self._begin()
        event = {**error, "type": "error", "sequence_number": self._number + 1, "error": error}
        said += openai.data_event(event, "error")
        self._number += 1
        return said + self._end("response.failed", "failed", refusal)

    def _begin(self) -> bytes:
        """Return the event that a client must see first, if it has not: SDKs go by it."""
        if self._begun:
            return b""
        self._begun = True
        self._number += 1
        self._response = _EMPTY | self._response
        response = {**self._response, "status": "in_progress", "output": []}
        event = {"type": "response.created", "sequence_number": self._number, "response": response}
        return openai.data_event(event, "response.created")

    def _end(self, name: str, status: str, refusal: Refusal | None) -> bytes:
        self._number += 1
        # What was taken back is not repeated in the end.
        response = {**self._response, "status": status, "output": []}
        if refusal is None:
            response["incomplete_details"] = {"reason": "content_filter"}
        else:
            code = "server_error" if refusal.kind == "outside" else refusal.code
            response["error"] = {"code": code, "message": refusal.message}
        event = {"type": name, "sequence_number": self._number, "response": response}
        return openai.data_event(event, name)
