"""The live index against a slow twin and against the hunt's own traces."""

from __future__ import annotations

import tracemalloc
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import Event, to_batch
from crossfix.live.index import LiveIndex
from crossfix.live.people import People
from crossfix.traces.extract import TraceCollector

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = 600


def event(number: int, account: int, seconds: int, **fields: object) -> Event:
    plain = {
        "id": f"{number:032x}", "time": NOON + timedelta(seconds=seconds),
        "received": NOON + timedelta(seconds=seconds), "service": "x", "surface": "social",
        "account": f"x:{account}", "action": "post",
    }  # fmt: skip
    return msgspec.convert(plain | fields, Event)


def added(index: LiveIndex, events: Sequence[Event], size: int = 1_000) -> list[object]:
    seen = []
    for first in range(0, len(events), size):
        seen += index.add(to_batch(events[first : first + size]))
    return seen


def bursts(events: Sequence[Event], least: int) -> set[tuple[str, int, frozenset[str]]]:
    """Return each key and the accounts on it in a window that a newcomer completes."""
    collector = TraceCollector(clusterers=[])
    for one in events:
        collector.add(to_batch([one]))
    traces = collector.finish()
    names = traces.accounts.to_pylist()
    by_key: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    found = set()
    rows = sorted(traces.table.to_pylist(), key=lambda r: (r["event"], r["kind"]))
    for row in rows:
        key = (traces.kinds[row["kind"]], row["key"])
        own, now = names[row["account"]], row["time"]
        inside = [(t, a) for t, a in by_key[key] if now - t <= WINDOW * 1_000_000]
        others = {a for _, a in inside if a != own}
        if own not in {a for _, a in inside} and len(others) + 1 >= least:
            found.add((*key, frozenset(others | {own})))
        by_key[key].append((now, own))
    return found


acts = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 400), st.integers(0, 3), st.integers(0, 2)),
    min_size=1, max_size=60,
)  # fmt: skip


@given(acts, st.integers(1, 40))
@settings(max_examples=60)
def test_bursts_are_those_that_looking_at_every_pair_finds(
    acts: list[tuple[int, int, int, int]], size: int
) -> None:
    events, now = [], 0
    for number, (account, pause, link, tag) in enumerate(acts):
        now += pause
        events.append(
            event(number, account, now, urls=(f"https://example.org/{link}",),
                  hashtags=(f"tag{tag}",))
        )  # fmt: skip
    index = LiveIndex(window_seconds=WINDOW, least_actors=3)
    seen = {(s.kind, s.key, frozenset(s.accounts)) for s in added(index, events, size)}
    wanted = bursts(events, 3)
    assert seen <= wanted
    # Popular keys raise nothing: every burst that is missing is on a key with a past.
    for kind, key, accounts in wanted - seen:
        earlier = [e for e in events if key in keys_of(e, kind)]
        assert len(earlier) > len(accounts)


def keys_of(one: Event, kind: str) -> set[int]:
    collector = TraceCollector(clusterers=[])
    collector.add(to_batch([one]))
    traces = collector.finish()
    return {r["key"] for r in traces.table.to_pylist() if traces.kinds[r["kind"]] == kind}


def test_the_same_events_again_leave_nothing() -> None:
    events = [event(n, n, n, urls=("https://example.org/a",)) for n in range(8)]
    index = LiveIndex(window_seconds=WINDOW, least_actors=5)
    first = added(index, events)
    traces = index.traces
    assert first
    assert added(index, events) == []
    assert index.traces == traces
    assert index.events == 8


def test_accounts_of_one_person_are_one_actor() -> None:
    def posts(**fields: object) -> list[Event]:
        return [event(n, n, n, urls=("https://example.org/a",), **fields) for n in range(6)]

    one = LiveIndex(window_seconds=WINDOW, least_actors=3)
    assert added(one, posts(attributes={"person": "ada"})) == []
    other = LiveIndex(window_seconds=WINDOW, least_actors=3)
    assert added(other, posts(attributes={}))


