import pytest

from crossfix.accounts.standing import Standing
from crossfix.guard import DEFAULT_PLAN, Limit, Plan, Planned, Request
from crossfix.guard.limits import block
from crossfix.store.counters import Ask

NOW = 1_790_000_000.0


def request(**changes: object) -> Request:
    fields: dict[str, object] = {
        "id": "r1", "service": "app", "account": "app:u1", "action": "prompt", "model": "m",
        "key": "k1", "organisation": "o1", "tokens": 7, "attributes": {"ip": "192.0.2.77"},
    }  # fmt: skip
    return Request(**(fields | changes))  # type: ignore[arg-type]


def keys(asks: list[Ask]) -> set[str]:
    return {ask.key for ask in asks}


def test_every_scope_is_asked_with_its_own_value() -> None:
    scopes = ("account", "key", "ip", "organisation", "model")
    plan = Plan(
        limits=tuple(
            Limit(scope=s, counted="requests", limit=9, period_seconds=60)  # type: ignore[arg-type]
            for s in scopes
        ),
        tiers={},
    )
    assert keys(Planned(plan).asks(request())) == {
        "account-requests-60:app:u1", "key-requests-60:k1", "ip-requests-60:192.0.2.0/24",
        "organisation-requests-60:o1", "model-requests-60:m",
    }  # fmt: skip
    bare = request(key="", organisation="", model="", attributes={})
    assert keys(Planned(plan).asks(bare)) == {"account-requests-60:app:u1"}


def test_a_key_that_nobody_is_named_behind_meets_the_limits_of_the_key_alone() -> None:
    asks = Planned().asks(request(account="app:key:k1"))
    assert {k.partition("-")[0] for k in keys(asks)} == {"ip", "key"}
    assert not any(a.how == "first" for a in asks)


def test_limits_widen_by_tier_and_narrow_by_risk() -> None:
    def limit(**standing: object) -> int:
        asks = Planned().asks(request(), Standing(account="app:u1", first=1.0, **standing), NOW)  # type: ignore[arg-type]
        return next(a.limit for a in asks if a.key.startswith("account-requests-60:"))

    whole = limit()
    assert limit(tier="external") == 3 * whole
    assert limit(risk=DEFAULT_PLAN.risk_from) == whole
    assert limit(risk=1.0) == pytest.approx(DEFAULT_PLAN.risk_floor * whole, abs=1)
    assert whole > limit(risk=0.75) > limit(risk=1.0)


def test_a_limit_for_one_value_is_for_no_other() -> None:
    one = Limit(scope="model", counted="requests", limit=1, period_seconds=60, only="dear")
    plan = Planned(Plan(limits=(one,), tiers={}))
    assert plan.asks(request(model="cheap")) == []
    (ask,) = plan.asks(request(model="dear"))
    assert plan.of(ask) == one


def test_only_new_accounts_are_counted_as_new() -> None:
    def new(first: float) -> bool:
        asks = Planned().asks(request(), Standing(account="app:u1", first=first), NOW)
        return any(a.how == "first" for a in asks)

    assert new(NOW)
    assert new(NOW - 3600)
    assert not new(NOW - 86_400)


@pytest.mark.parametrize(
    ("ip", "expected"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"),
     ("::ffff:192.0.2.9", "192.0.2.0/24"), ("not an address", ""), ("", ""),
     ("2001:DB8:0001::1", "2001:db8:1::/48")],
)  # fmt: skip
def test_an_address_counts_as_its_block(ip: str, expected: str) -> None:
    assert block(ip) == expected
