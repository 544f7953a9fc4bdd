"""OpenAI's formats whose answers are numbers: embeddings and moderations."""

from __future__ import annotations

from typing import Any

from crossfix.guard.wire import openai
from crossfix.guard.wire.ask import (
    Answered,
    Ask,
    MalformedError,
    Refusal,
    StreamReader,
    estimated,
    number_field,
    said_user,
    text_field,
)
from crossfix.guard.wire.completions import prompts
from crossfix.guard.wire.content import collect


class Embeddings:
    """``/v1/embeddings``: texts become vectors."""

    name = "embeddings"
    streams = False

    def ask(self, body: dict[str, Any]) -> Ask:
        """Return what a request's body asks."""
        texts = prompts(body.get("input"), "input")
        size = sum(map(len, texts))
        return Ask(
            model=text_field(body, "model"),
            texts=texts,
            tokens=estimated(size, 0),
            user=said_user(body),
        )

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Set ``user``, the only such field that this format has."""
        body["user"] = identifier
        body.pop("safety_identifier", None)

    def answered(self, body: dict[str, Any]) -> Answered:
        """Return what an answer's body says: no text, only what it cost."""
        usage = body.get("usage")
        return Answered(
            model=str(body.get("model") or ""),
            tokens_in=number_field(usage if isinstance(usage, dict) else {}, "prompt_tokens")
            or None,
        )

    def reader(self, ask: Ask) -> StreamReader:
        """Refuse: there are no such streams."""
        raise MalformedError("This format has no streams.", "stream")

    def soft(self, ask: Ask, reference: str, refusal: Refusal, now: float) -> dict[str, Any]:
        """Return an error: a vector cannot say that it was filtered."""
        return openai.error_body(refusal)

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error."""
        return openai.error_body(refusal)


class Moderations(Embeddings):
    """``/v1/moderations``: texts and pictures are judged by category."""

    name = "moderations"

    def ask(self, body: dict[str, Any]) -> Ask:
        """Return what a request's body asks."""
        given = body.get("input")
        if not given or not isinstance(given, (str, list)):
            raise MalformedError("input must be a text or a list of texts or parts.", "input")
        texts: list[str] = []
        urls: list[str] = []
        collect(given, texts, urls)
        size = sum(map(len, texts))
        return Ask(
            model=text_field(body, "model"),
            texts=tuple(texts),
            urls=tuple(urls),
            tokens=estimated(size, 0),
            user=said_user(body),
        )

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Leave the body as it is: this format has no such field."""
