import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import Event, from_batch, to_batch
from crossfix.events.readers.entities import (
    complete,
    complete_event,
    hashtags_in,
    mentions_in,
    urls_in,
)
from crossfix.events.readers.entity_spans import _LETTERS

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def event(text, **fields):
    given = {"id": "1", "time": NOW, "received": NOW, "service": "x", "surface": "social",
             "account": "x:a", "action": "post", "text": text} | fields  # fmt: skip
    return Event(**given)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see https://t.co/abc123 now", ["https://t.co/abc123"]),
        ("日本https://t.co/abc123です", ["https://t.co/abc123"]),
        ("(http://example.org/a_(b)).", ["http://example.org/a_(b)"]),
        ("<http://example.org/?q=1&r=2>, next", ["http://example.org/?q=1&r=2"]),
        ("cut off https://t.co/abc…", []),
        ("cut off https://example.org/lon…", []),
        ("twice http://a.example http://a.example", ["http://a.example"]),
        ("http:// nothing, ftp://a.b", []),
        ("HTTPS://EXAMPLE.ORG/A!", ["HTTPS://EXAMPLE.ORG/A"]),
    ],
)
def test_links_are_found_as_people_write_them(text, urls):
    assert urls_in(text) == urls


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#MAGA now", ["maga"]),
        ("＃ニュース です", ["ニュース"]),
        ("#हिन्दी #ไทยรัฐ", ["हिन्दी", "ไทยรัฐ"]),
        ("don&#39;t", []),
        ("https://example.org/#top http://example.org/?q=#x", []),
        ("we are #1 and #2024", []),
        ("#2024election", ["2024election"]),
        ("a#b C# ##x", []),
        ("#A #a #b", ["a", "b"]),
        ("(#tag) #one,#two", ["tag", "one", "two"]),
        ("#taghttps://t.co/a1 #b", ["tag", "b"]),
        ("https://t.co/a1#tag", ["tag"]),
        ("#हिन्दीhttps://t.co/a1", ["हिन्दी"]),
    ],
)
def test_hashtags_are_found_in_every_script_and_nowhere_else(text, tags):
    assert hashtags_in(text) == tags


@pytest.mark.parametrize(
    ("text", "service", "accounts"),
    [
        ("@Jack hi @jill: you", "x", ["x:jack", "x:jill"]),
        ("write to me@example.org", "x", []),
        ("https://t.me/@who", "x", []),
        ("@user@social.example hi", "mastodon", ["mastodon:user@social.example"]),
        ("thanks @alice.bsky.social.", "bluesky", ["bluesky:alice.bsky.social"]),
        ("＠日本 @", "x", []),
    ],
)
def test_mentions_are_found_as_the_service_writes_them(text, service, accounts):
    assert mentions_in(text, service) == accounts


def test_what_the_source_lists_is_left_as_it_is():
    (read,) = from_batch(complete(to_batch([event("#a http://a.example", hashtags=("listed",))])))
    assert read.hashtags == ("listed",)
    assert read.urls == ("http://a.example",)


def test_mentions_and_hashtags_are_of_social_services_only():
    mail = event("@a #b", service="email", surface="email")
    prompt = event("@a #b", service="openai", surface="ai")
    mail, prompt = from_batch(complete(to_batch([mail, prompt])))
    assert (mail.hashtags, mail.mentions) == ((), ())
    assert (prompt.hashtags, prompt.mentions) == (("b",), ())


PIECES = st.sampled_from(
    ["#tag", "＃日本", "@name", "me@b.c", "http://a.example/x#y", "&#39;", "https://t.co/a1", "...",
     "RT", " ", "\n", "#", "@", "é", "…", "/", "a", "(#b)"]
)  # fmt: skip


def slowly(text):
    """The same rules, one character at a time, for the pieces above."""
    text = re.sub(r"https?://(t\.co/[A-Za-z0-9]+…?|[^\s<>\"“”「（]+)", " ", text)
    tags, names = [], []
    for at, sign in enumerate(text):
        before = text[at - 1] if at else " "
        rest = text[at + 1 :]
        if sign in "#＃" and not (before.isalnum() or before in "_&/#＃"):
            tag = re.match(r"\w*", rest)[0]
            if any(c.isalpha() for c in tag):
                tags.append(tag.lower())
        if sign in "@＠" and not (before.isalnum() or before in "_.@＠/&#＃"):
            name = re.match(r"[A-Za-z0-9_]*", rest)[0]
            after = rest[len(name) : len(name) + 1]
            if 0 < len(name) <= 30 and not (after.isalnum() or after == "@"):
                names.append("x:" + name.lower())
    return list(dict.fromkeys(tags)), list(dict.fromkeys(names))


