"""One call: asked, decided, passed on, answered, recorded."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from crossfix.content.finding import Finding
from crossfix.events import Action
from crossfix.guard import record
from crossfix.guard.asgi import JSON, Headers, Receive, Send, Whole, send_body, send_json
from crossfix.guard.caller import Caller
from crossfix.guard.considered import Considered
from crossfix.guard.decide import Guard
from crossfix.guard.decision import Decision
from crossfix.guard.moderation import moderation
from crossfix.guard.provider import refused_by_answer, refused_by_error
from crossfix.guard.rating import Raters
from crossfix.guard.recorder import Recorder, UnrecordedError
from crossfix.guard.refuse import AGAIN, head, refused
from crossfix.guard.request import Request
from crossfix.guard.response import Response
from crossfix.guard.seen import Seen
from crossfix.guard.stream import WINDOW_CHARACTERS, Mode, Scanner
from crossfix.guard.upstream import GARBAGE, UpstreamError, Upstreams, passed_back, whole
from crossfix.guard.wire import Answered, Ask, MalformedError, Refusal, Wire
from crossfix.store.counters import Ask as LimitAsk
from crossfix.store.counters.async_limiter import AsyncLimiter

if TYPE_CHECKING:
    from crossfix.guard.monitor import Monitor

_NOTHING = Answered()
_NOT_SERVED = (404, 405, 501)


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What every call of one worker shares.

    ``versions`` are those of the policies that hold; ``content`` is what the log says of texts.
    ``scanner`` makes what looks at one lane of a stream; ``verify_url`` says where an account is
    verified; ``soft`` says a block as an ordinary answer that a content filter ended. ``seen``
    tells what was checked already of the conversations that clients send; ``raters`` are the
    classifiers that are far away.
    """

    guard: Guard
    upstreams: Upstreams
    recorder: Recorder
    limiter: AsyncLimiter
    clock: Callable[[], float]
    service: str = "app"
    soft: bool = False
    mode: Mode = "window"
    window: int = WINDOW_CHARACTERS
    most_answer_bytes: int = 64 * 1024 * 1024
    most_held_bytes: int = 8 * 1024 * 1024
    scanner: Callable[[], Scanner] | None = None
    versions: Mapping[str, int] = {}
    monitor: Monitor | None = None
    content: Callable[[tuple[str, ...]], dict[str, str]] | None = None
    verify_url: Callable[[str, str], str | None] = lambda account, tier: None
    raters: Raters | None = None
    seen: Seen = msgspec.field(default_factory=lambda: Seen(secrets.token_bytes(32)))


