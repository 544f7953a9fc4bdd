"""Where every shell but the gateway asks: limits, decision, record, in one call."""

from __future__ import annotations

import itertools
import secrets
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from crossfix.guard import record
from crossfix.guard.considered import OUT, Considered
from crossfix.guard.decision import Decision
from crossfix.guard.exchange import Parts, judge_later
from crossfix.guard.life import Life
from crossfix.guard.refuse import refused
from crossfix.guard.request import Request
from crossfix.guard.wire import Answered, Ask, Refusal

if TYPE_CHECKING:
    from crossfix.guard.verify.mount import VerifyMount


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a request; ``refusal`` is what to answer where it may not go on."""

    request: Request
    decision: Decision
    refusal: Refusal | None = None
    url: str | None = None


class Desk:
    """Asks one guard and records what was asked and decided.

    With a ``life`` of its own it starts at the first question; who has it is to stop it.
    ``verify`` answers where accounts are verified, for who serves no gateway beside.
    """

    def __init__(
        self, parts: Parts, life: Life | None = None, verify: VerifyMount | None = None
    ) -> None:
        self.parts = parts
        self.life = life
        self.verify = verify
        start = secrets.token_hex(6)
        self._ids = (f"{start}-{n:x}" for n in itertools.count(1))

    def account(self, native: str) -> str:
        """Return the account of a user of the application."""
        return f"{self.parts.service}:{native}"

    def new_id(self) -> str:
        """Return an id for a request."""
        return next(self._ids)

    async def ask(
        self, request: Request, answered: Answered | None = None, earlier: tuple[str, ...] = ()
    ) -> Verdict:
        """Decide about a request, or about what a model answered, and wait until it is recorded.

        Of the ``earlier`` texts of its conversation those are looked at that were not before.
        Nobody tells here when a call ends: limits on calls at the same time are left out.

        Raises:
            UnrecordedError: it cannot be recorded, and must be.
        """
        parts = self.parts
        if self.life is not None:
            await self.life.ready()
        parts.recorder.check()
        now = parts.clock()
        asks = [a for a in parts.guard.asks(request, now) if a.how != "lease"]
        limits = await parts.limiter.take(asks)
        if limits.allowed:
            request = parts.seen.complete(request, earlier)
        leaving, rated = request.action in OUT, None
        if limits.allowed and not leaving and parts.raters is not None and parts.raters.hold:
            rated = await parts.raters.before(request.texts)
        considered = parts.guard.consider(request, now, limits, rated)
        ticket = self._record(request, considered, answered, now)
        decision = considered.decision
        url = None
        if decision.answer == "challenge":
            url = parts.verify_url(request.account, decision.tier or "proof_of_work")
        await parts.recorder.kept(ticket)
        refusal = refused(decision, url)
        if refusal is None:
            parts.seen.note(request.account, request.texts)
        if parts.raters is not None and (leaving or refusal is None):
            later = partial(judge_later, parts, request, request.action)
            parts.raters.beside(request.texts, later, answer=leaving)
        return Verdict(request=request, decision=decision, refusal=refusal, url=url)

    def _record(
        self, request: Request, considered: Considered, answered: Answered | None, now: float
    ) -> int:
        parts, action = self.parts, request.action
        if action in ("completion", "refusal"):
            said = answered or Answered()
            event = record.answer_event(request, action, request.texts, said, considered, now)
        else:
            event = record.prompt_event(request, Ask(), considered, now)
        decided = record.decision_event(request, considered, parts.versions, now, action)
        return parts.recorder.put(event, decided)
