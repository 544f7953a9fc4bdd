"""Saved web pages: one HTML file each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pyarrow as pa

from crossfix.events.event import Event
from crossfix.events.readers.batches import BAD_TIME, batches
from crossfix.events.readers.html_text import MAX_HTML
from crossfix.events.readers.json_fields import RefusedError
from crossfix.events.readers.json_records import events_of_each
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.web_page import NO_ADDRESS, event_of, page_of, registrable_domain

_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"[\w\-]{1,63}(\.[\w\-]{1,63}){1,9}")
_ENDINGS = (".html", ".htm", ".xhtml", ".php", ".asp", ".aspx")


class WebHtml(Reader):
    """Reads a page as the post of its host.

    Where it was: the address that the browser wrote when it saved the page, else the canonical
    one, else a folder of the path that is named like a host (as mirrors are). When: the date the
    page gives, else when the file was last changed, which the tally says.
    """

    name = "html"

    def recognises(self, source: Source) -> float:
        """Return .9 where the file begins as HTML does, .5 where it is only called so."""
        if source.directory:
            return 0.0
        if _START.match(source.head):
            return 0.9
        return 0.5 if source.name.endswith(_ENDINGS) and b"<" in source.head else 0.0

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield one event."""
        raw = _beginning(source, tally)
        service = service_of(options.service) if options.service else None

        def make(raw: bytes) -> list[Event]:
            return [_event(raw, source.path, service, tally)]

        yield from batches(events_of_each([(1, raw)] if raw else [], make, tally), options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return one page with a date, an address, links and ids."""
        return [("ferry.html", EXAMPLE)]


def _beginning(source: Source, tally: Tally) -> bytes:
    held: list[bytes] = []
    size = 0
    for chunk in source.chunks(tally):
        held.append(chunk)
        size += len(chunk)
        if size > MAX_HTML:
            tally.note("only the first 4 MiB of the page were read")
            break
    return b"".join(held)[:MAX_HTML]


def _event(raw: bytes, path: str, service: str | None, tally: Tally) -> Event:
    try:
        page = page_of(raw, None)
    except RefusedError as refused:
        where = address_in(path) if refused.message == NO_ADDRESS else None
        if where is None:
            raise
        tally.note("the page's address is taken from the path of the file")
        page = page_of(raw, where)
    time = page.published
    if time is None:
        time = _changed(path)
        if time is None:
            raise RefusedError(BAD_TIME)
        tally.note("the page has no date: the time is when the file was last changed")
    return event_of(page, time, service)


def address_in(path: str) -> str | None:
    """Return the address of a mirrored file: its path from the folder named like a host on."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    for at, part in enumerate(parts[:-1]):
        host = part.lower()
        if _HOST.fullmatch(host) and not host.endswith(".zip") and _has_suffix(host):
            return f"http://{host}/{'/'.join(parts[at + 1 :])}"
    return None


def _has_suffix(host: str) -> bool:
    """Tell whether a host ends in a public suffix (``v1.2`` does not)."""
    # What nobody registered is returned whole, whatever stands before it.
    return registrable_domain(f"www.{host}") != f"www.{host}"


def _changed(path: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(os.path.getmtime(path)), UTC)
    except (OSError, ValueError, OverflowError):
        return None


EXAMPLE = b"""<!DOCTYPE html>
<html lang="en-GB"><head><title>The ferry is late</title>
<link rel="canonical" href="https://news.harbour.example/ferry">
<meta property="article:published_time" content="2024-05-01T12:00:00+02:00">
<meta property="og:site_name" content="Harbour News"><meta name="generator" content="WordPress 6">
<meta name="google-site-verification" content="abcDEF123456">
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABCD1234EF"></script>
<script>ga('create', 'UA-1234567-8', 'auto'); fbq('init', '123456789012345');</script>
</head><body><h1>Late again</h1><p>Says <a href="https://pier.example/crane">the pier</a>.
<a href="/about">About</a></p><p style="display: none">hidden words</p></body></html>
"""
