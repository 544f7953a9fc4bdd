import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crossfix.events import event_id
from crossfix.events.readers.activitystreams import ActivityStreams, handle_of
from crossfix.events.readers.bluesky import Bluesky

Read = Callable[..., Any]


def test_activities_become_events(read: Read) -> None:
    reader = ActivityStreams()
    events, tally = read(reader, *reader.examples()[1])
    assert [event.action for event in events] == ["post", "repost", "like", "follow", "delete"]
    assert {event.account for event in events} == {"mastodon:harbour@social.example"}
    post, repost, _, follow, delete = events
    assert post.text == "Late again the ferry"
    assert post.urls == ("https://harbour.example/ferry",)
    assert post.hashtags == ("harbour",)
    assert post.mentions == ("mastodon:crane@pier.example",)
    assert repost.target == "mastodon:https://pier.example/users/crane/statuses/9"
    assert follow.target == "mastodon:crane@pier.example"
    assert delete.target == "mastodon:https://social.example/users/harbour/statuses/1"
    assert not tally.skipped


def test_an_announce_and_a_reblog_of_the_api_are_one_event(read: Read) -> None:
    reader = ActivityStreams()
    outbox, _ = read(reader, *reader.examples()[0])
    statuses, _ = read(reader, *reader.examples()[2])
    assert statuses[1].id == outbox[1].id
    assert statuses[1].target == outbox[1].target
    assert statuses[1].account == outbox[1].account
    assert statuses[1].text == "The crane is repaired"
    assert statuses[1].attributes["reposted_account"] == "mastodon:crane@pier.example"


def test_a_reply_names_what_it_answers(read: Read) -> None:
    note = {"id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/@a",
            "inReplyTo": "https://b.example/9", "published": "2024-01-01T00:00:00Z",
            "content": "<p>no &amp; <b>never</b></p><p>again</p>"}  # fmt: skip
    (event,), _ = read(ActivityStreams(), "n.jsonl", json.dumps(note).encode())
    assert event.action == "reply"
    assert event.parent == event_id("mastodon", "https://b.example/9")
    assert event.text == "no & never\nagain"


def test_activities_that_say_nothing_of_an_account_are_counted(read: Read) -> None:
    rows: list[Any] = [
        {"type": "Create", "actor": "https://a.example/users/a", "object": "https://a.example/1"},
        {"type": "Announce", "object": "https://a.example/1"},
        {"type": "Undo", "actor": "https://a.example/users/a"},
        {"type": "Like", "actor": "https://a.example/users/a", "object": {"id": "x"}},
        7,
    ]
    data = b"\n".join(json.dumps(row).encode() for row in rows)
    events, tally = read(ActivityStreams(), "a.jsonl", data)
    assert not events
    assert tally.skipped == {
        "Create of something that is no post": 1, "no account": 1,
        "activity of another kind": 2, "time is not readable": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "handle"),
    [
        ("https://social.example/users/Harbour", "harbour@social.example"),
        ("https://social.example/@harbour", "harbour@social.example"),
        ("https://tube.example/accounts/a/", "a@tube.example"),
        ("https://x.example/ap/12", "https://x.example/ap/12"),
        ("http://[", "http://["),
    ],
)
def test_accounts_are_named_by_user_and_host(address: str, handle: str) -> None:
    assert handle_of(address) == handle


def test_jetstream_commits_become_events_at_the_relays_time(read: Read) -> None:
    reader = Bluesky()
    events, tally = read(reader, *reader.examples()[0])
    assert [event.action for event in events] == [
        "profile", "post", "reply", "repost", "like", "follow", "delete",
    ]  # fmt: skip
    profile, post, reply, repost, _, follow, delete = events
    assert profile.attributes["avatar"] == "bafkavatar"
    assert post.time == datetime(2024, 9, 9, 19, 46, 3, 329308, tzinfo=UTC)
    assert post.urls == ("https://harbour.example/ferry",)
    assert post.media == ("bafkimage",)
    assert post.hashtags == ("harbour",)
    assert reply.target == "bluesky:did:plc:pier"
    assert repost.target == "bluesky:at://did:plc:pier/app.bsky.feed.post/3j9"
    assert repost.attributes["reposted_account"] == "bluesky:did:plc:pier"
    assert follow.target == "bluesky:did:plc:pier"
    assert delete.target == "bluesky:at://did:plc:harbour/app.bsky.feed.post/3k1"
    assert not tally.skipped


def test_a_repost_has_one_id_in_the_feed_and_on_jetstream(read: Read) -> None:
    reader = Bluesky()
    streamed, _ = read(reader, *reader.examples()[0])
    (post, repost), _ = read(reader, *reader.examples()[1])
    assert repost.id == streamed[3].id
    assert repost.target == streamed[3].target
    assert post.account == "bluesky:did:plc:pier"


def test_other_records_of_jetstream_are_counted(read: Read) -> None:
    rows = [
        {"did": "did:plc:a", "time_us": 1_725_911_162_329_308, "kind": "identity"},
        {"did": "did:plc:a", "time_us": 1_725_911_162_329_308, "kind": "commit",
         "commit": {"operation": "create", "collection": "app.bsky.graph.block", "rkey": "1"}},
        {"did": "did:plc:a", "kind": "commit", "commit": {
            "operation": "create", "collection": "app.bsky.feed.like", "rkey": "1",
            "record": {}}},
    ]  # fmt: skip
    data = b"\n".join(json.dumps(row).encode() for row in rows)
    events, tally = read(Bluesky(), "j.jsonl", data)
    assert not events
    assert tally.skipped == {"record of another kind": 2, "no subject": 1}
