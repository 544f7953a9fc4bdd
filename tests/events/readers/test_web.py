import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import from_batch
from crossfix.events.readers.html_text import parse, text_and_links, visible_text
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.warc import Warc, records_in
from crossfix.events.readers.web_html import WebHtml, address_in
from crossfix.events.readers.web_ids import site_ids
from crossfix.events.readers.web_page import page_of, registrable_domain

Read = Callable[..., Any]
URL = "https://news.example.org/a"


def page(head: str = "", body: str = "<p>Hello</p>") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def warc(*records: tuple[str, str, bytes], version: str = "WARC/1.1") -> bytes:
    parts = []
    for kind, content_type, content in records:
        parts.append(
            f"{version}\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-05-02T00:00:00.5Z\r\n"
            f"WARC-Target-URI: {URL}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
            + b"\r\n\r\n"
        )
    return b"".join(parts)


def answer(body: bytes, *fields: str, status: str = "200 OK") -> tuple[str, str, bytes]:
    head = "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html", *fields])
    return ("response", "application/http; msgtype=response", head.encode() + b"\r\n\r\n" + body)


def test_a_page_is_a_post_of_its_host(read: Read) -> None:
    reader = WebHtml()
    (event,), tally = read(reader, *reader.examples()[0])
    assert (event.action, event.surface) == ("post", "web")
    assert event.account == "web:news.harbour.example:news.harbour.example"
    assert event.text == "Late again\nSays the pier.\nAbout"
    assert event.urls == ("https://pier.example/crane",)
    assert event.language == "en"
    assert event.time == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert event.attributes["analytics"].split() == [
        "G-ABCD1234EF", "UA-1234567", "fb:123456789012345", "google-verify:abcDEF123456",
    ]  # fmt: skip
    assert event.attributes["subject"] == "The ferry is late"
    assert not tally.notes


def test_the_service_of_a_page_is_its_registrable_domain() -> None:
    found = page_of(page(), "https://a.b.example.co.uk/x")
    assert (found.host, found.domain) == ("a.b.example.co.uk", "example.co.uk")
    assert registrable_domain("one.blogspot.com") != registrable_domain("two.blogspot.com")
    assert registrable_domain("192.0.2.1") == "192.0.2.1"


def test_links_out_are_kept_and_links_within_are_not() -> None:
    body = (
        '<a href="/x">1</a><a href="//www.example.org/y">2</a><a href="https://other.net/?a&amp;b">3'
        '</a><a href="mailto:a@b.c">4</a><a href="http://[">5</a><a href="javascript:x">6</a>'
    )
    assert page_of(page(body=body), URL).links == ("https://other.net/?a&b",)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("gtag('config','UA-999999-12')", "UA-999999"),
        ("gtag('config', 'G-ABCDEF1234');", "G-ABCDEF1234"),
        ("j.src='https://www.googletagmanager.com/gtm.js?id=GTM-ABC123'", "GTM-ABC123"),
        ('data-ad-client="ca-pub-1234567890123456"', "pub-1234567890123456"),
        ('<img src="https://www.facebook.com/tr?id=1234567890&ev=PageView">', "fb:1234567890"),
        ('ym(12345678, "init", {})', "ym:12345678"),
        ("https://mc.yandex.ru/watch/87654321", "ym:87654321"),
        ("var u=\"//stats.example.net/\"; _paq.push(['setSiteId', '7']);",
         "matomo:stats.example.net/7"),
        ("h._hjSettings={hjid:123456,hjsv:6}", "hotjar:123456"),
        ('(window, document, "clarity", "script", "abc123def4")', "clarity:abc123def4"),
        ("https://hm.baidu.com/hm.js?0123456789abcdef0123456789abcdef",
         "baidu:0123456789abcdef0123456789abcdef"),
    ],
)  # fmt: skip
def test_the_codes_of_site_owners_are_found(html: str, expected: str) -> None:
    assert expected in site_ids(html, [])


def test_words_that_look_like_codes_are_not_taken() -> None:
    assert site_ids("a G-FORCE-1234 of UA-12 and pub-1 at GTM-", []) == ()
    assert site_ids("", [("yandex-verification", "a1b2c3d4"), ("author", "a1b2c3d4")]) == (
        "yandex-verify:a1b2c3d4",
    )


def test_a_page_without_date_takes_the_time_of_its_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mirror" / "www.example.org" / "a" / "index.html"
    path.parent.mkdir(parents=True)
    path.write_bytes(page())
    os.utime(path, (1_600_000_000, 1_600_000_000))
    tally = Tally(str(path))
    options = ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC))
    (batch,) = WebHtml().read(Source.of(path), options, tally)
    (event,) = from_batch(batch)
    assert event.time == datetime.fromtimestamp(1_600_000_000, UTC)
    assert event.account == "web:example.org:www.example.org"
    assert event.attributes["url"] == "http://www.example.org/a/index.html"
    assert len(tally.notes) == 2


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("m/example.org/x/y.html", "http://example.org/x/y.html"),
        ("site.zip/news.example.co.uk/a.html", "http://news.example.co.uk/a.html"),
        ("v1.2/page.html", None), ("index.html", None), ("example.org", None),
    ],
)  # fmt: skip
def test_addresses_are_found_in_the_paths_of_mirrors(path: str, address: str | None) -> None:
    assert address_in(path) == address


