"""What all limiters must do, run in this process and against a real Valkey server."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import StoreError
from crossfix.store.counters import Ask, LimitAnswers, Limiter, ProcessLimiter
from crossfix.store.counters.valkey_limiter import ValkeyLimiter

START = 1_790_000_000.0


@dataclass
class Case:
    limiter: Limiter
    clock: Callable[[], float]
    wait: Callable[[float], None]

    def take(self, *asks: Ask) -> LimitAnswers:
        return self.limiter.take(asks, self.clock())

    def allows(self, *asks: Ask) -> bool:
        return self.take(*asks).allowed


@pytest.fixture(params=["process", "valkey"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param == "process":
        now = [START]

        def wait(seconds: float) -> None:
            now[0] += seconds

        yield Case(ProcessLimiter(), lambda: now[0], wait)
    else:
        import valkey

        url = request.getfixturevalue("valkey_server")
        with valkey.Valkey.from_url(url) as server:
            server.flushall()
        with ValkeyLimiter(url, timeout_seconds=10) as limiter:
            yield Case(limiter, time.time, time.sleep)


def rate(key: str = "a", limit: int = 4, period: float = 400.0, cost: int = 1) -> Ask:
    return Ask(key, limit, period, cost)


def lease(member: str, key: str = "l", limit: int = 2, period: float = 100.0) -> Ask:
    return Ask(key, limit, period, 1, "lease", member)


def first(member: str, key: str = "f", limit: int = 2, period: float = 200.0) -> Ask:
    return Ask(key, limit, period, 1, "first", member)


def test_a_rate_gives_what_it_has_and_then_says_when_the_next_comes(case: Case) -> None:
    for left in (3, 2, 1, 0):
        (answer,) = case.take(rate()).answers
        assert (answer.remaining, answer.retry_seconds) == (left, 0)
        assert answer.reset_seconds == pytest.approx((4 - left) * 100, abs=1)
    (answer,) = case.take(rate()).answers
    assert answer.remaining == 0
    assert answer.retry_seconds == pytest.approx(100, abs=1)
    assert case.allows(rate("b")), "another key has its own"


def test_a_rate_comes_back_evenly(case: Case) -> None:
    fast = rate(limit=2, period=1.0)
    assert [case.allows(fast) for _ in range(3)] == [True, True, False]
    case.wait(0.6)
    assert [case.allows(fast) for _ in range(2)] == [True, False]
    case.wait(1.2)
    assert [case.allows(fast) for _ in range(3)] == [True, True, False]


def test_costs_are_charged_as_such_and_one_that_never_fits_as_the_limit(case: Case) -> None:
    assert case.take(rate(cost=3)).answers[0].remaining == 1
    assert not case.allows(rate(cost=2))
    assert case.allows(rate(cost=1))
    assert case.take(rate("b", cost=9)).answers[0].remaining == 0
    assert not case.allows(rate("b"))


def test_where_one_limit_refuses_none_is_charged(case: Case) -> None:
    assert case.allows(rate("small", limit=1))
    for _ in range(5):
        found = case.take(rate("big"), rate("small", limit=1), lease("x"), first("m"))
        assert not found.allowed
        assert [a.remaining for a in found.answers] == [4, 0, 2, 2]
        assert [a.retry_seconds > 0 for a in found.answers] == [False, True, False, False]
    assert case.take(rate("big")).answers[0].remaining == 3
    assert [case.allows(lease(m)) for m in "xyz"] == [True, True, False]


def test_leases_count_who_holds_one_and_end_by_themselves(case: Case) -> None:
    short = [lease(m, period=0.5) for m in "abc"]
    assert [case.allows(x) for x in short] == [True, True, False]
    assert case.allows(short[0]), "who holds one may ask again"
    refused = case.take(short[2]).answers[0]
    assert 0 < refused.retry_seconds <= 0.5
    case.limiter.release([short[1], rate()], case.clock())
    assert case.allows(short[2])
    assert not case.allows(short[1])
    case.wait(0.7)
    assert [case.allows(x) for x in short] == [True, True, False]


def test_a_member_is_charged_the_first_time_alone(case: Case) -> None:
    assert [case.allows(first(m)) for m in ("a", "a", "b", "a", "b")] == [True] * 5
    assert not case.allows(first("c"))
    assert not case.allows(first("c")), "who was refused is not known thereby"
    assert case.allows(first("a"))
    assert case.take(first("a", key="g")).answers[0].remaining == 1


def test_what_was_used_in_the_end_is_settled(case: Case) -> None:
    def left(key: str) -> int:
        return case.take(rate(key, limit=100, cost=0)).answers[0].remaining

    asks = {k: rate(k, limit=100, cost=50) for k in ("less", "as said", "more", "debt")}
    for ask in asks.values():
        case.take(ask)
    used = {"less": 10, "as said": 50, "more": 70, "debt": 250}
    case.limiter.settle([(asks[k], n) for k, n in used.items()], case.clock())
    assert {k: left(k) for k in used} == {"less": 90, "as said": 50, "more": 30, "debt": 0}
    answer = case.take(rate("debt", limit=100)).answers[0]
    assert answer.retry_seconds == pytest.approx(400 * 151 / 100, abs=2)
    case.limiter.settle([(rate("new", limit=100, cost=0), 40), (lease("x"), 5)], case.clock())
    assert left("new") == 60
    case.limiter.settle([(rate("less", limit=100, cost=500), 0)], case.clock())
    assert left("less") == 100, "it is never more than whole"


def test_asking_nothing_is_allowed(case: Case) -> None:
    assert case.take() == LimitAnswers()
    case.limiter.settle([], case.clock())
    case.limiter.release([], case.clock())


def test_keys_may_hold_anything(case: Case) -> None:
    for key in ("", "a b\n\x00", "имя:{x}", "x" * 5000):
        assert case.take(rate("k" + key), first(key), lease(key)).allowed or key
    assert not ValkeyLimiter("valkey://127.0.0.1:1").take([], 0).answers


def test_a_server_that_does_not_answer_is_a_store_error() -> None:
    with ValkeyLimiter("valkey://127.0.0.1:1") as limiter:
        with pytest.raises(StoreError):
            limiter.take([rate()], START)
        with pytest.raises(StoreError):
            limiter.settle([(rate(), 1)], START)
        with pytest.raises(StoreError):
            limiter.release([lease("a")], START)
    with pytest.raises(StoreError, match="URL of the counters' server is wrong"):
        ValkeyLimiter("nothing://x")


Step = tuple[int, int, float]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.floats(0, 40, width=16))))
def test_a_rate_allows_what_a_bucket_that_leaks_would(steps: list[Step]) -> None:
    # The twin keeps the level of a bucket instead of a time, and looks at each key alone.
    limiter, now = ProcessLimiter(), START
    levels: dict[str, tuple[float, float]] = {}
    limit, period = 4, 60.0
    for k, cost, wait in steps:
        now += wait
        key = f"k{k}"
        level, at = levels.get(key, (0.0, now))
        level = max(0.0, level - (now - at) * limit / period)
        charged = min(cost, limit)
        answer = limiter.take([Ask(key, limit, period, cost)], now).answers[0]
        if abs(level + charged - limit) > 1e-4:
            assert (answer.retry_seconds == 0) == (level + charged < limit)
        if answer.retry_seconds == 0:
            level += charged
        else:
            later = now + answer.retry_seconds
            assert limiter.take([Ask(key, limit, period, 0)], later).allowed
        assert answer.reset_seconds == pytest.approx(level * period / limit, abs=1e-3)
        levels[key] = (level, now)


def test_memory_follows_what_is_alive() -> None:
    limiter, now = ProcessLimiter(), START
    for n in range(20_000):
        now += 1.0
        asks = [rate(f"r{n}", period=30.0, limit=1), lease("m", key=f"l{n}", period=30.0)]
        assert limiter.take(asks, now).allowed
    assert len(limiter) < 250
    assert limiter.evicted == 0


def test_memory_is_bounded_whatever_comes() -> None:
    limiter = ProcessLimiter(most_keys=100)
    for n in range(5_000):
        limiter.take([rate(f"r{n}"), lease("m", key=f"l{n}"), first(f"m{n}", limit=9999)], START)
    assert len(limiter) <= 310
    assert limiter.evicted > 10_000
