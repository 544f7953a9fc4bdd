from datetime import UTC, datetime

import numpy as np
import pytest

from crossfix.events import to_batch
from crossfix.traces import TRACES, TraceCollector, key_hash, readable
from crossfix.traces.given import MOST_KINDS
from crossfix.traces.sample import sample
from crossfix.traces.seen import Seen

SAID = "Only one party keeps its word"


def collect(*events, **options):
    collector = TraceCollector(**({"clusterers": []} | options))
    collector.add(to_batch(events))
    return collector.finish()


def test_nothing_leaves_no_traces() -> None:
    traces = TraceCollector(clusterers=[]).finish()
    assert traces.table.schema == TRACES
    assert traces.table.num_rows == 0
    assert traces.counts() == {}


def test_the_same_event_read_twice_changes_nothing() -> None:
    event = sample(text=SAID, hashtags=("a", "b"))
    once, twice = collect(event), collect(event, event)
    assert twice.table == once.table
    assert twice.repeated == 1
    assert twice.events == 2


def test_an_event_read_again_in_a_later_batch_changes_nothing() -> None:
    collector = TraceCollector(clusterers=[])
    for number in (1, 2, 1, 3):
        collector.add(to_batch([sample(id=f"{number:032x}", text=SAID)]))
    traces = collector.finish()
    assert traces.table.column("event").to_pylist() == [0, 1, 3]
    assert traces.repeated == 1


def test_a_key_counts_once_an_event() -> None:
    traces = collect(sample(hashtags=("a", "A", "a"), attributes={"trace:hashtag": "#A"}))
    assert traces.counts() == {"hashtag": 1}


def test_given_keys_join_the_kind_that_finds_the_same() -> None:
    traces = collect(
        sample(id="1" * 32, attributes={"trace:phash": "ff00"}),
        sample(id="2" * 32, attributes={"trace:url": "https://www.example.org/?utm_source=a"}),
        sample(id="3" * 32, urls=("https://example.org",)),
        sample(id="4" * 32, attributes={"trace:voice": "v1"}),
    )
    assert traces.counts()["media"] == 1
    assert traces.family("voice") == "given"
    assert traces.phrase("voice") == "shared the same voice"
    url = traces.table.filter(np.asarray(traces.table["kind"]) == traces.code("url"))
    assert set(url["key"].to_pylist()) == {key_hash("url", "example.org")}


def test_kinds_beyond_the_bound_are_left_out_and_said() -> None:
    names = [f"trace:k{i:03}" for i in range(2 * MOST_KINDS)]
    traces = collect(sample(attributes=dict.fromkeys(names, "v")))
    assert len(traces.kinds) == MOST_KINDS
    assert "left out" in traces.notes[0]


def test_accounts_are_coded_by_first_appearance() -> None:
    collector = TraceCollector(clusterers=[])
    for number, name in enumerate(["x:b", "x:a", "x:b", "x:c"]):
        collector.add(to_batch([sample(id=f"{number:032x}", account=name, hashtags=("t",))]))
    traces = collector.finish()
    assert traces.accounts.to_pylist() == ["x:b", "x:a", "x:c"]
    assert traces.table["account"].to_pylist() == [0, 1, 0, 2]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [("hashtag", "now", "#now"), ("url", "example.org", "example.org"), ("url", "other.org", None)],
)
def test_keys_can_be_read_again_from_their_events(kind: str, value: str, shown: str | None) -> None:
    event = sample(hashtags=("Now",), urls=("https://example.org/",))
    assert readable(kind, key_hash(kind, value), event) == shown


def test_seen_tells_first_appearances() -> None:
    seen, known = Seen(), set()
    draw = np.random.default_rng(7)
    for _ in range(50):
        hashes = draw.integers(0, 500, 20).astype(np.uint64)
        expected = []
        for h in hashes.tolist():
            expected.append(h not in known)
            known.add(h)
        assert seen.add(hashes).tolist() == expected


def test_an_account_leaves_a_key_of_its_profile_once_when_it_is_first_seen_with_it() -> None:
    collector = TraceCollector(clusterers=[])
    seen = [("x:Ada_Byron84736251", 9), ("x:Bob_Stone19283746", 5), ("x:Ada_Byron84736251", 3),
            ("x:Bob_Stone19283746", 8), ("x:Ada_Byron84736251", 7)]  # fmt: skip
    for number, (account, day) in enumerate(seen, start=1):
        event = sample(
            id=f"{number:032x}", account=account, time=datetime(2026, 2, day, tzinfo=UTC),
            attributes={"created": "2026-01-05T10:02:11Z", "bio": SAID},
        )  # fmt: skip
        collector.add(to_batch([event]))
    traces = collector.finish()
    assert traces.counts() == {"profile_birth": 2, "profile_bio": 2}
    assert traces.table.column("event").to_pylist() == [1, 2, 1, 2]
