"""What is watched while the guard works: it counts, and says when operators should know."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from crossfix.guard.alerts.alert import Alert, Level, shown
from crossfix.guard.alerts.desk import Desk
from crossfix.guard.decision import Decision, stronger
from crossfix.guard.key_use import KeyUses, conversation_of
from crossfix.guard.metrics import Metrics

if TYPE_CHECKING:
    from crossfix.events import Event
    from crossfix.guard.request import Request
    from crossfix.guard.ruling import Ruling
    from crossfix.guard.wire import Answered, Ask, Wire
    from crossfix.store.registry import StoredStanding

REFUSALS = 20
"""Refusals of the provider within the window that are worth an alert."""

REFUSALS_SECONDS = 600.0
WARNED_SECONDS = 60.0
"""How long the log says nothing more of a check that is missing."""

log = logging.getLogger("crossfix.gateway")

_TELLING: tuple[Level, ...] = ("high", "critical")


class Ended(Protocol):
    """A call that has ended, as far as it is counted."""

    request: Request
    ask: Ask
    decision: Decision | None
    after: Decision | None
    answered: Answered
    upstream: str
    upstream_seconds: float
    refused_by_provider: bool
    wire: Wire


class Monitor:
    """Counts what happens in one worker, and raises alerts.

    Args:
        metrics: where it is counted.
        desk: where alerts are raised, if anywhere.
        levels: the level of each policy.
        refusals: how many refusals within ten minutes are worth an alert.
        began: what was written before is known already, in seconds since 1970.
    """

    def __init__(
        self,
        metrics: Metrics,
        desk: Desk | None = None,
        levels: Mapping[str, Level] | None = None,
        *,
        refusals: int = REFUSALS,
        began: float = 0.0,
    ) -> None:
        self.metrics = metrics
        self.desk = desk
        self.levels = {} if levels is None else levels
        self.keys = KeyUses()
        self._known_keys: set[str] = set()
        self._began = began
        self._most = refusals
        self._warned: dict[str, float] = {}
        self._refused: deque[tuple[float, str]] = deque(maxlen=max(1, refusals))
        self.forward: Callable[[Alert], bool] = lambda alert: False
        """Has another process tell operators, and says whether it will."""

    def called(self, exchange: Ended, seconds: float, now: float, *, left: bool) -> None:
        """Count a call that has ended; this is on the hot path."""
        decision, request, answered = exchange.decision, exchange.request, exchange.answered
        after = exchange.after
        strongest = stronger(decision, after)
        answer = strongest.answer if strongest is not None else "none"
        self.metrics.call(
            exchange.wire.name, answer, request.model, seconds,
            answered.tokens_in or 0, answered.tokens_out or 0,
        )  # fmt: skip
        if decision is not None and (decision.reasons or decision.degraded):
            self._reasons(decision, now)
        if after is not None and (after.reasons or after.degraded):
            self._reasons(after, now)
        if exchange.upstream:
            self.metrics.time("crossfix_upstream_seconds", exchange.upstream_seconds,
                              exchange.upstream)  # fmt: skip
        if exchange.refused_by_provider:
            self._refusal(request.model, request.account, now)
        if left:
            self.metrics.count("crossfix_clients_left_total")
        if request.key and request.key not in self._known_keys:
            begun = conversation_of(
                request.conversation, request.account, request.texts, exchange.ask.earlier
            )
            self._key_used(
                request.key, request.account, begun, request.attributes.get("ip", ""), now
            )  # fmt: skip

    def _reasons(self, decision: Decision, now: float) -> None:
        for reason in decision.reasons:
            self.metrics.count("crossfix_reasons_total", reason.code)
        for check in decision.degraded:
            self.degraded(check, now)

    def failed(self, upstream: str, code: str) -> None:
        """Count a call that an upstream failed to answer."""
        self.metrics.count("crossfix_upstream_errors_total", upstream or "none", code)

    def heard(self, account: str, ruling: Ruling, now: float) -> None:
        """Take note that a policy held for an event of an account."""
        status = "shadow" if ruling.shadow else "live"
        self.metrics.count("crossfix_policy_hits_total", ruling.policy, status)
        if ruling.shadow or self.desk is None:
            return
        level = self.levels.get(ruling.policy, "medium")
        facts = {"policy": ruling.policy, "account": account, "answer": ruling.answer}
        if ruling.state is not None:
            facts["state"] = ruling.state
        if ruling.notify or level in _TELLING:
            raised: Level = level if level in _TELLING else "high"
            title = f"Policy {ruling.policy} holds"
            self._tell("policy", ruling.policy, raised, title, now, facts)

    def stood(self, rows: Iterable[tuple[StoredStanding, datetime]]) -> None:
        """Take note of how accounts stand, as the registry says what was written lately."""
        for stored, written in rows:
            if stored.state in ("suspended", "removed") and written.timestamp() >= self._began:
                self._suspended(stored, written.timestamp())

    def _suspended(self, stored: StoredStanding, written: float) -> None:
        facts = {"account": stored.account, "state": stored.state or ""}
        if stored.state_until is not None:
            facts["until"] = stored.state_until.isoformat(timespec="seconds")
        self._tell("suspended", stored.account, "high", f"An account is {stored.state}", written,
                   facts)  # fmt: skip

    def degraded(self, check: str, now: float, why: str = "") -> None:
        """Take note that a check, or the record, could not be made."""
        self.metrics.count("crossfix_degraded_total", check)
        facts = {"check": check} | ({"why": shown(why)} if why else {})
        if now - self._warned.get(check, float("-inf")) >= WARNED_SECONDS:
            self._warned[check] = now
            log.warning(json.dumps({"event": "degraded"} | facts))
        self._tell("degraded", check, "critical" if check == "record" else "high",
                   f"Degraded: {check}", now, facts)  # fmt: skip

    def overheard(self, event: Event, now: float) -> None:
        """Take note of what another worker judged, as far as alerts are raised for it."""
        if event.action == "refusal":
            self._refused_again(event.account, now)
        elif event.action == "prompt":
            given = event.attributes
            key = given.get("key", "")
            if key and key not in self._known_keys:
                texts = (event.text,) if event.text else ()
                begun = conversation_of(event.conversation, event.account, texts)
                self._key_used(key, event.account, begun, given.get("ip", ""), now)

    def _refusal(self, model: str, account: str, now: float) -> None:
        self.metrics.count("crossfix_provider_refusals_total", self.metrics.model(model))
        self._refused_again(account, now)

    def _refused_again(self, account: str, now: float) -> None:
        self._refused.append((now, account))
        first = self._refused[0][0]
        if len(self._refused) == self._most and now - first <= REFUSALS_SECONDS:
            counts: dict[str, int] = {}
            for _, who in self._refused:
                counts[who] = counts.get(who, 0) + 1
            most = max(counts, key=lambda who: counts[who])
            self._tell("provider_refusals", "provider", "critical",
                       "The provider refuses many calls; it may cut off the organisation", now,
                       {"refusals": str(self._most), "accounts": str(len(counts)),
                        "most from": most, "of which": str(counts[most])})  # fmt: skip
            self._refused.clear()

    def _key_used(
        self, key: str, account: str, conversation: str, network: str, now: float
    ) -> None:
        """Follow a key until it is known whether its users can be told apart."""
        self.keys.note(key, account, conversation=conversation, network=network)
        use = self.keys.of(key)
        if use is None:
            return
        if len(use.accounts) > 1:
            self._known_keys.add(key)
        elif use.stands_for_many:
            self._known_keys.add(key)
            self._lone(key, now)

    def _lone(self, key: str, now: float) -> None:
        self._tell(
            "lone_key", key, "high", "All users behind an API key look like one", now,
            {"key": key, "what to do": "let the key name its users: crossfix keys"},
        )  # fmt: skip

    def _tell(
        self, kind: str, subject: str, level: Level, title: str, now: float, facts: dict[str, str]
    ) -> None:
        if self.desk is not None:
            alert = Alert(
                kind=kind, subject=subject, level=level, title=title, time=now, facts=facts
            )
            if not self.forward(alert):
                self.desk.tell(alert)
