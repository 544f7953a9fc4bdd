"""Anthropic messages: ``/v1/messages``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crossfix.guard.wire.ask import (
    Answered,
    Ask,
    MalformedError,
    Piece,
    Refusal,
    StreamReader,
    estimated,
    number_field,
    said_user,
    text_field,
)
from crossfix.guard.wire.chat import first_new
from crossfix.guard.wire.content import as_text, collect
from crossfix.guard.wire.openai import data_event

_TYPES = {
    "invalid": "invalid_request_error",
    "denied": "permission_error",
    "limit": "rate_limit_error",
    "key": "authentication_error",
    "missing": "not_found_error",
    "outside": "api_error",
}


class Messages:
    """Messages: turns in, content blocks out."""

    name = "messages"
    streams = True

    def ask(self, body: dict[str, Any]) -> Ask:
        """Return what a request's body asks."""
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise MalformedError("messages must be a list of messages.", "messages")
        earlier: list[str] = []
        texts: list[str] = []
        urls: list[str] = []
        begin = first_new(messages)
        collect(body.get("system"), texts if begin == 0 else earlier, urls)
        for number, message in enumerate(messages):
            if not isinstance(message, dict):
                raise MalformedError("A message must be an object.", f"messages[{number}]")
            new = number >= begin
            collect(message.get("content"), texts if new else earlier, urls if new else [])
        size = sum(map(len, texts)) + sum(map(len, earlier))
        return Ask(
            model=text_field(body, "model"),
            stream=body.get("stream") is True,
            texts=tuple(texts),
            earlier=tuple(earlier),
            urls=tuple(urls),
            tokens=estimated(size, number_field(body, "max_tokens")),
            user=said_user(body),
        )

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Set ``metadata.user_id``; whatever else stands in ``metadata`` stays."""
        metadata = body.get("metadata")
        kept = metadata if isinstance(metadata, dict) else {}
        body["metadata"] = {**kept, "user_id": identifier}

    def answered(self, body: dict[str, Any]) -> Answered:
        """Return what an answer's body says, of every block."""
        texts: list[str] = []
        calls: list[tuple[str, str]] = []
        content = body.get("content")
        for block in content if isinstance(content, list) else ():
            if not isinstance(block, dict):
                continue
            if "input" in block:
                calls.append((str(block.get("name") or ""), as_text(block["input"])))
            else:
                collect(block, texts, [])
        finish = str(body.get("stop_reason") or "")
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Answered(
            texts=tuple(texts),
            calls=tuple(calls),
            refusal="\n".join(texts) if finish == "refusal" else None,
            finish=finish,
            model=str(body.get("model") or ""),
            id=str(body.get("id") or ""),
            tokens_in=_read_tokens(usage) or None,
            cached_in=number_field(usage, "cache_read_input_tokens"),
            tokens_out=number_field(usage, "output_tokens") or None,
        )

    def reader(self, ask: Ask) -> StreamReader:
        """Return what reads the stream that answers."""
        return MessagesReader(ask.model)

    def soft(self, ask: Ask, reference: str, refusal: Refusal, now: float) -> dict[str, Any]:
        """Return a message that ended by ``refusal``."""
        return {
            "id": f"msg_{reference}", "type": "message", "role": "assistant", "model": ask.model,
            "content": [{"type": "text", "text": refusal.message}], "stop_reason": "refusal",
            "stop_sequence": None, "usage": {"input_tokens": 0, "output_tokens": 0},
        }  # fmt: skip

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return ``{"type": "error", "error": …}``; the decision is in it under ``guard``."""
        error: dict[str, Any] = {
            "type": _TYPES[refusal.kind],
            "message": refusal.message,
            "code": refusal.code,
        }
        if refusal.more is not None:
            error["guard"] = dict(refusal.more)
        return {"type": "error", "error": error}


class _Delta(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    delta: _Delta | None = None
    message: dict[str, Any] | None = None
    content_block: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(_Event).decode


def _block(text: str) -> bytes:
    """Return the events of a message's first block."""
    start = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": text}
    return (
        data_event({"type": "content_block_start", "index": 0, "content_block": start},
                   "content_block_start")
        + data_event({"type": "content_block_delta", "index": 0, "delta": delta},
                     "content_block_delta")
        + data_event({"type": "content_block_stop", "index": 0}, "content_block_stop")
    )  # fmt: skip


