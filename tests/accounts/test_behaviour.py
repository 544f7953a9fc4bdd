from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.behaviour import NEVER, BehaviourCollector, collect
from crossfix.events import Event, event_id, to_batch

START = datetime(2026, 3, 1, tzinfo=UTC)
LONG = "this text is long enough to be a template"


def event(account="x:a", minutes=0.0, action="post", number=0, **more) -> Event:
    time = START + timedelta(minutes=minutes)
    service = account.partition(":")[0]
    more.setdefault("text", LONG)
    return Event(
        id=event_id(service, None, account, time, action, number), time=time, received=time,
        service=service, surface="social", account=account, action=action, **more,
    )  # fmt: skip


def columns(b) -> dict[str, dict[str, object]]:
    """What is known of each account, by name."""
    return {
        name: {
            "events": int(b.events[i]), "posts": int(b.posts[i]), "replies": int(b.replies[i]),
            "reposts": int(b.reposts[i]), "first": int(b.first[i]), "last": int(b.last[i]),
            "hours": b.hours[i].tolist(), "service": b.services[b.service[i]],
            "name": b.display_name[i].as_py(), "gaps": int(b.rhythm.gaps[i]),
            "templates": sorted(b.templates.uses[b.templates.account == i].tolist()),
            "sources": sorted(b.sources.uses[b.sources.account == i].tolist()),
        }
        for i, name in enumerate(b.accounts.to_pylist())
    }  # fmt: skip


events = st.lists(
    st.builds(
        event,
        account=st.sampled_from(["x:a", "x:b", "fb:c", "fb:d"]),
        minutes=st.integers(0, 5000),
        action=st.sampled_from(["post", "reply", "repost", "like"]),
        number=st.integers(0, 3),
        text=st.sampled_from([None, "short", LONG, LONG + " 1", f"RT @s {LONG}", f"{LONG} so"]),
        mentions=st.sampled_from([(), ("x:s",), ("x:s", "x:t"), ("x:t",)]),
        attributes=st.dictionaries(
            st.sampled_from(["display_name", "other"]), st.text("ab", max_size=2)
        ),
    ),
    max_size=40,
    unique_by=lambda e: e.id,
)  # fmt: skip


@settings(deadline=None)
@given(events, st.integers(1, 9), st.randoms())
def test_neither_order_nor_cuts_nor_repeats_change_what_is_known(rows, size, random):
    whole = columns(collect([to_batch(rows)]))
    again = rows + random.sample(rows, len(rows) // 2)
    random.shuffle(again)
    cut = [to_batch(again[i : i + size]) for i in range(0, len(again), size)]
    assert columns(collect(cut)) == whole


@settings(deadline=None)
@given(events)
def test_counts_are_what_a_loop_counts(rows):
    found = columns(collect([to_batch(rows)]))
    assert list(found) == list(dict.fromkeys(e.account for e in rows))
    for account, known in found.items():
        mine = [e for e in rows if e.account == account]
        assert known["events"] == len(mine)
        assert known["reposts"] == sum(e.action == "repost" for e in mine)
        assert known["first"] == min(e.time for e in mine).timestamp() * 1e6
        assert known["last"] == max(e.time for e in mine).timestamp() * 1e6
        own = [e.text for e in mine if e.action in ("post", "reply") and len(e.text or "") > 30]
        assert sum(known["templates"]) == len(own)
        quoted = [e for e in mine if e.action == "repost" and (e.text or "").startswith("RT @")]
        sources = [e.mentions[0] for e in quoted if e.mentions]
        assert sum(known["sources"]) == len(sources)
        assert len(known["sources"]) == len(set(sources))


def test_codes_given_from_outside_must_agree():
    batch = to_batch([event("x:a"), event("x:b"), event("x:a", 1)])
    BehaviourCollector().add(batch, np.array([0, 1, 0], np.int32))
    with pytest.raises(ValueError, match="first appearance"):
        BehaviourCollector().add(batch, np.array([1, 0, 1], np.int32))


def test_what_accounts_say_of_themselves_is_kept_as_they_said_it_last():
    said = {"created": "2026-02-01T00:00:00Z", "followers": "12", "display_name": "Old"}
    b = collect(
        [
            to_batch(
                [
                    event(minutes=9, attributes={"display_name": "New", "url": "https://x/post/1"}),
                    event(minutes=1, attributes=said),
                    event(
                        "x:b", 2, "profile", attributes={"url": "https://x/b", "created": "soon"}
                    ),
                    event("x:c", attributes={"followers": "٣", "created": ""}),
                ]
            )
        ]
    )
    assert b.display_name.to_pylist() == ["New", None, None]
    assert b.url.to_pylist() == [None, "https://x/b", None]
    assert b.created.tolist() == [1769904000000000, NEVER, NEVER]
    assert np.isnan(b.followers).tolist() == [False, True, True]


def test_persons_and_credentials_are_collected_apart_from_each_other():
    b = collect(
        [
            to_batch(
                [
                    event("x:a", attributes={"person": "k"}),
                    event("x:b", attributes={"credential": "k"}),
                    event("fb:c", attributes={"person": "k", "credential": "k2"}),
                ]
            )
        ]
    )
    of = {a: set(b.persons.key[b.persons.account == a].tolist()) for a in range(3)}
    assert of[0] & of[2]
    assert not of[1] & (of[0] | of[2])


def test_the_author_of_a_reposted_post_is_found_wherever_the_post_stands():
    def plain(account, native, action="post", text=LONG, **more):
        time = START
        return Event(
            id=event_id("x", native), time=time, received=time, service="x", surface="social",
            account=account, action=action, text=text, **more,
        )  # fmt: skip

    reposts = [plain(f"x:{i}", f"r{i}", "repost", target="x:17") for i in range(2)]
    said = plain("x:2", "r2", "repost", "RT @author: " + LONG, mentions=("x:author",))
    unknown = plain("x:3", "r3", "repost", target="x:99", mentions=("x:other",))
    odd = plain("x:4", "r4", "repost", target="elsewhere")
    post = plain("x:author", "17")
    b = collect([to_batch(reposts), to_batch([said, unknown, odd]), to_batch([post])])
    assert b.sources.account.tolist() == [0, 1, 2]
    assert len(set(b.sources.key.tolist())) == 1


def test_nothing_in_is_nothing_out():
    b = collect([])
    assert len(b) == 0
    assert b.services == ()
    assert b.hours.shape == (0, 24)
