from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.errors import SettingError
from crossfix.guard import Guard, Request, headers
from crossfix.guard.prices import SHIPPED, Price, Prices
from crossfix.guard.renewal import Renewal
from crossfix.guard.spend import Cap, Spend
from crossfix.store.registry import SpendTable, open_registry

NOW = datetime(2026, 11, 30, 18, tzinfo=UTC).timestamp()
PRICES = Prices(
    {"big*": Price(into=3.0, out=15.0, cached=0.3), "big-mini": Price(into=0.1, out=0.4)}
)


def request(**changes: Any) -> Request:
    fields: dict[str, Any] = {"id": "r", "service": "app", "account": "app:u1", "model": "big-1",
                              "action": "prompt", "organisation": "o1"}  # fmt: skip
    return Request(**(fields | changes))


def test_a_call_costs_what_its_tokens_cost() -> None:
    assert PRICES.cost("big-1", 1_000_000, 0) == 3_000_000
    assert PRICES.cost("big-1", 1_000, 200) == 6_000
    assert PRICES.cost("big-1", 1_000, 200, cached_in=900) == 300 + 270 + 3_000
    assert PRICES.cost("big-mini", 1_000, 0, cached_in=1_000) == 100
    assert PRICES.cost("small", 1_000, 0) is None
    assert PRICES.cost("big-1", -5, -5, 99) == 0


def test_the_longest_pattern_holds() -> None:
    prices = Prices.of_file(SHIPPED)
    assert prices.currency == "USD"
    for model, out in (("gpt-4o-2024-08-06", 10.0), ("gpt-4o-mini", 0.6), ("gpt-5-nano-x", 0.4)):
        price = prices.of(model)
        assert price is not None
        assert price.out == out
    assert prices.of("llama") is None


@given(st.lists(st.text(max_size=8), max_size=30))
def test_a_pattern_fits_as_a_look_at_all_of_them_says(models: list[str]) -> None:
    table = {"a*": Price(into=1, out=1), "ab*": Price(into=2, out=2), "abc": Price(into=3, out=3),
             "*": Price(into=4, out=4)}  # fmt: skip
    prices = Prices(table)
    for model in [*models, "a", "ab", "abc", "abcd", "x"]:
        fits = [p for p in table if p == model or (p[-1] == "*" and model.startswith(p[:-1]))]
        best = table[max(fits, key=lambda p: (p == model, len(p)))]
        assert prices.of(model) == best


@pytest.mark.parametrize(
    "text",
    ["currency = 'USD'", "x", "currency='USD'\n[models]\n'a' = {in = -1, out = 0}",
     "currency='USD'\n[models]\n'a' = {in = 1}"],
)  # fmt: skip
def test_a_table_that_is_none_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(SettingError, match=r"p\.toml"):
        Prices.of_file(tmp_path / "p.toml")


def test_a_cap_that_is_used_up_refuses_until_its_period_is_over() -> None:
    spend = Spend(PRICES, [Cap(holder="account", period="day", amount=0.01)])
    guard = Guard(spend=spend)
    assert guard.decide(request(), NOW).answer == "allow"
    assert spend.charge(request(), NOW, tokens_in=3_000, tokens_out=100) == 10_500
    assert spend.spent("account", "app:u1", "month", NOW) == pytest.approx(0.0105)
    decision = guard.decide(request(), NOW)
    assert (decision.answer, decision.reasons[0].code) == ("throttle", "spend_account")
    assert decision.retry_seconds == pytest.approx(6 * 3600)
    assert ("x-should-retry", "false") in headers(decision)
    assert guard.decide(request(account="app:u2"), NOW).answer == "allow"
    assert guard.decide(request(), NOW + 6 * 3600).answer == "allow"


