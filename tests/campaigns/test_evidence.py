from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from crossfix.campaigns.evidence import Bounds, evidence, telling
from crossfix.campaigns.evidence_table import EVIDENCE, evidence_table
from crossfix.campaigns.readable import LONGEST, readable_keys
from crossfix.campaigns.shares import MemberTraces, popularity_of, shares
from crossfix.events import Event, event_id, to_batch
from crossfix.traces import TraceCollector

START = datetime(2026, 4, 1, tzinfo=UTC)
LINK = "https://secret.example/page"
SHOWN = "secret.example/page"
SLOGAN = "Only together can we bring back the lost harbour"


def post(account: str, seconds: float, text: str, action="post", **more) -> Event:
    time = START + timedelta(seconds=seconds)
    return Event(
        id=event_id("x", None, account, time, text), time=time, received=time, service="x",
        surface="social", account=account, action=action, text=text, **more,
    )  # fmt: skip


def world() -> list[Event]:
    """Three members share a rare link, a slogan and everybody's hashtag."""
    events = []
    for i in range(3):
        me = f"x:op{i}"
        events += [
            post(me, i * 20, f"Read this, number {i}: {LINK}", urls=(LINK,),
                 attributes={"url": f"https://x.example/{i}"}),
            post(me, 9_000 + i * 30, SLOGAN),
            post(me, 50_000 + i, f"Good #Morning from {'abc'[i] * 9}", hashtags=("morning",)),
            post(me, 70_000, f"something of my own, {'abc'[i] * 30}"),
        ]  # fmt: skip
    for i in range(40):
        events.append(
            post(f"x:p{i}", 50_000 + i, f"#morning {'xyz'[i % 3] * i}", hashtags=("morning",))
        )
    return events


@pytest.fixture(scope="module")
def known():
    events = world()
    batch = to_batch(events)
    collector = TraceCollector()
    collector.add(batch)
    traces = collector.finish()
    columns = [traces.table.column(name).to_numpy() for name in traces.table.column_names]
    everyone = MemberTraces(*columns)
    names = traces.accounts.to_pylist()
    community = np.array([0 if "op" in n else -1 for n in names], np.int32)
    shared = shares(everyone, community, np.arange(len(names), dtype=np.int32))
    asked = []

    def rows(wanted):
        assert (np.diff(wanted) > 0).all()
        asked.append(len(wanted))
        return pa.Table.from_batches([batch]).take(pa.array(wanted))

    return traces, shared, popularity_of(shared, everyone), rows, asked


def test_the_most_telling_keys_come_first_and_open_down_to_the_posts(known):
    traces, shared, popularity, rows, asked = known
    asked.clear()
    (campaign,) = evidence(shared, popularity, traces.kinds, traces.accounts, rows).values()
    assert len(asked) == 1
    by_kind = {s.kind: s for s in campaign}
    assert campaign[-1].kind in ("hashtag", "hashtag_set")
    link = by_kind["url"]
    assert (link.key, link.popularity) == (SHOWN, 3)
    assert [p.account for p in link.posts] == ["x:op0", "x:op1", "x:op2"]
    assert [p.url for p in link.posts] == [f"https://x.example/{i}" for i in range(3)]
    assert all(p.shared == (SHOWN,) for p in link.posts)
    assert [p.time for p in link.posts] == [START + timedelta(seconds=20 * i) for i in range(3)]
    assert by_kind["text"].key == SLOGAN
    assert by_kind["hashtag"].popularity == 43
    assert by_kind["hashtag"].posts[0].shared == ("#Morning",)


def test_a_key_whose_posts_are_shown_already_is_left_out(known):
    traces, shared, popularity, rows, _ = known
    (campaign,) = evidence(shared, popularity, traces.kinds, traces.accounts, rows).values()
    kinds = [s.kind for s in campaign]
    assert ("url" in kinds) != ("domain" in kinds)


def test_bounds_hold_and_keep_the_closest_stretch(known):
    traces, shared, popularity, rows, _ = known
    found = evidence(shared, popularity, traces.kinds, traces.accounts, rows, Bounds(1, 2))
    ((only,),) = found.values()
    assert len(only.posts) == 2


def test_a_rare_quick_key_of_many_tells_more_than_each_of_its_contraries():
    def score(members: int, apart: int, others: int) -> float:
        n = members + others
        traces = MemberTraces(
            np.arange(n, dtype=np.int32), np.zeros(n, np.int8), np.ones(n, np.uint64),
            np.arange(n) * apart * 1_000_000, np.arange(n),
        )  # fmt: skip
        community = np.where(np.arange(n) < members, 0, -1).astype(np.int32)
        shared = shares(traces, community, np.arange(n, dtype=np.int32))
        return telling(shared, popularity_of(shared, traces))[0]

    assert score(6, 10, 0) > max(score(3, 10, 0), score(6, 900, 0), score(6, 10, 20))


def test_the_table_has_every_shared_key_and_its_posts(known):
    traces, shared, popularity, rows, _ = known
    table = evidence_table(shared, popularity, traces.kinds, {0: "c-x"}, rows)
    assert table.schema == EVIDENCE
    found = table.to_pylist()
    assert {r["campaign"] for r in found} == {"c-x"}
    assert len(found) == len(shared.traces.event)
    link = [r for r in found if r["kind"] == "url"]
    assert [(r["account"], r["key"], r["url"], r["popularity"]) for r in link] == [
        (f"x:op{i}", SHOWN, f"https://x.example/{i}", 3) for i in range(3)
    ]
    assert {r["account"] for r in found} == {"x:op0", "x:op1", "x:op2"}
    assert evidence_table(shared, popularity, traces.kinds, {}, rows).num_rows == 0


def test_nothing_shared_is_an_empty_answer(known):
    traces, _, _, rows, _ = known
    empty = MemberTraces(*(np.zeros(0, t) for t in (np.int32, np.int8, np.uint64, int, int)))
    nothing = shares(empty, np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert evidence(nothing, np.zeros(0, np.int64), traces.kinds, traces.accounts, rows) == {}
    table = evidence_table(nothing, np.zeros(0, np.int64), traces.kinds, {0: "c"}, rows)
    assert table.num_rows == 0


def test_keys_of_clusters_and_of_given_kinds_are_readable_too():
    batch = to_batch(
        [
            post("x:a", 0, "the text that stands for its cluster"),
            post("x:b", 0, "", attributes={"trace:colour": "green"}),
            post("x:c", 0, "long " * 400),
        ]
    )
    collector = TraceCollector()
    collector.add(batch)
    traces = collector.finish()
    mine = traces.table.filter(
        pa.compute.equal(traces.table["kind"], pa.scalar(traces.code("colour"), pa.int8()))
    )
    key = mine["key"].to_numpy()
    assert readable_keys("colour", key, batch.slice(1, 1)) == ["green"]
    reposts = to_batch([post("x:a", 0, SLOGAN, "repost")])
    collector = TraceCollector()
    collector.add(reposts)
    (key,) = collector.finish().table.column("key").to_pylist()
    assert readable_keys("repost", np.array([key], np.uint64), reposts) == [SLOGAN]
    said = readable_keys("near_duplicate", np.array([5, 5, 5], np.uint64), batch)
    assert said[0] == "the text that stands for its cluster"
    assert said[1] == f"{5:016x}"
    assert len(said[2]) == LONGEST
