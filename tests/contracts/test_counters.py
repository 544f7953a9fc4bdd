"""What all counters must do, run in this process and against a real Valkey server."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import StoreError
from crossfix.store.counters import Counters, ProcessCounters, open_counters
from crossfix.store.counters.counters import MOST_MEMBERS


@dataclass
class Case:
    counters: Counters
    wait: Callable[[float], None]


@pytest.fixture(params=["process", "valkey"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param == "process":
        now = [1000.0]

        def wait(seconds: float) -> None:
            now[0] += seconds

        with open_counters(None, clock=lambda: now[0]) as counters:
            yield Case(counters, wait)
    else:
        import valkey

        url = request.getfixturevalue("valkey_server")
        with valkey.Valkey.from_url(url) as server:
            server.flushall()
        with open_counters(url) as counters:
            yield Case(counters, time.sleep)


def test_a_count_grows_and_is_forgotten_when_its_time_is_over(case: Case) -> None:
    counters = case.counters
    assert counters.get("a") == 0
    assert counters.increase("a", expires_seconds=0.3) == 1
    assert counters.increase("a", by=5, expires_seconds=0.3) == 6
    assert counters.increase("b", expires_seconds=60) == 1
    assert counters.get("a") == 6
    case.wait(0.4)
    assert counters.get("a") == 0
    assert counters.get("b") == 1
    assert counters.increase("a", expires_seconds=0.3) == 1


def test_later_increases_do_not_prolong_a_count(case: Case) -> None:
    case.counters.increase("a", expires_seconds=0.4)
    case.wait(0.25)
    assert case.counters.increase("a", expires_seconds=0.4) == 2
    case.wait(0.25)
    assert case.counters.get("a") == 0


def test_distinct_members_are_counted_once_and_each_for_its_own_time(case: Case) -> None:
    counters = case.counters
    assert counters.see("ip", "a", within_seconds=0.6) == 1
    assert counters.see("ip", "a", within_seconds=0.6) == 1
    case.wait(0.4)
    assert counters.see("ip", "b", within_seconds=0.6) == 2
    assert counters.distinct("ip", within_seconds=0.6) == 2
    case.wait(0.4)
    assert counters.distinct("ip", within_seconds=0.6) == 1
    assert counters.see("ip", "\x00 odd \udcff"[:6], within_seconds=0.6) == 2
    case.wait(0.7)
    assert counters.distinct("ip", within_seconds=0.6) == 0
    assert counters.distinct("other", within_seconds=0.6) == 0


def test_a_member_seen_again_is_counted_from_then_on(case: Case) -> None:
    case.counters.see("ip", "a", within_seconds=0.5)
    case.wait(0.3)
    case.counters.see("ip", "a", within_seconds=0.5)
    case.wait(0.3)
    assert case.counters.distinct("ip", within_seconds=0.5) == 1


def test_counts_and_members_of_one_name_do_not_meet_and_are_forgotten_together(case: Case) -> None:
    counters = case.counters
    counters.increase("k", expires_seconds=60)
    counters.see("k", "m", within_seconds=60)
    counters.increase("kept", expires_seconds=60)
    assert (counters.get("k"), counters.distinct("k", within_seconds=60)) == (1, 1)
    counters.forget("k", "never")
    counters.forget()
    assert (counters.get("k"), counters.distinct("k", within_seconds=60)) == (0, 0)
    assert counters.get("kept") == 1
    assert counters.see("k", "n", within_seconds=60) == 1


def test_no_increase_is_lost_among_threads(case: Case) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: case.counters.increase("a", expires_seconds=60), range(400)))
    assert case.counters.get("a") == 400


def test_a_key_holds_so_many_members_and_the_latest_of_them(case: Case) -> None:
    for n in range(MOST_MEMBERS + 5):
        seen = case.counters.see("ip", str(n), within_seconds=600)
    assert seen == MOST_MEMBERS
    assert case.counters.see("ip", str(MOST_MEMBERS + 4), within_seconds=600) == MOST_MEMBERS


def test_a_server_that_does_not_answer_is_a_store_error() -> None:
    with open_counters("valkey://127.0.0.1:1") as counters, pytest.raises(StoreError):
        counters.increase("a", expires_seconds=1)
    with pytest.raises(StoreError, match="URL of the counters' server is wrong"):
        open_counters("nothing://x")


def test_memory_holds_what_is_alive_only() -> None:
    now = [0.0]
    counters = ProcessCounters(lambda: now[0])
    for n in range(3000):
        now[0] = float(n)
        counters.increase(f"c{n}", expires_seconds=10)
        counters.see(f"m{n}", "x", within_seconds=10)
    for _ in range(3000):
        counters.forget("again")
        counters.see("again", "x", within_seconds=10)
    held = (counters._counts, counters._members, counters._until, counters._ends)
    assert all(len(h) <= 23 for h in held)


Step = tuple[str, int, int, float]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["increase", "see", "distinct", "get", "forget"]),
            st.integers(0, 2), st.integers(0, 3), st.floats(0, 4, width=16),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_counters_do_what_a_list_of_everything_would(steps: list[Step]) -> None:
    now, within = [0.0], 5.0
    counters = ProcessCounters(lambda: now[0])
    counts: dict[str, tuple[int, float]] = {}
    seen: list[tuple[str, str, float]] = []
    for what, k, m, wait in steps:
        now[0] += wait
        key, member = f"k{k}", f"m{m}"
        if counts.get(key, (0, now[0] + 1))[1] <= now[0]:
            del counts[key]
        if what == "increase":
            count, until = counts.get(key, (0, now[0] + within))
            counts[key] = (count + m, until)
            assert counters.increase(key, by=m, expires_seconds=within) == count + m
        elif what == "get":
            assert counters.get(key) == counts.get(key, (0, 0.0))[0]
        elif what == "forget":
            counters.forget(key)
            counts.pop(key, None)
            seen = [s for s in seen if s[0] != key]
        else:
            if what == "see":
                seen.append((key, member, now[0]))
                got = counters.see(key, member, within_seconds=within)
            else:
                got = counters.distinct(key, within_seconds=within)
            # As the counters reckon it: t > now - within differs from t + within > now by rounding.
            alive = {o for of, o, t in seen if of == key and t > now[0] - within}
            assert got == len(alive)