def test_an_organisation_is_capped_over_all_of_its_accounts_and_one_alone_if_named() -> None:
    caps = [Cap(holder="organisation", period="month", amount=0.02),
            Cap(holder="account", period="month", amount=0.0, only="app:poor")]  # fmt: skip
    spend = Spend(PRICES, caps)
    for n in range(2):
        spend.charge(request(account=f"app:u{n}"), NOW, tokens_in=3_400, tokens_out=0)
    (over,) = spend.overspent(request(account="app:u9"), NOW)
    assert (over.cap.holder, over.retry_seconds) == ("organisation", 6 * 3600)
    assert spend.overspent(request(organisation="o2"), NOW) == []
    poor = spend.overspent(request(account="app:poor", organisation=""), NOW)
    assert [o.cap.only for o in poor] == ["app:poor"]


def test_sums_of_days_that_are_over_are_let_go() -> None:
    spend = Spend(PRICES, [Cap(holder="account", period="day", amount=1.0)])
    for n in range(40):
        spend.charge(request(), NOW + n * 86_400, tokens_in=1_000, tokens_out=0)
    assert len(spend._sums) == 4
    assert spend.spent("account", "app:u1", "month", NOW + 39 * 86_400) > 0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("charge"), st.integers(0, 2), st.integers(1, 5_000)),
            st.tuples(st.just("renew"), st.integers(0, 2), st.just(0)),
        ),
        max_size=40,
    )
)
def test_processes_that_tell_each_other_know_what_all_of_them_spent(
    steps: list[tuple[str, int, int]],
) -> None:
    together = [Spend(PRICES, [Cap(holder="account", period="day", amount=1.0)]) for _ in range(3)]
    kept: dict[tuple[str, str], int] = {}
    spent = 0
    for one in together:

        def told(holders: list[str], cost: int, one: Spend = one) -> None:
            for other in together:
                if other is not one:
                    other.overhear(holders, cost, NOW)

        one.told = told
    for what, at, tokens in steps:
        if what == "charge":
            spent += together[at].charge(request(), NOW, tokens_in=tokens, tokens_out=0) or 0
        else:
            for key, amount in together[at].pending().items():
                kept[key] = kept.get(key, 0) + amount
            together[at].take_over(kept)
        for one in together:
            assert one.spent("account", "app:u1", "day", NOW) == spent / 1e6
            assert one.spent("organisation", "o1", "month", NOW) == spent / 1e6


def test_what_has_no_price_is_counted_as_such() -> None:
    spend = Spend(PRICES, [])
    for _ in range(2):
        assert spend.charge(request(model="x"), NOW, tokens_in=9, tokens_out=9) is None
    assert spend.unpriced == {"x": 2}


def test_processes_spend_from_one_sum(tmp_path: Path) -> None:
    def opened():  # type: ignore[no-untyped-def]
        return open_registry(f"sqlite:///{tmp_path}/registry.sqlite")

    cap = Cap(holder="account", period="day", amount=0.01)
    one, other = (Guard(spend=Spend(PRICES, [cap])) for _ in range(2))
    renewals = [Renewal(opened, guard) for guard in (one, other)]
    for guard, renewal in zip((one, other), renewals, strict=True):
        assert guard.spend is not None
        guard.spend.charge(request(), NOW, tokens_in=2_000, tokens_out=0)
        renewal.renew(NOW)
        renewal.renew(NOW)
    assert one.decide(request(), NOW).answer == "allow"
    renewals[0].renew(NOW)
    for guard in (one, other):
        assert guard.spend is not None
        assert guard.decide(request(), NOW).answer == "throttle"
        assert guard.spend.spent("account", "app:u1", "day", NOW) == pytest.approx(0.012)
    with opened() as registry:
        table = SpendTable(registry)
        assert set(table.sums(["2026-11-30", "2026-11"])) == {
            (f"{h}:{w}", p) for h, w in (("account", "app:u1"), ("organisation", "o1"))
            for p in ("2026-11-30", "2026-11")
        }  # fmt: skip
        assert table.forget(before="2026-12") == 4
