import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.traces.canonical_url import LONGEST, canonical_url

_PIECES = st.lists(
    st.sampled_from(
        [*"ab/?#&=%.:@[]\\+ é中.A1-_~", "..", "%41", "%2f", "%", "utm_source=x", "www.",
        "http://", "//", "example.org", "youtu.be/", "amp", "#!", "&&", "fbclid=1", "\u3002"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(_PIECES | st.text(max_size=30))
def test_a_canonical_address_is_its_own_canonical_address(rest: str) -> None:
    for url in (rest, "https://example.org/" + rest, "https://" + rest):
        once = canonical_url(url)
        assert once is None or once
        if once is not None:
            assert canonical_url("https://" + once) == once


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Example.ORG:80", "example.org"),
        ("https://example.org:8443/a/", "example.org:8443/a"),
        ("https://user:pass@example.org/a", "example.org/a"),
        ("https://example.org/a/../b/./c", "example.org/b/c"),
        ("https://example.org/%7Eada/%c3%a9", "example.org/~ada/%C3%A9"),
        ("https://example.org/~ada/é", "example.org/~ada/%C3%A9"),
        ("https://example.org/?b=2&a=1&b=2", "example.org?a=1&b=2"),
        ("https://example.org/a?utm_medium=m&gclid=1&igshid=2&mc_cid=3", "example.org/a"),
        ("https://example.org/#!/a", "example.org#!/a"),
        ("https://example.org/a#part", "example.org/a"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://mobile.twitter.com/ada/status/1?s=20&t=x", "x.com/ada/status/1"),
        ("https://example.org/news/amp/", "example.org/news"),
        ("https://m.youtube.com/shorts/abcdefghijk", "youtube.com/watch?v=abcdefghijk"),
        ("https://youtube.com/@ada", "youtube.com/@ada"),
        ("http://[2001:DB8::1]:80/x", "[2001:db8::1]/x"),
        ("example.org/a", "example.org/a"),
        ("//example.org/a", "example.org/a"),
        ("https://t.co/AbC", "t.co/AbC"),
        ("https://example.org\\@evil.example/", "example.org/@evil.example"),
    ],
)
def test_spellings_of_one_page_become_one(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    ["", " ", "http://", "https:///a", "mailto:a@b.c", "javascript:alert(1)", "data:,x",
     "just words", "http://a b/", "http://[::1", "http://a:port/", "http://\x00/",
     "https://" + "a" * LONGEST, "ftp://example.org/a", "http://xn--\udcff/"],
)  # fmt: skip
def test_what_is_no_web_address_has_no_key(url: str) -> None:
    assert canonical_url(url) is None


def test_hostile_addresses_are_bounded() -> None:
    began = time.process_time()
    for hostile in (
        "https://a.b/" + "../" * 600,
        "https://a.b/?" + "a&" * 1000,
        "https://" + "www." * 500 + "a.b",
        "https://a.b/" + "%" * 2000,
        "https://" + "é" * 2000,
        "@" * 2048,
    ):
        canonical_url(hostile)
        canonical_url(hostile * 10_000)
    assert time.process_time() - began < 2