def test_late_events_count_in_the_window_in_which_they_happened() -> None:
    link = ("https://example.org/late",)
    events = [event(0, 0, 0, urls=link), event(1, 1, 500, urls=link), event(2, 2, 250, urls=link)]
    index = LiveIndex(window_seconds=WINDOW, least_actors=3)
    (seen,) = [s for s in added(index, events, 1) if s.kind == "url"]
    assert set(seen.accounts) == {"x:0", "x:1", "x:2"}
    apart = [event(0, 0, 0, urls=link), event(1, 1, 900, urls=link), event(2, 2, 450, urls=link)]
    other = LiveIndex(window_seconds=WINDOW, least_actors=3)
    assert [s for s in added(other, apart, 1) if s.kind == "url"] == []


def test_memory_is_bounded_and_the_oldest_is_forgotten() -> None:
    index = LiveIndex(window_seconds=1e9, least_actors=3, most_entries=1 << 12, most_accounts=500)
    link = ("https://example.org/old",)
    added(index, [event(n, n, n, urls=link) for n in range(2)])
    rest = [event(10 + n, 10 + n, 10 + n, hashtags=(f"t{n}",)) for n in range(30_000)]
    added(index, rest)
    assert len(index.people) < 30_000
    late = added(index, [event(99_999, 3, 99_999, urls=link)])
    assert [s for s in late if s.kind == "url"] == []


def adversarial(first: int, many: int) -> list[Event]:
    """Events of which every key, account and text is another's never."""
    return [
        event(n, n, n // 500, urls=(f"https://h.example/{n}",), hashtags=(f"t{n}",),
              text=" ".join(f"w{n * 7 + i:x}" for i in range(12)),
              attributes={"device": f"d{n}", "person": f"p{n}"})
        for n in range(first, first + many)
    ]  # fmt: skip


def test_keys_that_never_come_again_cost_no_more_after_a_while_than_before() -> None:
    index = LiveIndex(
        window_seconds=WINDOW, most_entries=1 << 12, most_accounts=2_000, most_seen=2_000
    )
    index.people = People(most_persons=1_000)
    sizes = []
    tracemalloc.start()
    try:
        for part in range(4):
            added(index, adversarial(part * 5_000, 5_000))
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(sizes[2:]) < 1.1 * sizes[1]
    assert index.events == 20_000


def test_a_key_with_a_past_raises_nothing() -> None:
    index = LiveIndex(window_seconds=WINDOW, least_actors=5)
    daily = [event(n, n % 500, n * 60, urls=("https://example.org/front",)) for n in range(3_000)]
    seen = [s for s in added(index, daily) if s.kind == "url" and s.times[0] > 0]
    late = [s for s in seen if max(s.times) > daily[1_000].time.timestamp() * 1e6]
    assert late == []


def test_near_duplicate_texts_share_a_key_as_in_the_hunt() -> None:
    base = "the harbour council will close the old bridge next month and nobody was asked about it"
    texts = [base, base.replace("month", "week"), base.replace("old", "little"), "quite another "
             "thing that somebody else wrote about his garden and the birds in it"]  # fmt: skip
    events = [event(n, n, n, text=text) for n, text in enumerate(texts)]
    index = LiveIndex(window_seconds=WINDOW, least_actors=3)
    rows = index.rows(to_batch(events))
    near = rows.kind == index.kinds.index("near_text")
    keys = dict(zip(rows.event[near].tolist(), rows.key[near].tolist(), strict=True))
    assert keys[0] == keys[1] == keys[2] != keys[3]
    collector = TraceCollector()
    collector.add(to_batch(events))
    traces = collector.finish()
    table = traces.table.filter(
        pa.array(traces.table["kind"].to_numpy() == traces.code("near_text"))
    )
    assert table["event"].to_pylist() == [0, 1, 2]
    assert len(np.unique(table["key"].to_numpy())) == 1
