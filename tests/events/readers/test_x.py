import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossfix.events import event_id, from_batch
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.x_api import XApi
from crossfix.events.readers.x_archive import XArchive

Read = Callable[..., Any]
AT = "Wed Oct 10 20:19:24 +0000 2018"


def archive(**files: Any) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as zipped:
        for name, values in files.items():
            text = f"window.YTD.{name.replace('-', '_')}.part0 = {json.dumps(values)}"
            zipped.writestr(f"data/{name}.js", text)
    return held.getvalue()


OWNER = {"account": {"accountId": "42", "createdAt": "2010-01-01T00:00:00.000Z"}}


def test_an_archive_gives_the_owners_account_and_posts(read: Read) -> None:
    reader = XArchive()
    ((name, data),) = reader.examples()
    events, tally = read(reader, name, data)
    assert [event.action for event in events] == ["signup", "post", "reply", "repost"]
    assert {event.account for event in events} == {"x:42"}
    signup, post, reply, repost = events
    assert signup.attributes["bio"] == "News from the harbour"
    assert signup.attributes["email_domain"] == "harbour.example"
    assert post.time == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
    assert post.urls == ("https://harbour.example/ferry",)
    assert post.hashtags == ("harbour",)
    assert post.attributes["client"] == "X Web App"
    assert (reply.parent, reply.target) == (event_id("x", "900"), "x:7")
    assert repost.text == "The crane is repaired"
    assert (repost.mentions, repost.target) == ((), "x:901")
    assert repost.attributes["reposted_account"] == "x:pier"
    assert not tally.skipped


def test_likes_of_an_archive_are_refused_for_they_have_no_time(read: Read) -> None:
    likes = [{"like": {"tweetId": "1", "fullText": "liked"}}] * 3
    _, tally = read(XArchive(), "a.zip", archive(account=[OWNER], like=likes))
    assert tally.skipped == {"like has no time": 3}


def test_a_deleted_post_is_a_post_and_a_deletion(read: Read) -> None:
    tweet = {"id_str": "5", "created_at": AT, "full_text": "gone",
             "deleted_at": "Wed Oct 10 21:19:24 +0000 2018"}  # fmt: skip
    files = {"account": [OWNER], "deleted-tweets": [{"tweet": tweet}]}
    events, _ = read(XArchive(), "a.zip", archive(**files))
    assert [event.action for event in events] == ["signup", "post", "delete"]
    assert events[2].target == "x:5"


def test_one_broken_post_of_an_archive_costs_one_post(read: Read) -> None:
    tweets: list[Any] = [
        {"tweet": {"id_str": "1", "created_at": AT}},
        {"tweet": {"id_str": "2", "created_at": "never"}},
        {"tweet": {"created_at": AT}},
        "tweet",
        {"tweet": {"id_str": "3", "created_at": AT, "full_text": "\ud83d"}},
    ]
    events, tally = read(XArchive(), "a.zip", archive(account=[OWNER], tweets=tweets))
    assert [event.action for event in events] == ["signup", "post", "post"]
    assert tally.skipped == {"time is not readable": 1, "no id": 2}


def test_posts_on_disk_find_the_account_beside_them(tmp_path: Path) -> None:
    text = f"window.YTD.account.part0 = {json.dumps([OWNER])}"
    (tmp_path / "account.js").write_text(text)
    tweet = {"tweet": {"id_str": "1", "created_at": AT, "full_text": "hello"}}
    (tmp_path / "tweets.js").write_text(f"window.YTD.tweets.part0 = {json.dumps([tweet])}")
    options = ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC))
    for where in (tmp_path, tmp_path / "tweets.js"):
        source = Source.of(where)
        assert XArchive().recognises(source) > 0.9
        batches = XArchive().read(source, options, Tally("tweets.js"))
        events = [event for batch in batches for event in from_batch(batch)]
        assert [event.account for event in events] == ["x:42", "x:42"]


def test_posts_without_an_account_are_refused_and_the_tally_asks_whose_they_are(read: Read) -> None:
    tweet = {"tweet": {"id_str": "1", "created_at": AT, "full_text": "hello"}}
    data = f"window.YTD.tweets.part0 = {json.dumps([tweet])}".encode()
    events, tally = read(XArchive(), "tweets.js", data)
    assert not events
    assert tally.skipped == {"no account": 1}
    assert "whose are they?" in tally.notes[0]


def test_the_same_post_has_the_same_id_in_archive_and_api(read: Read) -> None:
    tweet = {"id_str": "77", "created_at": AT, "full_text": "hello"}
    (_, in_archive), _ = read(
        XArchive(), "a.zip", archive(account=[OWNER], tweets=[{"tweet": tweet}])
    )
    v1 = json.dumps({**tweet, "user": {"id_str": "42", "screen_name": "h"}}).encode()
    (of_v1,), _ = read(XApi(), "a.jsonl", v1)
    v2 = {"id": "77", "author_id": "42", "created_at": "2018-10-10T20:19:24.000Z", "text": "hello"}
    (of_v2,), _ = read(XApi(), "b.jsonl", json.dumps(v2).encode())
    for event in (of_v1, of_v2):
        assert (event.id, event.account, event.time, event.text, event.action) == (
            in_archive.id, in_archive.account, in_archive.time, in_archive.text, in_archive.action,
        )  # fmt: skip


def test_a_repost_of_version_1_carries_the_whole_original(read: Read) -> None:
    reader = XApi()
    (original, repost), _ = read(reader, *reader.examples()[0])
    assert repost.action == "repost"
    assert repost.target == "x:901"
    assert repost.text == original.text
    assert repost.attributes["reposted_account"] == "x:pier"
    assert repost.mentions == original.mentions == ()
    assert repost.hashtags == original.hashtags


def test_a_page_of_version_2_joins_posts_with_their_authors(read: Read) -> None:
    reader = XApi()
    (repost, reply), _ = read(reader, *reader.examples()[1])
    assert (repost.action, repost.target, repost.text) == (
        "repost", "x:2000", "The crane is repaired",
    )  # fmt: skip
    assert repost.attributes["display_name"] == "Harbour News"
    assert repost.attributes["reposted_account"] == "x:pier"
    assert (reply.action, reply.conversation, reply.target) == ("reply", "1990", "x:42")
    assert reply.urls == ("https://harbour.example/crane",)


@pytest.mark.parametrize("shape", ["lines", "array", "pretty", "search"])
def test_posts_are_read_in_every_arrangement(read: Read, shape: str) -> None:
    posts = [
        {"id_str": str(n), "created_at": AT, "full_text": "t", "user": {"id_str": "1"}}
        for n in range(5)
    ]
    data = {
        "lines": "\n".join(map(json.dumps, posts)),
        "array": json.dumps(posts),
        "pretty": json.dumps(posts, indent=4),
        "search": json.dumps({"statuses": posts, "search_metadata": {}}),
    }[shape]
    events, tally = read(XApi(), "posts.json", data.encode())
    assert len(events) == 5
    assert not tally.skipped
