"""What is read of a request and of an answer, whatever the format on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

CHARACTERS_A_TOKEN = 4
"""What the estimate of a cost divides by; providers' own counts follow with the answer."""

MOST_CHARACTERS_OF_NAME = 256


class MalformedError(Exception):
    """A body is not of its format: ``param`` names the field, the message says what is wrong."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class Ask(msgspec.Struct, kw_only=True):
    """What an account asks of a model.

    ``texts`` are new with this request, tool results among them; ``earlier`` is what stood in the
    conversation before. ``urls`` are those of images and files. ``tokens`` is an estimate of what
    the answer may cost in all; ``user`` is what the client says of who asks.
    """

    model: str = ""
    stream: bool = False
    texts: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    tokens: int = 0
    conversation: str | None = None
    user: str = ""


class Answered(msgspec.Struct, kw_only=True):
    """What a model answered: every choice's text, and the arguments of every tool call.

    ``cached_in`` is how many of ``tokens_in`` the provider had kept, and charges less for.
    """

    texts: tuple[str, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    refusal: str | None = None
    finish: str = ""
    model: str = ""
    id: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cached_in: int = 0


class Piece(msgspec.Struct, kw_only=True):
    """What one event of a stream adds.

    ``texts`` are (lane, text): a lane is one choice's text, or one tool call's arguments, and what
    comes on it is read as one text. ``last`` says that the stream ends with this event.
    """

    texts: tuple[tuple[str, str], ...] = ()
    last: bool = False
    failed: bool = False


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the gateway's own, before it has a format.

    ``more`` goes into the error under ``guard``, ``headers`` go with it where there is room for
    them still.
    """

    status: int
    code: str
    kind: Literal["invalid", "denied", "limit", "key", "missing", "outside"]
    message: str
    param: str | None = None
    more: Mapping[str, Any] | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()


class StreamReader(Protocol):
    """Reads one stream of a format and can end it."""

    def read(self, name: bytes, data: bytes) -> Piece:
        """Return what an event adds.

        Raises:
            MalformedError: the event is not of the format.
        """

    def answered(self) -> Answered:
        """Return what was answered until now, without the texts, which came piece by piece."""

    def take_back(self, unsent: Sequence[bytes]) -> None:
        """Take in that the last that was read, the data of some events, reaches no client."""

    def end_softly(self, refusal: Refusal) -> bytes:
        """Return the events that end the stream as one that a content filter ended."""

    def end_with(self, refusal: Refusal) -> bytes:
        """Return the events that end the stream with an error that clients raise."""


class Wire(Protocol):
    """One format: how its bodies are read, marked and answered."""

    name: str
    streams: bool

    def ask(self, body: dict[str, Any]) -> Ask:
        """Return what a request's body asks.

        Raises:
            MalformedError: the body is not of this format.
        """

    def identify(self, body: dict[str, Any], identifier: str) -> None:
        """Set the field that tells the provider who asks, over whatever the client wrote there."""

    def answered(self, body: dict[str, Any]) -> Answered:
        """Return what an answer's body says.

        Raises:
            MalformedError: the body is not of this format.
        """

    def reader(self, ask: Ask) -> StreamReader:
        """Return what reads the stream that answers."""

    def soft(self, ask: Ask, reference: str, refusal: Refusal, now: float) -> dict[str, Any]:
        """Return the body of an answer that a content filter ended before it began."""

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error."""


def text_field(body: Mapping[str, Any], name: str) -> str:
    """Return a field that is text, "" where it is absent or null.

    Raises:
        MalformedError: it is something else, or longer than any name is.
    """
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS_OF_NAME:
        raise MalformedError(f"{name} must be a short text.", name)
    return value


def number_field(body: Mapping[str, Any], *names: str) -> int:
    """Return the first of the fields that is a whole number from 0, else 0."""
    for name in names:
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
            return value
    return 0


def cached_tokens(usage: Mapping[str, Any]) -> int:
    """Return how many of the tokens read were kept from before, as OpenAI's formats say it."""
    for name in ("prompt_tokens_details", "input_tokens_details"):
        if isinstance(details := usage.get(name), dict):
            return number_field(details, "cached_tokens")
    return 0


def said_user(body: Mapping[str, Any]) -> str:
    """Return who the client says asks: ``safety_identifier``, ``user`` or ``metadata.user_id``."""
    metadata = body.get("metadata")
    claims = [body.get("safety_identifier"), body.get("user")]
    if isinstance(metadata, dict):
        claims.append(metadata.get("user_id"))
    for claim in claims:
        if isinstance(claim, str) and claim:
            return claim[:MOST_CHARACTERS_OF_NAME]
    return ""


def estimated(characters: int, most_out: int, choices: int = 1) -> int:
    """Return an estimate of the tokens that a call costs, in and out."""
    return characters // CHARACTERS_A_TOKEN + 1 + most_out * max(choices, 1)