def test_pages_without_address_or_date_are_refused(read: Read) -> None:
    _, tally = read(WebHtml(), "a.html", page())
    assert tally.skipped == {"page does not say its address": 1}
    _, tally = read(WebHtml(), "a.html", page(f'<link rel="canonical" href="{URL}">'))
    assert tally.skipped == {"time is not readable": 1}


def test_the_address_that_the_browser_wrote_comes_before_the_canonical_one(read: Read) -> None:
    said = b"<!-- saved from url=(0026)https://copy.example.net/a -->"
    raw = page(
        f'<link rel="canonical" href="{URL}"><meta name="date" content="2024-01-01">'
    ).replace(b"<html>", said + b"<html>")
    (event,), _ = read(WebHtml(), "a.html", raw)
    assert event.account == "web:example.net:copy.example.net"
    assert event.attributes["canonical"] == URL


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_gives_its_pages_and_counts_the_rest(read: Read, packed: bool) -> None:
    raw = warc(
        ("warcinfo", "application/warc-fields", b"software: x"),
        answer(page(body="<p>one</p>")),
        ("request", "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
        answer(b"GIF89a", "X: y", status="404 Not Found"),
        ("resource", "text/html", page(body="<p>two</p>")),
        ("resource", "image/png", b"\x89PNG"),
    )
    events, tally = read(Warc(), "a.warc.gz", gzip.compress(raw) if packed else raw)
    assert [event.text for event in events] == ["one", "two"]
    assert events[0].time == datetime(2024, 5, 2, 0, 0, 0, 500_000, UTC)
    assert (events[0].service, events[0].account) == (
        "web:example.org",
        "web:example.org:news.example.org",
    )
    assert tally.skipped == {"record that is no page": 4}


def chunked(body: bytes) -> bytes:
    parts = [body[n : n + 20] for n in range(0, len(body), 20)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("encode", "fields"),
    [
        (chunked, ["Transfer-Encoding: chunked"]),
        (gzip.compress, ["Content-Encoding: gzip"]),
        (lambda body: chunked(gzip.compress(body)),
         ["Transfer-Encoding: chunked", "Content-Encoding: gzip"]),
        (zlib.compress, ["Content-Encoding: deflate"]),
    ],
)  # fmt: skip
def test_answers_are_read_however_they_were_sent(
    read: Read, encode: Callable[[bytes], bytes], fields: list[str]
) -> None:
    raw = warc(answer(encode(page(body="<p>sent well</p>")), *fields))
    (event,), _ = read(Warc(), "a.warc", raw)
    assert event.text == "sent well"


def test_a_small_answer_that_unpacks_to_much_is_cut(read: Read) -> None:
    bomb = gzip.compress(page(body="<p>" + "word " * 2_000_000))
    (event,), _ = read(Warc(), "a.warc", warc(answer(bomb, "Content-Encoding: gzip")))
    assert len(event.text) <= 1_000_000


def test_a_certificate_in_the_archive_is_tied_to_its_host(read: Read) -> None:
    raw = warc(("resource", "application/pkix-cert", b"DER bytes"), answer(page()))
    (event,), _ = read(Warc(), "a.warc", raw)
    assert event.attributes["certificate"] == f"sha256:{hashlib.sha256(b'DER bytes').hexdigest()}"


def test_reading_goes_on_behind_a_damaged_record(read: Read) -> None:
    one = warc(answer(page(body="<p>one</p>")))
    for damage in (b"garbage\r\nmore\r\n", b"WARC/1.0\r\nContent-Length: -4\r\n\r\nx\r\n\r\n"):
        events, tally = read(Warc(), "a.warc", one + damage + one.replace(b"one", b"two"))
        assert [event.text for event in events] == ["one", "two"]
        assert tally.skipped == {"record is damaged": 1}
    events, tally = read(Warc(), "a.warc", one + one[:-60])
    assert len(events) == 1
    assert tally.skipped == {"record is damaged": 1}


@settings(deadline=None, max_examples=150)
@given(st.lists(st.binary(max_size=50), max_size=4), st.binary(max_size=30), st.integers(1, 80))
def test_records_are_the_same_in_chunks_of_any_size(
    contents: list[bytes], junk: bytes, size: int
) -> None:
    raw = warc(*(("resource", "text/html", content) for content in contents)) + junk
    chunks = [raw[n : n + size] for n in range(0, len(raw), size)]
    found = list(records_in(chunks))
    assert found == list(records_in([raw]))
    whole = [record.content for _, record in found if record is not None]
    assert whole[: len(contents)] == contents


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from('<>/"= apdivscriptyle\x00&;#x'), max_size=200) | st.binary())
def test_any_markup_gives_text(html: str | bytes) -> None:
    root = parse(html)
    if root is not None:
        assert isinstance(visible_text(root), str)
    if isinstance(html, str):
        text_and_links(html)


def test_deep_markup_is_bounded() -> None:
    root = parse("<div>" * 100_000 + "text")
    assert root is None or isinstance(visible_text(root), str)


def test_pages_in_other_encodings_are_read() -> None:
    text = "Привет, мир"
    declared = f'<html><head><meta charset="windows-1251"></head><body>{text}</body></html>'
    assert page_of(declared.encode("cp1251"), URL).text == text
    assert page_of(f"<html><body>{text}</body></html>".encode("koi8-r"), URL, "koi8-r").text == text
    assert page_of(f"<html><body>{text}</body></html>".encode(), URL).text == text
