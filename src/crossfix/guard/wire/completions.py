"""OpenAI's older completions: ``/v1/completions``."""

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
from crossfix.guard.wire.chat import worst_finish


class Completions:
    """Text completions: one prompt or many, no turns."""

    name = "completions"
    streams = True

    def ask(self, body: dict[str, Any]) -> Ask:
        """Return what a request's body asks."""
        texts = prompts(body.get("prompt"), "prompt")
        if isinstance(suffix := body.get("suffix"), str) and suffix:
            texts = (*texts, suffix)
        most = number_field(body, "max_tokens")
        return Ask(
            model=text_field(body, "model"),
            stream=body.get("stream") is True,
            texts=texts,
            tokens=estimated(sum(map(len, texts)), most, number_field(body, "n")),
            user=said_user(body),
        )

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Set ``user``, the only such field that this format has."""
        body["user"] = identifier
        body.pop("safety_identifier", None)

    def answered(self, body: dict[str, Any]) -> Answered:
        """Return what an answer's body says."""
        given = body.get("choices")
        choices = [c for c in given if isinstance(c, dict)] if isinstance(given, list) else []
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Answered(
            texts=tuple(c["text"] for c in choices if isinstance(c.get("text"), str) and c["text"]),
            finish=worst_finish([str(c.get("finish_reason") or "") for c in choices]),
            model=str(body.get("model") or ""),
            id=str(body.get("id") or ""),
            tokens_in=number_field(usage, "prompt_tokens") or None,
            tokens_out=number_field(usage, "completion_tokens") or None,
            cached_in=cached_tokens(usage),
        )

    def reader(self, ask: Ask) -> StreamReader:
        """Return what reads the stream that answers."""
        return CompletionsReader(ask.model)

    def soft(self, ask: Ask, reference: str, refusal: Refusal, now: float) -> dict[str, Any]:
        """Return a completion without text that a content filter ended."""
        return {
            "id": f"cmpl-{reference}", "object": "text_completion", "created": int(now),
            "model": ask.model,
            "choices": [
                {"index": 0, "text": "", "logprobs": None, "finish_reason": "content_filter"}
            ],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }  # fmt: skip

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error."""
        return openai.error_body(refusal)


def prompts(value: Any, name: str) -> tuple[str, ...]:
    """Return the texts of a prompt: one, many, or none where it is given as numbers of tokens.

    Raises:
        MalformedError: it is nothing that a prompt may be.
    """
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value:
        if all(isinstance(v, str) for v in value):
            return tuple(value)
        if all(isinstance(v, (int, list)) for v in value):
            return ()
    if value is None and name == "prompt":
        return ()
    raise MalformedError(f"{name} must be a text or a list of texts.", name)


class _Choice(msgspec.Struct):
    index: int = 0
    text: str | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    id: str = ""
    model: str = ""
    choices: list[_Choice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


class CompletionsReader:
    """Reads the chunks of one text completion."""

    def __init__(self, model: str) -> None:
        self._seen = _Chunk(model=model)
        self._open: set[int] = set()
        self._finishes: list[str] = []

    def read(self, name: bytes, data: bytes) -> Piece:
        """Return what a chunk adds."""
        if data == b"[DONE]":
            return Piece(last=True)
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, RecursionError) as e:
            raise MalformedError("The upstream sent a chunk that is no text completion.") from e
        if chunk.error is not None:
            return Piece(failed=True)
        seen = self._seen
        seen.id, seen.model = chunk.id or seen.id, chunk.model or seen.model
        seen.usage = chunk.usage or seen.usage
        texts = []
        for choice in chunk.choices or ():
            self._open.add(choice.index)
            if choice.text:
                texts.append((str(choice.index), choice.text))
            if choice.finish_reason:
                self._finishes.append(choice.finish_reason)
                self._open.discard(choice.index)
        return Piece(texts=tuple(texts))

    def answered(self) -> Answered:
        """Return what was answered until now, without the texts."""
        usage = self._seen.usage or {}
        return Answered(
            finish=worst_finish(self._finishes),
            model=self._seen.model,
            id=self._seen.id,
            tokens_in=number_field(usage, "prompt_tokens") or None,
            tokens_out=number_field(usage, "completion_tokens") or None,
            cached_in=cached_tokens(usage),
        )

    def take_back(self, unsent: Sequence[bytes]) -> None:
        """Take in that these chunks do not reach the client: what they finished is open still."""
        for data in unsent:
            if data != b"[DONE]":
                self._open.update(choice.index for choice in _decode(data).choices or ())

    def end_softly(self, refusal: Refusal) -> bytes:
        """Return a chunk that finishes every open choice by ``content_filter``, and the end."""
        return self._filtered() + openai.DONE

    def _filtered(self) -> bytes:
        choices = [
            {"index": i, "text": "", "logprobs": None, "finish_reason": "content_filter"}
            for i in sorted(self._open or {0})
        ]
        return openai.data_event({
            "id": self._seen.id or "cmpl-0", "object": "text_completion", "created": 0,
            "model": self._seen.model, "choices": choices,
        })  # fmt: skip

    def end_with(self, refusal: Refusal) -> bytes:
        """Return an error, which the SDKs raise, and the end."""
        finish = self._filtered() if refusal.kind == "denied" else b""
        return finish + openai.data_event(openai.error_body(refusal)) + openai.DONE
