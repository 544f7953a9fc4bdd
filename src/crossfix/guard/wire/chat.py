"""OpenAI chat completions: ``/v1/chat/completions``."""

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
from crossfix.guard.wire.content import call_texts, collect

_MOST_CHOICES = 128


class Chat:
    """Chat completions, as every OpenAI-compatible server speaks them."""

    name = "chat"
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
        for number, message in enumerate(messages):
            if not isinstance(message, dict):
                raise MalformedError("A message must be an object.", f"messages[{number}]")
            into = texts if number >= begin else earlier
            collect(message.get("content"), into, urls if number >= begin else [])
            into.extend(arguments for _, arguments in call_texts(message) if arguments)
        size = sum(map(len, texts)) + sum(map(len, earlier))
        most = number_field(body, "max_completion_tokens", "max_tokens")
        choices = min(number_field(body, "n") or 1, _MOST_CHOICES)
        return Ask(
            model=text_field(body, "model"),
            stream=body.get("stream") is True,
            texts=tuple(texts),
            earlier=tuple(earlier),
            urls=tuple(urls),
            tokens=estimated(size, most, choices),
            user=said_user(body),
        )

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Set ``safety_identifier``."""
        openai.identify(body, identifier)

    def answered(self, body: dict[str, Any]) -> Answered:
        """Return what an answer's body says, of every choice."""
        texts: list[str] = []
        calls: list[tuple[str, str]] = []
        refusal, finishes = None, []
        choices = body.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict):
                continue
            finishes.append(str(choice.get("finish_reason") or ""))
            message = choice.get("message")
            if isinstance(message, dict):
                _collect_answer(message, texts)
                calls.extend(call_texts(message))
                refusal = message.get("refusal") or refusal
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Answered(
            texts=tuple(texts),
            calls=tuple(calls),
            refusal=refusal if isinstance(refusal, str) else None,
            finish=worst_finish(finishes),
            model=str(body.get("model") or ""),
            id=str(body.get("id") or ""),
            tokens_in=number_field(usage, "prompt_tokens") or None,
            tokens_out=number_field(usage, "completion_tokens") or None,
            cached_in=cached_tokens(usage),
        )

    def reader(self, ask: Ask) -> StreamReader:
        """Return what reads the stream that answers."""
        return ChatReader(ask.model)

    def soft(self, ask: Ask, reference: str, refusal: Refusal, now: float) -> dict[str, Any]:
        """Return a completion without content that a content filter ended."""
        message = {"role": "assistant", "content": None, "refusal": refusal.message}
        return {
            "id": f"chatcmpl-{reference}",
            "object": "chat.completion",
            "created": int(now),
            "model": ask.model,
            "choices": [
                {"index": 0, "message": message, "logprobs": None,
                 "finish_reason": "content_filter"}
            ],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }  # fmt: skip

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error."""
        return openai.error_body(refusal)


def first_new(messages: list[Any]) -> int:
    """Return the index of the first message after the model's last turn.

    Turns of the model at the very end are the client's own words put into its mouth: they are new.
    """
    end = len(messages)
    while end and _role(messages[end - 1]) == "assistant":
        end -= 1
    for index in range(end - 1, -1, -1):
        if _role(messages[index]) == "assistant":
            return index + 1
    return 0


def _role(message: Any) -> object:
    return message.get("role") if isinstance(message, dict) else None


def _collect_answer(message: dict[str, Any], texts: list[str]) -> None:
    collect(message.get("content"), texts, [])
    thoughts = (message.get("reasoning_content"), message.get("reasoning"))
    texts.extend(thought for thought in thoughts if isinstance(thought, str) and thought)
    audio = message.get("audio")
    if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
        texts.append(audio["transcript"])


def worst_finish(finishes: list[str]) -> str:
    """Return why the model stopped: where one choice was filtered, that."""
    return "content_filter" if "content_filter" in finishes else (finishes or [""])[0]


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct):
    index: int = 0
    function: _Function | None = None
    custom: dict[str, Any] | None = None


class _Delta(msgspec.Struct):
    content: Any = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_Call] | None = None
    function_call: _Function | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    id: str = ""
    model: str = ""
    choices: list[_Choice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


class ChatReader:
    """Reads the chunks of one chat completion."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id = ""
        self._open: set[int] = set()
        self._finishes: list[str] = []
        self._refusal: list[str] = []
        self._usage: dict[str, Any] = {}
        self._calls: dict[str, str] = {}

    def read(self, name: bytes, data: bytes) -> Piece:
        """Return what a chunk adds."""
        if data == b"[DONE]":
            return Piece(last=True)
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, RecursionError) as e:
            raise MalformedError("The upstream sent a chunk that is no chat completion.") from e
        if chunk.error is not None:
            return Piece(failed=True)
        self._id = chunk.id or self._id
        self._model = chunk.model or self._model
        if chunk.usage:
            self._usage = chunk.usage
        texts: list[tuple[str, str]] = []
        for choice in chunk.choices or ():
            self._open.add(choice.index)
            if choice.delta is not None:
                self._read_delta(choice.index, choice.delta, texts)
            if choice.finish_reason:
                self._finishes.append(choice.finish_reason)
                self._open.discard(choice.index)
        return Piece(texts=tuple(texts))

    def _read_delta(self, index: int, delta: _Delta, texts: list[tuple[str, str]]) -> None:
        lane = str(index)
        if type(delta.content) is str:
            if delta.content:
                texts.append((lane, delta.content))
        elif delta.content is not None:
            parts: list[str] = []
            collect(delta.content, parts, [])
            texts.extend((lane, part) for part in parts)
        if delta.refusal:
            self._refusal.append(delta.refusal)
            texts.append((lane, delta.refusal))
        if thought := delta.reasoning_content or delta.reasoning:
            texts.append((lane + "/reasoning", thought))
        for call in delta.tool_calls or ():
            self._read_call(f"{lane}/call{call.index}", call.function, texts)
            if call.custom and isinstance(call.custom.get("input"), str):
                texts.append((f"{lane}/call{call.index}", call.custom["input"]))
        if delta.function_call is not None:
            self._read_call(lane + "/call", delta.function_call, texts)

    def _read_call(
        self, lane: str, function: _Function | None, texts: list[tuple[str, str]]
    ) -> None:
        if function is not None:
            if function.name:
                self._calls[lane] = function.name
            if function.arguments:
                texts.append((lane, function.arguments))

    def answered(self) -> Answered:
        """Return what was answered until now, without the texts."""
        return Answered(
            refusal="".join(self._refusal) or None,
            calls=tuple((name, "") for name in self._calls.values()),
            finish=worst_finish(self._finishes),
            model=self._model,
            id=self._id,
            tokens_in=number_field(self._usage, "prompt_tokens") or None,
            tokens_out=number_field(self._usage, "completion_tokens") or None,
            cached_in=cached_tokens(self._usage),
        )

    def take_back(self, unsent: Sequence[bytes]) -> None:
        """Take in that these chunks do not reach the client: what they finished is open still."""
        for data in unsent:
            if data != b"[DONE]":
                self._open.update(choice.index for choice in _decode(data).choices or ())

    def end_softly(self, refusal: Refusal) -> bytes:
        """Return a chunk that finishes every open choice by ``content_filter``, and the end.

        It says why as a model says that it refuses.
        """
        return self._filtered({"refusal": refusal.message}) + openai.DONE

    def _filtered(self, delta: dict[str, Any]) -> bytes:
        choices = [
            {"index": i, "delta": delta, "finish_reason": "content_filter"}
            for i in sorted(self._open or {0})
        ]
        return openai.data_event({
            "id": self._id or "chatcmpl-0", "object": "chat.completion.chunk", "created": 0,
            "model": self._model, "choices": choices,
        })  # fmt: skip

    def end_with(self, refusal: Refusal) -> bytes:
        """Return an error, which the SDKs raise, and the end.

        Who reads no errors in streams learns from ``content_filter`` that this is no whole answer.
        """
        finish = self._filtered({}) if refusal.kind == "denied" else b""
        return finish + openai.data_event(openai.error_body(refusal)) + openai.DONE
