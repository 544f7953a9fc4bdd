import pytest

from crossfix.errors import ColumnError, SettingError
from crossfix.events.attributes import RESERVED
from crossfix.events.readers.columns import ATTRIBUTES, FIELDS, POSTS, assign, missing, normal

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
