import json
from collections.abc import Callable
from typing import Any

from crossfix.events import event_id
from crossfix.events.readers.telegram import Telegram

Read = Callable[..., Any]
SAID = {"id": 1, "type": "message", "date_unixtime": "1704106800", "from_id": "user1"}


def chat(*messages: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"name": "A", "type": "public_channel", "id": 9, **facts, "messages": list(messages)}


def test_a_channel_posts_and_forwards(read: Read) -> None:
    reader = Telegram()
    (post, forward), tally = read(reader, *reader.examples()[0])
    assert post.action == "post"
    assert post.account == "telegram:channel77"
    assert post.text == "Late again https://harbour.example/ferry #Harbour"
    assert post.urls == ("https://harbour.example/ferry",)
    assert post.hashtags == ("harbour",)
    assert post.attributes["likes"] == "4"
    assert forward.action == "repost"
    assert forward.attributes["reposted_account"] == "telegram:The Pier"
    assert tally.skipped == {"notice of the service": 1}


def test_the_same_post_forwarded_into_two_chats_has_one_target(read: Read) -> None:
    forward = {**SAID, "forwarded_from": "The Pier", "text": "The crane is repaired"}
    other = {**SAID, "forwarded_from": "The Pier", "text": "The crane is broken"}
    both = {"about": "", "chats": {"list": [
        chat(forward, id=1), chat(forward, {**other, "id": 2}, id=2),
    ]}}  # fmt: skip
    (a, b, c), _ = read(Telegram(), "result.json", json.dumps(both).encode())
    assert a.target == b.target != c.target
    assert a.id != b.id


def test_the_facts_of_one_chat_do_not_leak_into_the_next(read: Read) -> None:
    both = {"about": "", "chats": {"list": [
        chat(SAID, name="A", id=1), chat(name="B", id=2),
        chat({**SAID, "id": 7}, name=None, id=3, type="personal_chat"),
    ]}}  # fmt: skip
    (a, b), _ = read(Telegram(), "result.json", json.dumps(both).encode())
    assert (a.action, a.conversation, a.attributes["display_name"]) == ("post", "1", "A")
    assert (b.action, b.conversation) == ("message", "3")
    assert "display_name" not in b.attributes


def test_a_reply_points_at_the_message_it_answers(read: Read) -> None:
    reader = Telegram()
    events, _ = read(reader, *reader.examples()[1])
    assert events[3].action == "reply"
    assert events[3].parent == events[2].id == event_id("telegram", "88/1")
    assert events[3].text == "@crane hello"


def test_old_exports_say_that_their_times_are_local(read: Read) -> None:
    message = {"id": 1, "type": "message", "date": "2020-01-01T10:00:00", "from_id": 5, "text": "x"}
    (event,), tally = read(Telegram(), "result.json", json.dumps(chat(message)).encode())
    assert event.account == "telegram:5"
    assert "exporting machine" in tally.notes[0]


def test_a_cut_export_gives_what_came_before_the_cut(read: Read) -> None:
    messages = [{**SAID, "id": n, "text": "word " * 50} for n in range(100)]
    raw = json.dumps(chat(*messages)).encode()
    events, tally = read(Telegram(), "result.json", raw[: len(raw) // 2])
    assert 45 <= len(events) <= 55
    assert tally.skipped == {"truncated JSON": 1}