@settings(deadline=None, max_examples=400)
@given(texts=st.lists(st.lists(PIECES, max_size=8).map("".join), min_size=1, max_size=8))
def test_a_batch_is_completed_as_its_texts_read_slowly(texts):
    for text, read in zip(texts, from_batch(complete(to_batch(map(event, texts)))), strict=True):
        tags, names = slowly(text)
        assert list(read.hashtags) == tags
        assert list(read.mentions) == names
        assert list(read.urls) == urls_in(text)


HARD = st.sampled_from(
    [*"aZ9_#@/.:;,!)]}\"'<> \n\x1f\x7f…éſK\u0301\u200dж日＃＠", "http", "HTTPS", "://", "https://t.co/",
     "http://T.co/x", "t.co", "h", "#Ab", "#1", "@Bob_", "http://a.b/c?d=e", "http://a.bc_de.fg",
     "İ", "#" + "x" * 139, "@" + "y" * 29, "#a_ж", "http://" + "u" * 1998, "🙂", "½", "#ab http://c.de/fgh"]
)  # fmt: skip


@settings(deadline=None, max_examples=600)
@given(texts=st.lists(st.lists(HARD, max_size=9).map("".join), min_size=1, max_size=6))
def test_compiled_code_finds_what_patterns_find(texts):
    batch = to_batch(map(event, texts))
    assert complete(batch, compiled=True).equals(complete(batch, compiled=False))


@pytest.mark.parametrize(
    "piece", ["#t{} ", "@n{} ", "http://a.example/{} ", "http://a.example/ {}"]
)
def test_compiled_code_stops_at_the_same_number(piece):
    batch = to_batch(
        [event("".join(piece.format(i) for i in range(n))) for n in (199, 200, 201, 900)]
    )
    assert complete(batch, compiled=True).equals(complete(batch, compiled=False))


def test_compiled_code_knows_services_and_what_is_listed():
    events = [
        event("#a @b http://c.example", hashtags=("listed",)),
        event("#a @b", service="y"),
        event(None),
        event("#a @b", service="email", surface="email"),
        event("#д @b @é #e"),
    ]
    for chosen in ([0, 4], [1, 4], [2, 4, 4], [3, 4], [4], [2], [3], [4, 3, 4, 2, 4]):
        batch = to_batch(events[i] for i in chosen)
        assert complete(batch, compiled=True).equals(complete(batch, compiled=False))


@pytest.mark.realdata
def test_compiled_code_finds_what_patterns_find_in_real_texts(data_dir):
    import pyarrow.parquet as pq

    file = pq.ParquetFile(data_dir / "campaign_twitter" / "posts.parquet")
    texts = next(file.iter_batches(20_000, columns=["text"])).column("text").to_pylist()
    batch = to_batch(map(event, texts))
    assert complete(batch, compiled=True).equals(complete(batch, compiled=False))


def test_no_letter_stands_beyond_the_table():
    assert not any(chr(point).isalnum() for point in range(_LETTERS, 0x110000))


_PIECES = st.sampled_from(
    [
        "https://e.org/a?b#c",
        "#tag",
        "＃ニュース",
        "@name",
        "@a@b.org",
        " ",
        "x",
        "&#39;",
        "(",
        ")",
        "…",
        "．",
    ]
)


@settings(deadline=None, max_examples=300)
@given(
    text=st.none() | st.text(max_size=30) | st.lists(_PIECES, max_size=12).map("".join),
    service=st.sampled_from(["x", "mastodon", "app"]),
    surface=st.sampled_from(["social", "ai", "web", "email", "other"]),
    listed=st.booleans(),
)
def test_one_event_is_completed_as_many_are(text, service, surface, listed):
    given_lists = {"urls": ("u",), "hashtags": ("h",), "mentions": ("x:m",)} if listed else {}
    one = event(text, service=service, account=f"{service}:a", surface=surface, **given_lists)
    (many,) = from_batch(complete(to_batch([one])))
    assert complete_event(one) == many
