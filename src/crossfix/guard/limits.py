"""The plan of limits: which ones a request meets, graduated by tier and by risk."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

import msgspec

from crossfix.accounts.standing import Standing
from crossfix.guard.decision import RateLimit
from crossfix.guard.request import Request
from crossfix.store.counters import Ask, LimitAnswer, LimitAnswers

Scope = Literal["account", "key", "ip", "organisation", "model"]
Counted = Literal["requests", "tokens", "concurrent", "accounts"]

OWN = ":key:"
"""What stands in the account of a key for which nobody says who is behind it."""

_HOUR = 3600.0


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of something for each account, key, IP block, organisation or model.

    They come back evenly within ``period_seconds``; a lease (``concurrent``) ends after so long by
    itself. ``accounts`` counts accounts not seen before. ``only`` names the one key, organisation
    or model that the limit is for.
    """

    scope: Scope
    counted: Counted
    limit: int
    period_seconds: float
    only: str | None = None

    @property
    def name(self) -> str:
        """The name by which counters and reasons know the limit."""
        return f"{self.scope}-{self.counted}-{self.period_seconds:g}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All limits, and how far tier and risk widen or narrow those of an account.

    Up to the risk ``risk_from`` an account has its limits whole; at risk 1 the share
    ``risk_floor`` of them. A limited account may make ``limited`` requests an hour.
    """

    limits: tuple[Limit, ...]
    tiers: dict[str, float]
    risk_from: float = 0.5
    risk_floor: float = 0.2
    limited: int = 60
    new_seconds: float = 86_400.0


DEFAULT_PLAN = Plan(
    limits=(
        Limit(scope="account", counted="requests", limit=600, period_seconds=60.0),
        Limit(scope="account", counted="requests", limit=12_000, period_seconds=_HOUR),
        Limit(scope="account", counted="tokens", limit=2_000_000, period_seconds=60.0),
        Limit(scope="account", counted="concurrent", limit=100, period_seconds=600.0),
        Limit(scope="ip", counted="requests", limit=6_000, period_seconds=60.0),
        Limit(scope="ip", counted="accounts", limit=120, period_seconds=_HOUR),
        Limit(scope="key", counted="requests", limit=30_000, period_seconds=60.0),
        Limit(scope="key", counted="accounts", limit=3_000, period_seconds=60.0),
    ),
    tiers={"anonymous": 1.0, "proof_of_work": 1.25, "email": 1.5, "code": 2.0, "external": 3.0},
)
"""Limits that nobody meets who uses a model as people and their scripts do."""

_HOW: dict[str, Literal["rate", "first", "lease"]] = {
    "requests": "rate", "tokens": "rate", "concurrent": "lease", "accounts": "first",
}  # fmt: skip
_MOST_MADE = 20_000
_NONE = Standing(account="", first=0.0)


class Planned:
    """A plan made ready to be asked for each request; an instance belongs to one thread."""

    def __init__(self, plan: Plan = DEFAULT_PLAN) -> None:
        self.plan = plan
        self._counted = {x.name: x for x in plan.limits}
        self.leases = any(x.counted == "concurrent" for x in plan.limits)
        """Whether there is a limit of requests at the same time."""
        self._made: dict[tuple[str | float, ...], list[Ask]] = {}

    def of(self, ask: Ask) -> Limit | None:
        """Return the limit that an ask is of; ``None`` for that of limited accounts."""
        return self._counted.get(ask.key.partition(":")[0])

    def asks(self, request: Request, standing: Standing = _NONE, now: float = 0.0) -> list[Ask]:
        """Return the limits that a request meets, in the order of the plan.

        Without an account of its own (the key's stands for it) a request meets the key's alone.
        """
        share = self._share(standing)
        new = now - standing.first < self.plan.new_seconds or not standing.first
        ip = request.attributes.get("ip")
        origin = (
            request.account, request.key, block(ip) if ip else "", request.organisation,
            request.model, share, new, standing.slowed,
        )  # fmt: skip
        made = self._made.get(origin)
        if made is None:
            made = self._make(request, origin[2], share, new, standing.slowed)
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            self._made[origin] = made
        # What is asked alike each time is asked with one object; the rest is filled in.
        return [ask if ask.member is None else _filled(ask, request) for ask in made]

    def _make(
        self, request: Request, source: str, share: float, new: bool, limited: bool
    ) -> list[Ask]:
        account = request.account
        values = {
            "account": "" if request.key and account.endswith(OWN + request.key) else account,
            "key": request.key,
            "ip": source,
            "organisation": request.organisation,
            "model": request.model,
        }
        asks = []
        for x in self.plan.limits:
            value = values[x.scope]
            if not value or (x.only is not None and x.only != value):
                continue
            how, limit = _HOW[x.counted], x.limit
            if how == "first" and not (new and values["account"]):
                continue
            if x.scope == "account":
                limit = max(1, int(limit * share))
            fill = None if x.counted == "requests" else x.counted
            asks.append(Ask(f"{x.name}:{value}", limit, x.period_seconds, 1, how, fill))
        if limited:
            # One at a time, and the next after its share of the hour.
            asks.append(Ask("limited:" + account, 1, _HOUR / self.plan.limited))
        return asks

    def _share(self, standing: Standing) -> float:
        plan = self.plan
        share = plan.tiers.get(standing.tier, 1.0)
        if standing.risk > plan.risk_from:
            above = (standing.risk - plan.risk_from) / (1.0 - plan.risk_from)
            share *= 1.0 - above * (1.0 - plan.risk_floor)
        return share


def _filled(ask: Ask, request: Request) -> Ask:
    key, limit, period = ask.key, ask.limit, ask.period_seconds
    if ask.member == "tokens":
        return Ask(key, limit, period, max(1, request.tokens), "rate", None, True)
    member = request.id if ask.how == "lease" else request.account
    return Ask(key, limit, period, 1, ask.how, member)


@lru_cache(maxsize=65_536)
def block(ip: str) -> str:
    """Return the block of an address, /24 or /48, as its first address; nothing for no address."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return f"{ip_network((address.packed, 48), strict=False).network_address}/48"
        address = address.ipv4_mapped
    return f"{str(address).rpartition('.')[0]}.0/24"


def tightest(limits: LimitAnswers) -> tuple[RateLimit, ...]:
    """Return of the limits of requests and of tokens the one each that has the least left."""
    requests: LimitAnswer | None = None
    tokens: LimitAnswer | None = None
    for answer in limits.answers:
        ask = answer.ask
        if ask.how != "rate":
            continue
        if ask.settles:
            if tokens is None or _has_less(answer, tokens):
                tokens = answer
        elif requests is None or _has_less(answer, requests):
            requests = answer
    if tokens is None:
        return () if requests is None else (_told("requests", requests),)
    if requests is None:
        return (_told("tokens", tokens),)
    return _told("requests", requests), _told("tokens", tokens)


def _has_less(answer: LimitAnswer, other: LimitAnswer) -> bool:
    return answer.remaining * other.ask.limit < other.remaining * answer.ask.limit


def _told(counted: Literal["requests", "tokens"], answer: LimitAnswer) -> RateLimit:
    return RateLimit(counted, answer.ask.limit, answer.remaining, answer.reset_seconds)