class Exchange:
    """One call of one format, from the decision to the last byte."""

    def __init__(
        self, parts: Parts, wire: Wire, ask: Ask, caller: Caller, id: str, send: Send
    ) -> None:
        self.parts = parts
        self.wire = wire
        self.ask = ask
        self.send = send
        self.whole: Whole | None = None
        self.request = Request(
            id=id,
            service=parts.service,
            account=caller.account,
            action="prompt",
            model=ask.model,
            key=caller.key,
            organisation=caller.organisation,
            texts=ask.texts,
            tokens=ask.tokens,
            conversation=ask.conversation,
            attributes=caller.attributes,
            language=caller.language,
        )
        self.decision: Decision | None = None
        self.after: Decision | None = None
        """What was decided about the answer."""
        self.head: tuple[tuple[bytes, bytes], ...] = ()
        self.ticket = 0
        self.begun = False
        self.own_key = caller.own_key
        self.answered = _NOTHING
        self.refused_by_provider = False
        self.upstream = ""
        self.upstream_seconds = 0.0
        self._prompt: str | None = None
        self._limits: list[LimitAsk] = []
        self._charged = False

    async def decided(self) -> Refusal | None:
        """Decide and record; return the refusal, if it is one.

        Raises:
            UnrecordedError: what was decided cannot be kept, and must be.
        """
        parts = self.parts
        parts.recorder.check()
        now = parts.clock()
        guard = parts.guard
        self._limits = guard.asks(self.request, now)
        limits = await parts.limiter.take(self._limits)
        self._charged = limits.allowed
        if limits.allowed:
            self.request = parts.seen.complete(self.request, self.ask.earlier)
        request = self.request
        rated = None
        if limits.allowed and parts.raters is not None and parts.raters.hold:
            rated = await parts.raters.before(request.texts)
        considered = guard.consider(request, now, limits, rated)
        decision = self.decision = considered.decision
        self.head = head(decision)
        if parts.recorder.degraded is not None:
            self.head = (*self.head, (b"x-crossfix-degraded", b"record"))
        prompt = record.prompt_event(request, self.ask, considered, now)
        self._prompt = prompt.id
        self.ticket = parts.recorder.put(
            prompt,
            record.decision_event(request, considered, parts.versions, now, parent=prompt.id),
        )
        url = None
        if decision.answer == "challenge":
            url = parts.verify_url(request.account, decision.tier or "proof_of_work")
        refusal = refused(decision, url)
        if refusal is None:
            parts.seen.note(request.account, request.texts)
            if parts.raters is not None:
                parts.raters.beside(request.texts, self._later("prompt"), answer=False)
        return refusal

    def _later(self, about: Action) -> Callable[[tuple[Finding, ...]], None]:
        """Return what takes in the findings that come when this was decided already."""
        return partial(judge_later, self.parts, self.request, about)

    async def pass_on(
        self, method: str, path: str, query: bytes, headers: Headers, body: dict[str, Any]
    ) -> Response:
        """Return the beginning of the upstream's answer.

        Raises:
            UpstreamError: there is none.
        """
        began = time.perf_counter()
        response, upstream = await self.parts.upstreams.send(
            method, path, query, headers, msgspec.json.encode(body),
            model=self.ask.model, anthropic=self.wire.name == "messages",
        )  # fmt: skip
        self.upstream, self.upstream_seconds = upstream.name, time.perf_counter() - began
        return response

    async def answer_whole(self, response: Response) -> None:
        """Pass on an answer in one piece, after a look at all of it."""
        status = response.status
        raw = await whole(response, self.parts.most_answer_bytes)
        headers = [*passed_back(response), *self.head]
        if status in _NOT_SERVED and self.wire.name == "moderations":
            await self._moderate()
            return
        if status >= 400:
            code = refused_by_error(status, raw)
            if code is not None:
                self.observe("refusal", (), Answered(finish=code))
            await self.kept()
            await self._send_body(status, headers, raw)
            return
        answered = self._read(raw)
        refusal = self.observe(
            "refusal" if refused_by_answer(answered) else "completion",
            (*answered.texts, *(arguments for _, arguments in answered.calls)),
            answered,
        )
        if refusal is not None:
            await self.refuse(refusal)
            return
        await self.kept()
        await self._send_body(status, headers, raw)

    async def _moderate(self) -> None:
        """Answer with the guard's own checks."""
        look = self.parts.guard.look
        found = [look(text, "prompt") if look else () for text in self.ask.texts]
        assert self.decision is not None
        await self.kept()
        body = moderation(self.request.id, found, self.decision)
        await self._send_json(200, [*self.head], body)

    def _read(self, raw: bytes) -> Answered:
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError) as e:
            raise UpstreamError(GARBAGE) from e
        if not isinstance(body, dict):
            raise UpstreamError(GARBAGE)
        try:
            return self.wire.answered(body)
        except MalformedError as e:
            raise UpstreamError(GARBAGE) from e

    def observe(
        self,
        action: Action,
        texts: tuple[str, ...],
        answered: Answered,
        stopping: Decision | None = None,
    ) -> Refusal | None:
        """Record what the model answered; return the refusal that this leads to, if any.

        ``stopping`` is the decision for which the answer ends here: it stands in any case.
        """
        parts, now = self.parts, self.parts.clock()
        self.answered, self.refused_by_provider = answered, action == "refusal"
        considered = self.judge(action, texts, answered.tokens_out or 0, now)
        if stopping is not None and refused(considered.decision) is None:
            considered = msgspec.structs.replace(considered, decision=stopping)
        decision = self.after = considered.decision
        event = record.answer_event(
            self.request, action, texts, answered, considered, now, parent=self._prompt
        )
        events = [event]
        if decision.answer != "allow" or considered.shadow:
            events.append(
                record.decision_event(
                    self.request, considered, parts.versions, now, action, parent=event.id
                )
            )
        self.ticket = parts.recorder.put(*events)
        self.settle(answered)
        if decision.answer != "allow":
            self.head = (*head(decision), *(h for h in self.head if h[0][:11] == b"x-ratelimit"))
        refusal = None if action == "refusal" else refused(decision)
        if refusal is None:
            parts.seen.note(self.request.account, texts)
        if parts.raters is not None:
            parts.raters.beside(texts, self._later(action), answer=True)
        return refusal

    def judge(self, action: Action, texts: tuple[str, ...], tokens: int, now: float) -> Considered:
        """Ask the guard about what the model answered, on the account that asked."""
        done = msgspec.structs.replace(self.request, action=action, texts=texts, tokens=tokens)
        return self.parts.guard.consider(done, now)

    def rehearse(self, texts: tuple[str, ...]) -> Decision:
        """Ask the guard about an answer as far as it has come; nothing is remembered of it."""
        parts = self.parts
        done = msgspec.structs.replace(self.request, action="completion", texts=texts, tokens=0)
        return parts.guard.rehearse(done, parts.clock())

    def settle(self, answered: Answered) -> None:
        """Charge what the call cost instead of what was estimated, and end its leases."""
        if not self._charged:
            return
        self._charged = False
        self.parts.guard.settle(
            self.request, self._limits, self.parts.clock(), limiter=self.parts.limiter,
            tokens_in=answered.tokens_in, tokens_out=answered.tokens_out,
            cached_in=answered.cached_in,
        )  # fmt: skip

    def ended(self) -> None:
        """Let go of what a call holds, however it ended."""
        self.settle(_NOTHING)

    async def kept(self) -> None:
        """Return when everything that happened is in the log."""
        await self.parts.recorder.kept(self.ticket)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, after it is recorded."""
        await self.kept()
        if self.parts.soft and refusal.kind == "denied" and refusal.status == 403:
            await self._refuse_softly(refusal)
            return
        headers = _merged(self.head, refusal.headers)
        await self._send_json(refusal.status, headers, self.wire.error(refusal))

    async def _refuse_softly(self, refusal: Refusal) -> None:
        more = refusal.more or {}
        reference = str(more.get("ref", "")).replace("-", "")
        soft = self.wire.soft(self.ask, reference, refusal, self.parts.clock())
        if soft.get("error"):  # this format has no such answer
            await self._send_json(refusal.status, _merged(self.head, refusal.headers), soft)
        elif self.ask.stream and self.wire.streams:
            reader = self.wire.reader(self.ask)
            await self._send_stream([*self.head], reader.end_softly(refusal))
        else:
            await self._send_json(200, [*self.head], soft)

    async def _send_body(self, status: int, headers: Headers, body: bytes) -> None:
        self.begun = True
        if self.whole is not None and self.whole(status, headers, body):
            return
        await send_body(self.send, status, headers, body)

    async def _send_json(self, status: int, headers: Headers, value: Any) -> None:
        self.begun = True
        await send_json(self.send, status, headers, value)

    async def _send_stream(self, headers: Headers, body: bytes) -> None:
        self.begun = True
        await send_body(self.send, 200, [(b"content-type", b"text/event-stream"), *headers], body)


def judge_later(parts: Parts, request: Request, about: Action, found: tuple[Finding, ...]) -> None:
    """Have policies judge what classifiers found in what was let by, as an event of its own."""
    now = parts.clock()
    event = record.rating_event(request, about, found, now)
    considered = parts.guard.witness(event, now, found)
    events = [event]
    if considered.rulings or considered.shadow:
        rated = msgspec.structs.replace(request, id=f"{request.id}/rated {about}")
        events.append(record.decision_event(rated, considered, parts.versions, now, "decision"))
    parts.recorder.put(*events)


def _merged(
    first: tuple[tuple[bytes, bytes], ...], then: tuple[tuple[bytes, bytes], ...]
) -> Headers:
    """Return headers, each name once: of two the later."""
    return list({**dict(first), **dict(then)}.items())


def unrecorded(error: UnrecordedError) -> Refusal:
    """Return the refusal of what could not be recorded and must be."""
    return Refusal(
        status=503, code="guard_unavailable", kind="outside", headers=AGAIN,
        message="This request cannot be recorded at the moment; nothing is wrong with it.",
        more={"decision": "block", "reasons": [{"code": "record_unavailable"}]},
    )  # fmt: skip


class Leaving:
    """Cancels a call when its client leaves, before the first byte and after.

    Watching costs a task: it begins only for calls that last.
    """

    AFTER_SECONDS = 0.1

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._timer = self._loop.call_later(self.AFTER_SECONDS, self._watch)
        self._watching: asyncio.Task[None] | None = None
        self.left = False

    def _watch(self) -> None:
        self._watching = self._loop.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self._task.cancel()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()


__all__ = ["JSON", "Exchange", "Leaving", "Parts", "unrecorded"]
