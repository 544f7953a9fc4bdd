"""The reasons for and against one request, and the decision that they make together."""

from __future__ import annotations

from crossfix.accounts.standing import TIERS
from crossfix.guard.codes import CODES
from crossfix.guard.decision import ANSWERS, Answer, Decision, RateLimit, Reason
from crossfix.guard.ruling import Ruling
from crossfix.guard.wordings import ENGLISH, wording

RANK = {answer: n for n, answer in enumerate(ANSWERS)}
"""Answer -> how strong it is."""


class Case:
    """The reasons gathered so far for one request; of several answers the strongest holds."""

    # Mostly there is nothing to say: what a case begins with costs nothing to make.
    answer = 0
    reasons: tuple[tuple[int, Reason], ...] = ()
    degraded: tuple[str, ...] = ()
    lifts: str | None = None
    retry: float | None = None
    tier: str | None = None
    language = ENGLISH
    """That of the person concerned, who reads the reasons."""

    def add(
        self,
        rank: int,
        reason: Reason,
        lifts: str | None = None,
        retry: float | None = None,
        tier: str | None = None,
    ) -> None:
        """Take in a reason, the rank of its answer, and what belongs to it."""
        self.reasons = (*self.reasons, (rank, reason))
        if rank > self.answer:
            self.answer, self.lifts = rank, lifts
        if retry is not None:
            self.retry = retry if self.retry is None else max(retry, self.retry)
        if tier is not None and (self.tier is None or TIERS.index(tier) > TIERS.index(self.tier)):
            self.tier = tier

    def say(
        self,
        code: str,
        *,
        answer: Answer | None = None,
        evidence: dict[str, str] | None = None,
        retry: float | None = None,
        tier: str | None = None,
    ) -> None:
        """Take in one of the guard's own reasons."""
        known = CODES[code]
        text, lifts = wording(self.language).reasons[code]
        reason = Reason(code=code, text=text, evidence=evidence or {})
        self.add(RANK[answer or known.answer], reason, lifts, retry, tier)

    def heed(self, ruling: Ruling, has: str) -> None:
        """Take in what a policy says of an account that has a tier."""
        said = wording(self.language)
        text = ruling.wording.get(self.language, ruling.text)
        reason = Reason(code="policy", text=text, policy=ruling.policy, evidence=ruling.evidence)
        answer, tier = ruling.answer, ruling.tier
        if answer == "challenge":
            tier = tier or "proof_of_work"
            if TIERS.index(has) >= TIERS.index(tier):  # it was passed, and that holds for its time
                answer, tier = "flag", None
        lifts = ruling.lifts or said.lifts.get(answer) or said.reasons["policy"][1]
        self.add(RANK[answer], reason, lifts, ruling.retry_seconds, tier)

    def decision(self, reference: str, limits: tuple[RateLimit, ...]) -> Decision:
        """Return the decision that the reasons make."""
        if not self.reasons and not self.degraded:
            return Decision(answer="allow", reference=reference, limits=limits)
        answer = ANSWERS[self.answer]
        ordered = sorted(self.reasons, key=lambda r: -r[0])
        return Decision(
            answer=answer,
            reference=reference,
            reasons=tuple(reason for _, reason in ordered),
            lifts=self.lifts,
            retry_seconds=self.retry if answer == "throttle" else None,
            tier=self.tier if answer == "challenge" else None,
            limits=limits,
            degraded=self.degraded,
            language=self.language,
        )
