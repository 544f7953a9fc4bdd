"""The decision: what an account may do now, from what is held in memory alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from crossfix.accounts.profile import Profile
from crossfix.accounts.risk import Profiles
from crossfix.accounts.standing import TIERS, Standing
from crossfix.accounts.standings import Standings
from crossfix.content.classifier import MILD
from crossfix.content.finding import Finding
from crossfix.errors import SettingError
from crossfix.events.event import Action, Event
from crossfix.guard.case import RANK, Case
from crossfix.guard.considered import OUT, Considered, Settling
from crossfix.guard.decision import Answer, Decision, RateLimit
from crossfix.guard.elsewhere import as_here, witnessed
from crossfix.guard.limits import Planned, block, tightest
from crossfix.guard.rating import Rated
from crossfix.guard.reference import References
from crossfix.guard.request import Request
from crossfix.guard.request_facts import request_facts
from crossfix.guard.ruling import Direction, Known, Look, Rules, Ruling, lasting
from crossfix.guard.spend import Spend
from crossfix.guard.wordings import language_of
from crossfix.policy.facts import Facts
from crossfix.store.counters import Ask, LimitAnswers, Limiter, ProcessLimiter

FailMode = Literal["open", "closed"]

CHECKS = ("limits", "content", "policies")
"""The checks that may fail, each open or closed."""

DEFAULT_ANSWERS: dict[str, Answer] = {
    "indicator": "flag", "pattern": "flag", "secret": "flag", "personal": "allow",
    "fingerprint": "flag", "swarm": "flag", "url": "flag", "disguise": "flag", "classifier": "flag",
}  # fmt: skip
"""What a finding alone leads to; more is a policy's to say."""

_STATES = {"watched": "account_watched", "limited": "account_limited",
           "challenged": "verification_required", "suspended": "account_suspended",
           "removed": "account_removed"}  # fmt: skip


