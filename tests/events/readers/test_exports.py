"""What the exports of each tool mean, field by field."""

from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from crossfix.events import event_id, from_batch
from crossfix.events.readers import ReadOptions, Source, read_files, readers

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def example(name, index=0):
    file, data = readers()[name].examples()[index]
    return read(data, file)


def read(data, file, **options):
    reading = read_files([Source.of_bytes(file, data)], ReadOptions(now=NOW, **options))
    return [event for batch in reading for event in from_batch(batch)]


def test_shares_of_coortweet_are_reposts_of_their_objects():
    events = example("coortweet")
    assert {event.action for event in events} == {"repost"}
    assert [event.target for event in events].count("unknown:https://example.org/a") == 3
    assert events[1].conversation == events[2].conversation == "p2"
    assert events[1].id != events[2].id


def test_traces_of_one_post_become_one_event_wherever_they_stand():
    first, second, third = example("traces")
    assert (first.account, first.urls, first.hashtags) == (
        "facebook:anna", ("https://example.org/a",), ("vote",),
    )  # fmt: skip
    assert (second.account, second.media) == ("x:bo", ("e1f0c8aa",))
    assert third.attributes == {"trace:domain": "example.org"}


def test_traces_without_an_object_are_refused():
    head = b"post,account,platform,timestamp,kind,object\n"
    data = head + b"p,a,tw,2024-03-01,url,\np,a,tw,2024-03-01,url,u\n"
    reading = read_files([Source.of_bytes("t.csv", data)], ReadOptions(now=NOW))
    assert sum(batch.num_rows for batch in reading) == 1
    assert dict(reading.tallies[0].skipped) == {"no object": 1}


def test_4cat_knows_the_service_by_the_addresses_of_posts():
    post, repost, reply = example("4cat")
    assert (post.account, post.hashtags, post.urls) == (
        "x:901", ("election",), ("https://example.org/a",),
    )  # fmt: skip
    assert post.attributes["display_name"] == "Anna A."
    assert (repost.action, repost.text) == ("repost", "Vote now!")
    assert repost.attributes["reposted_account"] == "x:anna"
    assert (reply.action, reply.target) == ("reply", "x:anna")
    (video,) = example("4cat", 1)
    assert (video.account, video.attributes["likes"]) == ("tiktok:anna", "4")


def test_the_owner_of_a_page_is_the_account_in_meta_content_library():
    post, shared = example("meta")
    assert (post.account, post.urls, post.action) == (
        "facebook:901", ("https://example.org/a",), "post",
    )  # fmt: skip
    assert (shared.action, shared.target) == ("repost", "facebook:501")
    (crowdtangle,) = example("meta", 1)
    assert crowdtangle.time == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert crowdtangle.urls == ("https://example.org/a",)


def test_comments_on_youtube_answer_comments_or_videos():
    first, answer = example("youtube")
    assert (first.account, first.action) == ("youtube:UC01", "post")
    assert (answer.action, answer.parent) == ("reply", first.id)
    (video,) = example("youtube", 1)
    assert (video.account, video.attributes["subject"]) == ("youtube:UC01", "The vote")
    thread, reply = example("youtube", 2)
    assert (thread.action, thread.parent) == ("reply", event_id("youtube", "v1"))
    assert reply.parent == thread.id


def test_videos_on_tiktok_keep_their_hashtags():
    first, second = example("tiktok")
    assert (first.account, first.hashtags, second.hashtags) == ("tiktok:anna", ("election",), ())
    assert example("tiktok", 1)[0].id == first.id


def test_items_of_a_browser_keep_the_service_they_were_seen_on():
    video, tweet = example("zeeschuimer")
    assert (video.account, video.hashtags) == ("tiktok:901", ("election",))
    assert (tweet.account, tweet.action, tweet.text) == ("x:902", "repost", "Vote now!")


def test_a_comment_on_reddit_answers_its_post_and_deleted_accounts_are_none():
    post, comment = example("reddit")
    assert (post.urls, post.text, comment.parent) == (
        ("https://example.org/a",), "Vote now!", post.id,
    )  # fmt: skip
    (again,) = example("reddit", 1)
    assert again.id == post.id


@pytest.mark.realdata
def test_the_german_election_set_has_one_event_a_post(data_dir):
    path = data_dir / "campaign_ids_german_elections" / "events.parquet"
    table = pq.read_table(path)
    reading = read_files([path], ReadOptions(now=NOW))
    events = [event for batch in reading for event in from_batch(batch)]
    assert len(events) == len(set(table["post"].to_pylist()))
    kinds = table["kind"].to_pylist()
    # Its links are opaque ids, not addresses.
    links = [event.attributes.get("trace:url", "").split() for event in events]
    assert sum(map(len, links)) == kinds.count("url")
    assert not any(event.urls for event in events)
    assert sum(len(event.hashtags) for event in events) == kinds.count("hashtag")
    assert sum(len(event.media) for event in events) == kinds.count("phash")
    domains = [event.attributes.get("trace:domain", "").split() for event in events]
    assert sum(map(len, domains)) == kinds.count("domain")
    assert {event.service for event in events} == {"x", "facebook"}


@pytest.mark.realdata
def test_the_russian_set_has_one_event_a_share(data_dir):
    path = data_dir / "cooRtweet_russian" / "russian_coord_tweets.parquet"
    table = pq.read_table(path)
    shares = set(zip(table["content_id"].to_pylist(), table["object_id"].to_pylist(), strict=True))
    reading = read_files([path], ReadOptions(now=NOW))
    assert sum(batch.num_rows for batch in reading) == len(shares)