def _read_tokens(usage: dict[str, Any]) -> int:
    """Return all tokens that were read; those of the cache are counted apart in this format."""
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(number_field(usage, name) for name in names)


class MessagesReader:
    """Reads the events of one message."""

    def __init__(self, model: str) -> None:
        self._message: dict[str, Any] = {"model": model}
        self._usage: dict[str, Any] = {}
        self._finish = ""
        self._calls: list[str] = []
        self._open: int | None = None
        self._begun = False

    def read(self, name: bytes, data: bytes) -> Piece:
        """Return what an event adds."""
        try:
            event = _decode(data)
        except (msgspec.DecodeError, RecursionError) as e:
            raise MalformedError("The upstream sent an event that is not one of a message.") from e
        if event.usage:
            self._usage.update(event.usage)
        kind = event.type
        if kind == "content_block_delta":
            delta = event.delta
            if delta is None:
                return Piece()
            text = delta.text or delta.thinking or delta.partial_json
            return Piece(texts=((f"{event.index}/{delta.type}", text),)) if text else Piece()
        return self._read_frame(kind, event)

    def _read_frame(self, kind: str, event: _Event) -> Piece:
        if kind == "message_start" and event.message is not None:
            self._message, self._begun = event.message, True
            if isinstance(usage := event.message.get("usage"), dict):
                self._usage.update(usage)
        elif kind == "content_block_start":
            self._open = event.index
            block = event.content_block or {}
            if isinstance(block.get("name"), str):
                self._calls.append(block["name"])
            texts: list[str] = []
            collect({k: v for k, v in block.items() if k != "input"}, texts, [])
            return Piece(texts=tuple((f"{event.index}/start", text) for text in texts))
        elif kind == "content_block_stop":
            self._open = None
        elif kind == "message_delta" and event.delta is not None:
            self._finish = event.delta.stop_reason or self._finish
        elif kind == "message_stop":
            return Piece(last=True)
        elif kind == "error":
            return Piece(last=True, failed=True)
        return Piece()

    def answered(self) -> Answered:
        """Return what was answered until now, without the texts."""
        return Answered(
            refusal="" if self._finish == "refusal" else None,
            calls=tuple((name, "") for name in self._calls),
            finish=self._finish,
            model=str(self._message.get("model") or ""),
            id=str(self._message.get("id") or ""),
            tokens_in=_read_tokens(self._usage) or None,
            cached_in=number_field(self._usage, "cache_read_input_tokens"),
            tokens_out=number_field(self._usage, "output_tokens") or None,
        )

    def take_back(self, unsent: Sequence[bytes]) -> None:
        """Take in which block, if any, is open for a client that these events do not reach."""
        for data in unsent:
            one = _decode(data)
            if one.type == "message_start":
                self._begun, self._open = False, None
            elif one.type == "content_block_start":
                self._open = None
            elif one.type in ("content_block_delta", "content_block_stop"):
                self._open = one.index
            else:
                continue
            return

    def end_softly(self, refusal: Refusal) -> bytes:
        """Return the events that end the message by ``refusal``."""
        said = self._refused(refusal.message)
        return said + data_event({"type": "message_stop"}, "message_stop")

    def _refused(self, why: str = "") -> bytes:
        """Return the events that end the message, with ``why`` as its text if it has none yet."""
        said = b""
        if not self._begun:
            message: dict[str, Any] = {
                "id": "msg_0", "type": "message", "role": "assistant", "content": [],
                "model": self._message.get("model") or "", "stop_reason": None,
                "stop_sequence": None, "usage": {"input_tokens": 0, "output_tokens": 0},
            }  # fmt: skip
            said += data_event({"type": "message_start", "message": message}, "message_start")
            said += _block(why) if why else b""
        if self._open is not None:
            stop = {"type": "content_block_stop", "index": self._open}
            said += data_event(stop, "content_block_stop")
        delta = {"stop_reason": "refusal", "stop_sequence": None}
        usage = {"output_tokens": number_field(self._usage, "output_tokens")}
        return said + data_event(
            {"type": "message_delta", "delta": delta, "usage": usage}, "message_delta"
        )

    def end_with(self, refusal: Refusal) -> bytes:
        """Return the error, which the SDK raises."""
        finish = self._refused() if refusal.kind == "denied" else b""
        return finish + data_event(Messages().error(refusal), "error")
