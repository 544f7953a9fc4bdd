"""``POST /v1/decide``: the decision as data, for applications that call the model themselves."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from crossfix.events import Action
from crossfix.guard.access import Access
from crossfix.guard.asgi import (
    ClientLeftError,
    Receive,
    Scope,
    Send,
    TooLargeError,
    plain,
    read_body,
    send_json,
)
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.refuse import AGAIN, shown
from crossfix.guard.request import Request
from crossfix.guard.shells.desk import Desk, Verdict
from crossfix.guard.wire import Answered, Refusal
from crossfix.guard.wordings import LONGEST_ACCEPTED

MOST_BODY_BYTES = 8 * 1024 * 1024

_Short = Annotated[str, msgspec.Meta(max_length=256)]
# Some languages write whole numbers as 12.0: what is taken is any number, its whole part counts.
_Tokens = Annotated[float, msgspec.Meta(ge=0, le=2**53 - 1)]
_Attributes = Annotated[
    dict[
        Annotated[str, msgspec.Meta(max_length=64)], Annotated[str, msgspec.Meta(max_length=4_096)]
    ],
    msgspec.Meta(max_length=64),
]


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked: ``account`` is about to do ``action`` with these ``texts``.

    ``account`` is the application's own name for its user, in characters that can be printed. For
    what a model answered, ``action`` is ``completion`` or ``refusal`` and ``id`` that of the
    prompt's decision. ``attributes`` have the reserved names of events (``ip``, ``device`` …);
    ``tokens`` is the cost, as far as known. ``language`` says what the person reads, as a code or
    an ``Accept-Language`` header.
    """

    account: Annotated[
        str, msgspec.Meta(min_length=1, max_length=256, extra_json_schema={"format": "printable"})
    ]
    action: Action = "prompt"
    texts: tuple[str, ...] = ()
    model: _Short = ""
    tokens: _Tokens = 0
    tokens_out: _Tokens | None = None
    conversation: str | None = None
    id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    attributes: _Attributes = {}
    language: Annotated[str, msgspec.Meta(max_length=LONGEST_ACCEPTED)] = ""


_decode = msgspec.json.Decoder(Question).decode


class DecideApi:
    """Answers ``POST /v1/decide`` with 200 and the decision, whatever it is."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except ClientLeftError:
            return
        if isinstance(answer, Refusal):
            await send_json(send, answer.status, list(answer.headers), plain(answer))
        else:
            await send_json(send, 200, [], said(answer))

    async def _answer(self, scope: Scope, receive: Receive) -> Verdict | Refusal:
        key = self._access.ask(scope, "decide")
        if isinstance(key, Refusal):
            return key
        try:
            question = _decode(await read_body(scope, receive, MOST_BODY_BYTES))
        except TooLargeError:
            return _wrong(413, "request_too_large", "The body is larger than is allowed.")
        except (msgspec.MsgspecError, RecursionError, ValueError) as e:
            return _wrong(400, "invalid_request", f"The body is no question: {e}")
        if not question.account.isprintable():
            return _wrong(400, "invalid_request", "account must be a name that can be printed.")
        try:
            out = None if question.tokens_out is None else int(question.tokens_out)
            request = self._request(question, key.id, key.organisation)
            return await self._desk.ask(request, Answered(tokens_out=out))
        except UnrecordedError:
            return _UNRECORDED

    def _request(self, question: Question, key: str, organisation: str) -> Request:
        desk = self._desk
        return Request(
            id=question.id or desk.new_id(), service=desk.parts.service,
            account=desk.account(question.account), action=question.action, model=question.model,
            key=key, organisation=organisation, texts=question.texts, tokens=int(question.tokens),
            conversation=question.conversation, attributes=question.attributes,
            language=question.language,
        )  # fmt: skip


def said(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON has it: the decision, whether to go on, and how limits stand."""
    decision = verdict.decision
    limits = [msgspec.structs.asdict(limit) for limit in decision.limits]
    answer = {
        "id": verdict.request.id, "allowed": verdict.refusal is None, **shown(decision),
        "limits": limits,
    }  # fmt: skip
    if verdict.refusal is not None:
        answer |= {
            "status": verdict.refusal.status,
            "code": verdict.refusal.code,
            "message": verdict.refusal.message,
        }
    if verdict.url is not None:
        answer["url"] = verdict.url
    return answer


def _wrong(status: int, code: str, message: str) -> Refusal:
    return Refusal(status=status, code=code, kind="invalid", message=message)


_UNRECORDED = Refusal(
    status=503, code="guard_unavailable", kind="outside", headers=AGAIN,
    message="This cannot be recorded at the moment.",
)  # fmt: skip
