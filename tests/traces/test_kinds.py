"""One suite that every kind of trace passes."""

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossfix.events import Event, to_batch
from crossfix.traces import EXTRACTORS, Extractor, TraceCollector, key_hash
from crossfix.traces.sample import sample

KINDS = sorted(EXTRACTORS)

_WORD = st.sampled_from(
    ["", " ", "a", "A", "x:bob", "https://e.org/a?b=c", "http://[", "#", "選挙に行こう", "é", "%",
     "\x00", "1.2.3.4", "::1", "AS64496", "me@example.org", "Ann_Lee84736251", "0" * 12]
) | st.text(max_size=12)  # fmt: skip
_WORDS = st.lists(_WORD, max_size=3).map(tuple)
_TEXT = st.lists(_WORD, max_size=12).map(" ".join)


@st.composite
def events(draw: st.DrawFn) -> Event:
    names = st.sampled_from(
        ["ip", "asn", "device", "tls", "payment", "email_domain", "analytics", "certificate",
         "credential", "template", "display_name", "bio", "avatar", "created", "trace:phash"]
    )  # fmt: skip
    return sample(
        id=f"{draw(st.integers(0, 2**64)):032x}",
        account=draw(st.sampled_from(["x:ada", "x:bob", "y:cy"])),
        action=draw(
            st.sampled_from(["post", "repost", "reply", "profile", "visit", "send", "signup"])
        ),
        text=draw(st.none() | _TEXT),
        urls=draw(_WORDS),
        hashtags=draw(_WORDS),
        mentions=draw(_WORDS),
        media=draw(_WORDS),
        target=draw(st.none() | _WORD),
        parent=draw(st.none() | _WORD),
        attributes=draw(st.dictionaries(names, _WORD, max_size=4)),
    )


@pytest.fixture(params=KINDS)
def extractor(request: pytest.FixtureRequest) -> Extractor:
    return EXTRACTORS[request.param]()


def found(extractor: Extractor, batch: pa.RecordBatch) -> list[tuple[int, str]]:
    keys = extractor.extract(batch)
    return list(zip(keys.rows.tolist(), keys.values.to_pylist(), strict=True))


def test_examples_leave_exactly_their_keys(extractor: Extractor) -> None:
    examples = extractor.examples()
    assert any(e.keys for e in examples)
    for example in examples:
        keys = extractor.extract(to_batch([example.event]))
        assert tuple(sorted(set(keys.values.to_pylist()))) == tuple(sorted(example.keys))


def test_examples_in_one_batch_leave_the_same_keys(extractor: Extractor) -> None:
    examples = extractor.examples()
    together = found(extractor, to_batch(e.event for e in examples))
    for row, example in enumerate(examples):
        assert sorted({v for r, v in together if r == row}) == sorted(example.keys)


def test_a_kind_says_what_it_is(extractor: Extractor) -> None:
    assert EXTRACTORS[extractor.kind] is type(extractor)
    assert extractor.phrase
    assert extractor.phrase[0].islower()
    assert not extractor.phrase.endswith(".")


def test_an_empty_batch_leaves_nothing(extractor: Extractor) -> None:
    assert found(extractor, to_batch([])) == []


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(events(), max_size=8), st.integers(0, 8))
def test_any_events_leave_sound_keys_however_they_are_batched(
    extractor: Extractor, rows: list[Event], cut: int
) -> None:
    batch = to_batch(rows)
    keys = extractor.extract(batch)
    assert keys.rows.dtype == np.int64
    assert keys.values.type == pa.string()
    assert len(keys.rows) == len(keys.values)
    assert (np.diff(keys.rows) >= 0).all()
    assert all(keys.values.to_pylist())
    cut = min(cut, len(rows))
    head, tail = batch.slice(0, cut), batch.slice(cut)
    apart = found(extractor, head) + [(r + cut, v) for r, v in found(extractor, tail)]
    assert apart == found(extractor, batch)


@settings(deadline=None, max_examples=30)
@given(st.lists(events(), max_size=12), st.integers(0, 12))
def test_the_table_does_not_depend_on_how_events_are_batched(rows: list[Event], cut: int) -> None:
    batch = to_batch(rows)
    whole, parts = TraceCollector(clusterers=[]), TraceCollector(clusterers=[])
    whole.add(batch)
    parts.add(batch.slice(0, cut))
    parts.add(batch.slice(cut))
    one, two = whole.finish(), parts.finish()
    order = [(c, "ascending") for c in ("kind", "event", "key")]
    assert one.table.sort_by(order) == two.table.sort_by(order)
    assert one.accounts.equals(two.accounts)
    assert one.kinds == two.kinds
    _the_table_is_what_the_slow_way_gives(rows, one)


def _the_table_is_what_the_slow_way_gives(rows: list[Event], traces) -> None:
    expected = set()
    first: dict[str, int] = {}
    for number, event in enumerate(rows):
        if first.setdefault(event.id, number) != number:
            continue
        for kind, maker in EXTRACTORS.items():
            for value in maker().extract(to_batch([event])).values.to_pylist():
                expected.add((event.account, kind, key_hash(kind, value), number))
        given_key = event.attributes.get("trace:phash")
        if given_key:
            expected.add((event.account, "media", key_hash("media", given_key), number))
    names, kinds = traces.accounts.to_pylist(), traces.kinds
    got = [
        (names[r["account"]], kinds[r["kind"]], r["key"], r["event"])
        for r in traces.table.to_pylist()
    ]
    assert len(got) == len(set(got))
    assert set(got) == expected


def test_a_kind_that_names_its_attribute_finds_nothing_without_it(extractor: Extractor) -> None:
    for example in extractor.examples():
        if extractor.attribute is not None and example.keys:
            assert extractor.attribute in example.event.attributes
            bare = msgspec.structs.replace(
                example.event,
                attributes={k: v for k, v in example.event.attributes.items()
                            if k != extractor.attribute},
            )  # fmt: skip
            assert found(extractor, to_batch([bare])) == []
