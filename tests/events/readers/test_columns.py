from datetime import UTC, datetime

import pytest

from crossfix.errors import ColumnError, SettingError
from crossfix.events import from_batch
from crossfix.events.attributes import RESERVED
from crossfix.events.readers import ReadOptions, read_files
from crossfix.events.readers.columns import ATTRIBUTES, FIELDS, POSTS, assign, missing, normal
from crossfix.events.readers.source import Source

NOW = datetime(2026, 2, 1, tzinfo=UTC)

KNOWN = [
    # What people and tools call their columns -> account, time, text
    (["post_id", "account", "created_at", "text", "is_retweet"], ("account", "created_at", "text")),
    (["tweetid", "userid", "user_screen_name", "tweet_time", "tweet_text"],
     ("userid", "tweet_time", "tweet_text")),
    (["external_author_id", "author", "content", "publish_date", "tweet_id", "retweet"],
     ("external_author_id", "publish_date", "content")),
    (["ID", "Username", "Created At", "Text"], ("Username", "Created At", "Text")),
    (["messageId", "fromId", "date", "message"], ("fromId", "date", "message")),
    (["id", "user.screen_name", "timestamp_ms", "full_text"],
     ("user.screen_name", "timestamp_ms", "full_text")),
    (["Author", "Published", "Body"], ("Author", "Published", "Body")),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "wanted"), KNOWN)
def test_columns_are_known_by_their_usual_names(columns, wanted):
    found = assign(columns, POSTS, {}, "x.csv")
    assert tuple(found[name] for name in ("account", "time", "text")) == wanted


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("createdAt", "created_at"), (" Created At ", "created_at"), ("CREATED-AT", "created_at"),
     ("user.screen_name", "user_screen_name"), ("#retweets", "retweets")],
)  # fmt: skip
def test_spelling_does_not_matter(name, spelled):
    assert normal(name) == spelled


def test_what_the_person_says_wins():
    found = assign(["who", "account", "created_at"], POSTS, {"account": "who"}, "x.csv")
    assert found["account"] == "who"


def test_an_attribute_can_be_mapped():
    said = {"attributes.colour": "hue"}
    assert assign(["hue", "account", "date"], POSTS, said, "x")["attributes.colour"] == "hue"


def test_no_column_is_two_fields():
    columns = [name for names in FIELDS.values() for name in names]
    found = assign(columns, POSTS, {}, "x.csv")
    assert len(set(found.values())) == len(found)


def test_a_missing_column_is_said_with_what_to_write():
    columns = ["acount", "created_at", "text"]
    error = missing(assign(columns, POSTS, {}, "x.csv"), columns, "x.csv")
    assert isinstance(error, ColumnError)
    assert "acount, created_at, text" in str(error)
    assert "--map account=acount" in str(error)
    assert "Did you mean 'acount'?" in str(error)


def test_a_column_that_is_not_there_cannot_be_mapped():
    with pytest.raises(ColumnError, match="Did you mean 'author_name'"):
        assign(["author_name", "date"], POSTS, {"account": "author_nam"}, "x.csv")


def test_a_field_that_does_not_exist_cannot_be_mapped():
    with pytest.raises(SettingError, match="Did you mean 'account'"):
        assign(["a"], POSTS, {"acount": "a"}, "x.csv")


def test_an_address_beside_a_post_without_text_is_what_was_shared():
    assert assign(["account", "date", "url"], POSTS, {}, "x")["urls"] == "url"
    found = assign(["account", "date", "url", "text"], POSTS, {}, "x")
    assert found["attributes.url"] == "url"


def test_attributes_with_a_fixed_meaning_keep_it():
    assert ATTRIBUTES.keys() <= RESERVED.keys()
    assert assign(["account", "date", "ip"], POSTS, {}, "x")["attributes.ip"] == "ip"


LINKS = [f"https://e.org/{n}" for n in range(6)]


@pytest.mark.parametrize("column", ["url", "Link"])
def test_an_address_that_several_accounts_give_is_what_they_link_to(column):
    rows = [(f"a{n % 3}", LINKS[n // 3]) for n in range(18)]
    found, notes = read_table(column, rows)
    assert [e.urls for e in found] == [(url,) for _, url in rows]
    assert not any("url" in e.attributes for e in found)
    assert any(f"several accounts give the same {column}" in note for note in notes)


def test_an_address_of_each_row_alone_is_that_of_the_post():
    rows = [(f"a{n % 3}", f"https://e.org/{n}") for n in range(18)]
    rows += [("a0", "https://e.org/0"), ("a1", "https://e.org/0")]  # one quoted by another
    found, notes = read_table("url", rows)
    assert all(e.attributes["url"] == url for e, (_, url) in zip(found, rows, strict=True))
    assert not any("several accounts" in note for note in notes)


def test_who_says_that_an_address_is_the_posts_is_believed():
    rows = [(f"a{n % 3}", LINKS[n // 3]) for n in range(18)]
    found, _ = read_table("url", rows, {"attributes.url": "url"})
    assert all(e.attributes["url"] == url for e, (_, url) in zip(found, rows, strict=True))


def read_table(column, rows, said=None):
    lines = [f"account,time,text,{column}"]
    lines += [f"{a},2026-01-05T10:00:{n:02d}Z,words {n},{url}" for n, (a, url) in enumerate(rows)]
    source = Source.of_bytes("x.csv", "\n".join(lines).encode())
    reading = read_files([source], ReadOptions(now=NOW, map=said or {}))
    found = [event for batch in reading for event in from_batch(batch)]
    return found, reading.tallies[0].notes
