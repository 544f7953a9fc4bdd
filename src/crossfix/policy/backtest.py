"""Policies tried on the past: every event is judged as it would have been when it was received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from crossfix.events.event import Event
from crossfix.policy.from_event import facts_of
from crossfix.policy.memory import Memory
from crossfix.policy.policy import STATUSES, Hit, Policy
from crossfix.policy.ruleset import compile_policies
from crossfix.policy.vocabulary import OUTWARD

FRICTION = ("throttle", "challenge", "block", "limit")
"""The effects that somebody feels."""

_ANSWERS = frozenset((*OUTWARD, "decision"))
SAMPLES = 3
MOST_FIRST = 10
STEP = 1_000


@dataclass(frozen=True)
class Sample:
    """A hit to look at."""

    event: str
    time: float
    account: str
    number: int
    evidence: dict[str, str]


@dataclass
class Outcome:
    """What one policy would have done.

    ``events`` were looked at. ``accounts`` has for each account that was hit how many things it
    had done by then, the model's answers not counted. ``met`` are the hits that a live policy
    with friction meets too, ``fresh_accounts`` the accounts that none of these meets.
    """

    policy: Policy
    events: int = 0
    hits: int = 0
    met: int = 0
    first_time: float | None = None
    last_time: float | None = None
    accounts: dict[str, int] = field(default_factory=dict)
    fresh_accounts: int = 0
    samples: list[Sample] = field(default_factory=list)

    @property
    def friction(self) -> bool:
        """Whether anybody would feel it."""
        return any(effect.kind in FRICTION for effect in self.policy.effects)


@dataclass(frozen=True)
class Backtest:
    """What policies would have done with events, from the first received to the last.

    ``abusers`` were named as such; all other accounts count as good users. ``good_met`` and
    ``abusers_met`` are those that live policies with friction would have met, the latter with the
    number of their events until then in ``abusers_after``. ``unjudged`` requests were refused
    before policies saw them, and are left out as they were then.
    """

    outcomes: tuple[Outcome, ...]
    events: int
    accounts: int
    since: float | None
    until: float | None
    good: int
    abusers: int
    good_met: int
    abusers_met: int
    abusers_after: tuple[int, ...]
    forgotten: int
    unjudged: int = 0

    def good_share(self, outcome: Outcome, abusers: Collection[str]) -> float:
        """Return which share of good users a policy would have met."""
        met = sum(account not in abusers for account in outcome.accounts)
        return met / self.good if self.good else 0.0


def backtest(
    policies: Iterable[Policy],
    events: Iterable[Event],
    *,
    abusers: Collection[str] = frozenset(),
    samples: int = SAMPLES,
    progress: Callable[[int], None] | None = None,
) -> Backtest:
    """Judge events that come in the order in which they were received.

    Drafts are judged like the others. ``progress`` is told the number of events every thousand.
    """
    known = list(policies)
    rules, memory = compile_policies(known, STATUSES), Memory()
    outcomes = {policy.id: Outcome(policy) for policy in rules.policies}
    strict = {id for id, o in outcomes.items() if o.friction and o.policy.status == "live"}
    seen: Counter[str] = Counter()
    actions: Counter[tuple[str, str, str]] = Counter()
    met: dict[str, int] = {}
    since = until = None
    total = unjudged = 0
    for event in events:
        total += 1
        if progress and total % STEP == 0:
            progress(total)
        if "unjudged" in event.attributes:
            unjudged += 1
            continue
        facts = facts_of(event)
        seen[event.account] += event.action not in _ANSWERS
        actions[event.action, event.surface, event.service] += 1
        since = facts.time if since is None else since
        until = facts.time
        hits = rules.judge(facts, memory)
        if not hits:
            continue
        stopped = any(hit.policy in strict for hit in hits)
        if stopped:
            met.setdefault(event.account, seen[event.account])
        for hit in hits:
            _note(outcomes[hit.policy], hit, event, facts.time, seen, stopped, samples)
    for outcome in outcomes.values():
        outcome.events = _looked_at(outcome.policy, actions)
        outcome.fresh_accounts = sum(account not in met for account in outcome.accounts)
    bad = [account for account in met if account in abusers]
    named = sum(account in seen for account in set(abusers))
    return Backtest(
        outcomes=tuple(outcomes.values()), events=total, accounts=len(seen), since=since,
        until=until, good=len(seen) - named, abusers=named, good_met=len(met) - len(bad),
        abusers_met=len(bad), abusers_after=tuple(sorted(met[a] for a in bad)),
        forgotten=memory.forgotten, unjudged=unjudged,
    )  # fmt: skip


def _note(
    outcome: Outcome,
    hit: Hit,
    event: Event,
    time: float,
    seen: Counter[str],
    stopped: bool,
    samples: int,
) -> None:
    outcome.hits += 1
    outcome.met += stopped
    outcome.last_time = time
    if outcome.first_time is None:
        outcome.first_time = time
    number = seen[event.account]
    if event.account in outcome.accounts:
        return
    outcome.accounts[event.account] = number
    if len(outcome.samples) < samples:
        outcome.samples.append(Sample(event.id, time, event.account, number, hit.evidence))


def _looked_at(policy: Policy, actions: Counter[tuple[str, str, str]]) -> int:
    when = policy.when
    return sum(
        n
        for (action, surface, service), n in actions.items()
        if action in when.actions
        and (not when.surfaces or surface in when.surfaces)
        and (not when.services or service in when.services)
    )
