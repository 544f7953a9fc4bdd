"""What the guard is asked about, whatever shell it came through."""

from __future__ import annotations

import msgspec

from crossfix.events import Action


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an account is about to do, or that a model is about to answer it.

    ``account`` is ``service:native-id`` as the server knows it, never as a client says it; ``key``
    is the id of the API key it came with, ``organisation`` the customer that the key belongs to.
    ``texts`` are the parts that are new with this request (for a chat: what followed the model's
    last turn, after what stands earlier and was never looked at), ``tokens`` an estimate of its
    cost. ``attributes`` has the reserved names of `crossfix.events.attributes` (``ip``, ``asn``,
    ``device`` ...). ``language`` says what the person reads, as an ``Accept-Language`` header does.
    """

    id: str
    service: str
    account: str
    action: Action
    model: str = ""
    key: str = ""
    organisation: str = ""
    texts: tuple[str, ...] = ()
    tokens: int = 0
    conversation: str | None = None
    attributes: dict[str, str] = {}
    language: str = ""