class Guard:
    """The decisions of one process; an instance belongs to one thread.

    Args:
        plan: the limits.
        limiter: where they are counted where `decide` is not given answers.
        standings: how accounts stand.
        look: the checks of content, if any.
        rules: the policies, if any.
        answers: what a finding of each kind of check leads to.
        fail: check -> ``open`` (go on without it) or ``closed`` (refuse); open if not named.
        spend: what accounts and organisations may spend, if there are caps.
        profiles: how accounts behave; without them no risk is reckoned.
        flag_risk: the risk from which an account is flagged for it.
        seed: start of the references, at random.
    """

    def __init__(
        self,
        *,
        plan: Planned | None = None,
        limiter: Limiter | None = None,
        standings: Standings | None = None,
        look: Look | None = None,
        rules: Rules | None = None,
        answers: Mapping[str, Answer] = DEFAULT_ANSWERS,
        fail: Mapping[str, FailMode] | None = None,
        spend: Spend | None = None,
        profiles: Profiles | None = None,
        flag_risk: float = 0.8,
        seed: int = 0,
    ) -> None:
        self.plan = plan or Planned()
        self.limiter = limiter or ProcessLimiter()
        self.standings = standings or Standings()
        self.look = look
        self.known: Known | None = None
        self.heard: Callable[[str, Ruling, float], None] | None = None
        self.marked: Callable[[str, Ruling, float], None] | None = None
        self.rules = rules
        self._answers = dict(answers)
        if self._answers.get("classifier", "allow") not in MILD:
            raise SettingError(
                f"A classifier errs: its score may lead to {', '.join(MILD)}, not more."
            )
        self._harsh = any(RANK[answer] > RANK["flag"] for answer in self._answers.values())
        self._closed = {check for check, mode in (fail or {}).items() if mode == "closed"}
        self.spend = spend
        self.profiles = profiles
        self._flag_risk = flag_risk
        self._references = References(seed)

    def asks(self, request: Request, now: float) -> list[Ask]:
        """Return the limits to be asked before `decide`, where others count them too."""
        if request.action in OUT:
            return []
        return self.plan.asks(request, self._standing(request.account, now), now)

    def decide(self, request: Request, now: float, limits: LimitAnswers | None = None) -> Decision:
        """Return what an account may do now.

        ``limits`` is what a limiter answered to `asks`. Without it the guard's own is asked, but
        not for requests at the same time: nobody says then when this one is over. No other state
        than the guard's own is read or changed, and nothing is waited for.
        """
        return self.consider(request, now, limits).decision

    def consider(
        self,
        request: Request,
        now: float,
        limits: LimitAnswers | None = None,
        rated: Rated | None = None,
    ) -> Considered:
        """Return the decision with what it was made from.

        ``rated`` is what classifiers said that the request waited for.

        A request that the account's state or a limit refuses is not looked at any further.
        """
        case = Case()
        if request.language:
            case.language = language_of(request.language)
        standing = self._standing(request.account, now)
        leaving = request.action in OUT
        rates: tuple[RateLimit, ...] = ()
        if not leaving:
            if standing.state != "active":
                self._stand(standing, case)
            if case.answer < RANK["block"]:
                rates = self._limit(request, standing, now, limits, case)
        if case.answer in (RANK["throttle"], RANK["block"]):
            return Considered(decision=self._decided(case, rates))
        if self.profiles is not None:
            standing = self._behave(request, standing, now, case)
        findings = self._find(request, "completion" if leaving else "prompt", case, rated)
        facts = request_facts(request, standing, findings, now)
        return self._judge(facts, case, rates)

    def rehearse(self, request: Request, now: float) -> Decision:
        """Return what would be decided about an answer as far as it has come.

        Nothing is remembered of it, and the account is given nothing: when the answer is whole,
        it is judged once, by `consider`.
        """
        case = Case()
        if request.language:
            case.language = language_of(request.language)
        standing = self._standing(request.account, now)
        findings = self._find(request, "completion", case)
        facts = request_facts(request, standing, findings, now)
        for ruling in self._rule(facts, case, whole=False):
            if not ruling.shadow:
                case.heed(ruling, facts.tier)
        return self._decided(case, ())

    def refuses(self, action: Action) -> bool:
        """Say whether anything that holds at the moment could refuse an event of an action.

        Where nothing can, as with answers under the starter pack, none need be held back.
        """
        if self._closed & {"content", "policies"} or self._harsh:
            return True
        ask = getattr(self.rules, "refuses", None)
        return self.rules is not None if ask is None else bool(ask(action))

    def witness(self, event: Event, now: float, rated: tuple[Finding, ...] = ()) -> Considered:
        """Have policies judge something that happened elsewhere: a signup, a login, a post.

        Nothing is refused by it, for it has happened: what policies make of the account holds for
        its next request. What the event says of the account's standing is not believed, nor what
        it says was found; ``rated`` is what was.
        """
        from crossfix.policy.from_event import facts_of

        case = Case()
        standing = self._standing(event.account, now)
        request = witnessed(event)
        if self.profiles is not None and (event.action in OUT or event.action == "prompt"):
            standing = self._behave(request, standing, now, case)
        found = self._find(request, "completion" if event.action in OUT else "prompt", case)
        facts = as_here(facts_of(event), standing, found + rated, now)
        return self._judge(facts, case, (), past=True)

    def overhear(self, event: Event, now: float, *, looked: bool) -> None:
        """Count an event that a process beside this one judged; nothing is answered or marked.

        ``looked`` says that what the checks found is in it, and that it can be believed.
        """
        from crossfix.policy.from_event import facts_of

        standing = self._standing(event.account, now)
        request = witnessed(event)
        if self.profiles is not None and (event.action in OUT or event.action == "prompt"):
            standing = self._behave(request, standing, now, Case())
        facts = facts_of(event)
        found = facts.findings
        if not looked:
            direction: Direction = "completion" if event.action in OUT else "prompt"
            found = self._find(request, direction, Case())
        self._rule(as_here(facts, standing, found, now), Case())

    def mark(self, account: str, ruling: Ruling, now: float, *, keep: bool = True) -> None:
        """Give an account what a policy gives it; later requests meet it.

        What the policy's challenge asks for ends it, unless the account had that already.
        """
        required, has = ruling.tier, self.standings.get(account, now).tier
        if required is not None and TIERS.index(has) >= TIERS.index(required):
            required = None
        self.standings.mark(
            account, now, state=ruling.state, seconds=ruling.state_seconds,
            reason=f"policy {ruling.policy}", labels=ruling.labels, required=required, keep=keep,
        )  # fmt: skip

    def _judge(
        self, facts: Facts, case: Case, rates: tuple[RateLimit, ...], *, past: bool = False
    ) -> Considered:
        """Have the policies rule on an event, and give the account what they give it.

        What is ``past`` cannot be answered any more: the account's next request is.
        """
        rulings = self._rule(facts, case)
        if past:
            rulings = [lasting(ruling) for ruling in rulings]
        for ruling in rulings:
            if not ruling.shadow:
                case.heed(ruling, facts.tier)
                if ruling.state is not None or ruling.labels:
                    self.mark(facts.account, ruling, facts.time)
                    if self.marked is not None:
                        self.marked(facts.account, ruling, facts.time)
            if self.heard is not None:
                self.heard(facts.account, ruling, facts.time)
        return Considered(
            decision=self._decided(case, rates),
            facts=facts,
            findings=facts.findings,
            rulings=tuple(r for r in rulings if not r.shadow),
            shadow=tuple(r for r in rulings if r.shadow),
        )

    def settle(
        self,
        request: Request,
        asks: Sequence[Ask],
        now: float,
        *,
        tokens_in: int | None = None,
        tokens_out: int | None = None,
        cached_in: int = 0,
        limiter: Settling | None = None,
    ) -> None:
        """Take in that a call is over, however it ended: what it used is charged, leases end.

        ``asks`` are those that were charged before it; tokens are ``None`` where nobody said how
        many were used. ``limiter`` is where they were charged, if not with the guard's own.

        Raises:
            StoreError: the limiter's server does not answer.
        """
        counted: Settling = limiter or self.limiter
        if tokens_in is not None or tokens_out is not None:
            into, out = tokens_in or 0, tokens_out or 0
            changes = [(ask, into + out) for ask in asks if ask.settles]
            if changes:
                counted.settle(changes, now)
            if self.spend is not None:
                self.spend.charge(
                    request, now, tokens_in=into, tokens_out=out, cached_in=cached_in
                )  # fmt: skip
        counted.release(asks, now)

    def refuse(
        self,
        code: str,
        *,
        because: str = "",
        retry_seconds: float | None = None,
        language: str = "",
    ) -> Decision:
        """Return the decision for a request that has no account to decide about."""
        case = Case()
        case.language = language_of(language)
        evidence = {"because": because} if because else None
        case.say(code, evidence=evidence, retry=retry_seconds)
        return self._decided(case, ())

    def _stand(self, standing: Standing, case: Case) -> None:
        code, tier = _STATES[standing.state], None
        if standing.state == "limited":
            return  # its limit says when the next request may come
        if standing.state == "challenged":
            if TIERS.index(standing.tier) >= TIERS.index(standing.required):
                return
            tier = standing.required
        evidence = {"because": standing.state_reason} if standing.state_reason else None
        case.say(code, evidence=evidence, tier=tier)

    def _limit(
        self,
        request: Request,
        standing: Standing,
        now: float,
        limits: LimitAnswers | None,
        case: Case,
    ) -> tuple[RateLimit, ...]:
        if limits is None:
            asks = self.plan.asks(request, standing, now)
            if self.plan.leases:
                asks = [a for a in asks if a.how != "lease"]
            limits = self.limiter.take(asks, now)
        if limits.degraded:
            self._missed("limits", case)
        for answer in limits.answers:
            if answer.retry_seconds:
                limit = self.plan.of(answer.ask)
                code = f"rate_limit_{limit.counted}" if limit else "account_limited"
                name, _, _ = answer.ask.key.partition(":")
                evidence = {"limit": name, "most": str(answer.ask.limit)}
                case.say(code, evidence=evidence, retry=answer.retry_seconds)
        if self.spend is not None:
            for over in self.spend.overspent(request, now):
                evidence = {"per": over.cap.period, "cap": f"{over.cap.amount:g}"}
                case.say(
                    f"spend_{over.cap.holder}", evidence=evidence, retry=over.retry_seconds
                )  # fmt: skip
        return tightest(limits)

    def _standing(self, account: str, now: float) -> Standing:
        standing = self.standings.get(account, now)
        profile = self.profiles.get(account) if self.profiles is not None else None
        return standing if profile is None else _with_risk(standing, profile)

    def _behave(self, request: Request, standing: Standing, now: float, case: Case) -> Standing:
        """Take in how the account behaves; return how it stands then."""
        profiles = self.profiles
        assert profiles is not None
        if request.action in OUT:
            profiles.answer(request.account, refused=request.action == "refusal")
            return standing
        given = request.attributes
        ip = given.get("ip")
        profile = profiles.prompt(
            standing, now, request.texts[-1] if request.texts else "", model=request.model,
            network=block(ip) if ip else "", device=given.get("device") or given.get("tls", ""),
        )  # fmt: skip
        standing = _with_risk(standing, profile)
        if standing.risk >= self._flag_risk:
            parts = {name: f"{part:.2f}" for name, part in standing.risk_parts.items()}
            case.say("risk_high", evidence={"risk": f"{standing.risk:.2f}", **parts})
        return standing

    def _find(
        self, request: Request, direction: Direction, case: Case, rated: Rated | None = None
    ) -> tuple[Finding, ...]:
        found: list[Finding] = []
        look = self.look
        try:
            if look is not None:
                for text in request.texts:
                    found += look(text, direction)
            if self.known is not None:
                found += self.known(request.attributes, request.action)
        except Exception:  # whatever a check fails of, the request must have an answer
            self._missed("content", case)
        if rated is not None:
            found += rated.findings
            if rated.missed:
                self._missed("classifier", case, closed=rated.closed)
        for finding in found:
            answer = self._answers.get(finding.check, "allow")
            if answer != "allow":
                case.say(
                    f"content_{finding.check}", answer=answer,
                    evidence={"name": finding.name, "score": f"{finding.score:.2f}"},
                )  # fmt: skip
        return tuple(found)

    def _rule(self, facts: Facts, case: Case, *, whole: bool = True) -> Sequence[Ruling]:
        rules = self.rules
        if rules is None:
            return ()
        if not whole:
            rules = getattr(rules, "rehearse", rules)
        try:
            return rules(facts)
        except Exception:  # as above: policies are other people's code
            self._missed("policies", case)
            return ()

    def _missed(self, check: str, case: Case, *, closed: bool = False) -> None:
        case.degraded = (*case.degraded, check)
        if closed or check in self._closed:
            case.say("check_unavailable", evidence={"check": check})

    def _decided(self, case: Case, rates: tuple[RateLimit, ...]) -> Decision:
        return case.decision(self._references.next(), rates)


def _with_risk(standing: Standing, profile: Profile) -> Standing:
    """Return a standing with the greater of two risks: what is kept, and what behaviour shows."""
    if profile.risk <= standing.risk:
        return standing
    return msgspec.structs.replace(standing, risk=profile.risk, risk_parts=profile.risk_parts)
