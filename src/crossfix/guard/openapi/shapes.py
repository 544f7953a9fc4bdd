"""What the gateway's own paths take and give, as types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from crossfix.accounts.standing import Tier
from crossfix.events.event import Action, Surface
from crossfix.guard.decision import Answer, RateLimit

_Number = Annotated[float, Meta(ge=0)]
_Count = Annotated[int, Meta(ge=0)]


class _Closed(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer of the gateway's own: no member but those that are named."""


class Fault(_Closed):
    """What is wrong, as a code that is listed in the documentation and as a sentence."""

    code: str
    message: str
    hint: str | None


class Faults(_Closed):
    """The error of a path that has no format of its own."""

    ok: Literal[False]
    errors: list[Fault]


class ShownReason(_Closed):
    """Why a decision is as it is, as the person concerned may read it."""

    code: str
    text: str
    policy: str | UnsetType = UNSET


class Shown(_Closed):
    """A decision as a client sees it: in ``guard`` of an error, and in answers to questions."""

    decision: Answer
    ref: str
    reasons: list[ShownReason]
    lifts: str | UnsetType = UNSET
    tier: Tier | UnsetType = UNSET
    retry_seconds: _Number | UnsetType = UNSET
    degraded: list[str] | UnsetType = UNSET
    url: str | UnsetType = UNSET


class Decided(Shown, kw_only=True):
    """The answer to a question: the decision, whether to go on, and how limits stand.

    ``status``, ``code`` and ``message`` are what the gateway would answer where it may not go on.
    """

    id: str
    allowed: bool
    limits: list[RateLimit]
    status: int | UnsetType = UNSET
    code: str | UnsetType = UNSET
    message: str | UnsetType = UNSET


class RefusedRow(_Closed):
    """A row that is not taken, by its number from 0, and why."""

    index: _Count
    reason: str


class TakenRows(_Closed):
    """What became of the rows of a request; ``refused`` shows the first hundred."""

    ok: bool
    taken: _Count
    duplicates: _Count
    ignored: _Count
    refused: list[RefusedRow]
    refused_count: _Count


class SentEvent(msgspec.Struct, kw_only=True):
    """Something an account did. Reserved attributes may stand beside the fields."""

    service: Annotated[str | int, Meta(description="name of the service, as the gateway has it")]
    account: Annotated[str | int, Meta(description="the user's name there")]
    action: Action
    id: Annotated[str | int | None, Meta(description="sent twice, it is kept once")] = None
    time: Annotated[
        str | float | None, Meta(description="ISO 8601 or seconds since 1970; now without it")
    ] = None
    surface: Surface | None = None
    conversation: str | int | None = None
    text: str | None = None
    language: str | None = None
    urls: list[str] = []
    hashtags: list[str] = []
    mentions: list[str] = []
    media: list[str] = []
    target: str | int | None = None
    parent: str | int | None = None
    attributes: dict[str, Any] = {}


class PartialSuccess(_Closed):
    """What of a request for traces was not taken."""

    rejectedSpans: str  # noqa: N815 - OTLP's own name
    errorMessage: str  # noqa: N815


class TracesTaken(_Closed):
    """The answer to traces as OTLP/HTTP has it."""

    partialSuccess: PartialSuccess | UnsetType = UNSET  # noqa: N815


class Accepted(_Closed):
    """The edition that was accepted, and its policies with their versions."""

    ok: Literal[True]
    edition: str
    accepted: list[str]


class Health(_Closed):
    """The process answers."""

    ok: Literal[True]


class Readiness(_Closed):
    """Whether requests should come here, and which of what they need is there."""

    ok: bool
    checks: dict[str, bool]


class LitellmAnswer(_Closed):
    """What LiteLLM's generic guardrail API is answered."""

    action: Literal["NONE", "BLOCKED"]
    blocked_reason: str | UnsetType = UNSET


class ShownWay(msgspec.Struct, kw_only=True):
    """A way of verification that is open: what it shows depends on the way."""

    way: str
    tier: Tier


class Ticket(_Closed):
    """What a ticket asks for, and the ways that lead there; ``seconds`` it holds on."""

    ok: Literal[True]
    name: str
    needed: Tier
    tier: Tier
    seconds: int
    ways: list[ShownWay]


class Task(_Closed):
    """A proof of work to do, and how many tries it takes at most."""

    ok: Literal[True]
    challenge: dict[str, Any]
    tries: int


class Stepped(msgspec.Struct, kw_only=True):
    """A step that was passed; ``reached`` says whether the ticket asks for no more."""

    ok: Literal[True]
    reached: bool
    tier: Tier | UnsetType = UNSET


class Hooked(_Closed):
    """A webhook that was taken in, or had been before."""

    ok: Literal[True]
    repeated: bool


class ModelFault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An error of the gateway's in OpenAI's shape."""

    message: str
    type: str
    param: str | None
    code: str
    guard: dict[str, Any] | UnsetType = UNSET


class ModelFaults(_Closed):
    """The body of an error in OpenAI's shape."""

    error: ModelFault
