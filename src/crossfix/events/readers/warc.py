"""Web archives (WARC): the pages that a crawler brought home."""

from __future__ import annotations

import hashlib
import io
import re
import ssl
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader

from crossfix.events.event import Event
from crossfix.events.readers.batches import BAD_TIME, batches
from crossfix.events.readers.html_text import MAX_HTML
from crossfix.events.readers.json_fields import RefusedError
from crossfix.events.readers.json_records import events_of_each
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.times import parse_time
from crossfix.events.readers.web_html import EXAMPLE
from crossfix.events.readers.web_page import event_of, host_of, page_of

NO_PAGE = "record that is no page"
DAMAGED = "record is damaged"
_KEPT = MAX_HTML + 256 * 1024
"""Bytes of a record's content that are kept; the rest is passed over."""

_MAX_HEADER = 64 * 1024
_MAX_HOSTS = 100_000
_HTML = ("text/html", "application/xhtml+xml")
_CERTIFICATES = ("application/pkix-cert", "application/x-x509-ca-cert", "application/x-pem-file",
                 "application/x-x509-server-cert", "application/pem-certificate-chain")  # fmt: skip
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.{1,20000}?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Record:
    """One record: its named fields in lower case and the beginning of its content."""

    fields: dict[str, str]
    content: bytes


class Warc(Reader):
    """Reads responses and resources that are HTML as posts of their host.

    The time is when the crawler fetched the page; its address is the one it asked for. Certificates
    that the archive carries as resources are tied to the pages of their host that follow.
    """

    name = "warc"

    def recognises(self, source: Source) -> float:
        """Return 1 for a file that begins with a record."""
        return 1.0 if re.match(rb"WARC/\d\.\d\r?\n", source.head) else 0.0

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield one event a page."""
        service = service_of(options.service) if options.service else None
        make = _Maker(service, tally)
        yield from batches(
            events_of_each(records_in(source.chunks(tally)), make, tally), options, tally
        )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return an archive of one request and one page."""
        return [("crawl.warc", _example())]


class _Maker:
    """Turns records into events; remembers the certificates of hosts."""

    def __init__(self, service: str | None, tally: Tally) -> None:
        self._service = service
        self._tally = tally
        self._certificates: dict[str, str] = {}

    def __call__(self, record: Record | None) -> Iterator[Event]:
        if record is None:
            raise RefusedError(DAMAGED)
        url = record.fields.get("warc-target-uri", "").strip("<>")
        kind = record.fields.get("warc-type", "").lower()
        declared = record.fields.get("content-type", "").lower()
        if kind in ("resource", "metadata") and declared.startswith(_CERTIFICATES):
            self._remember(url, record.content)
            return
        status, content_type, body = None, declared, record.content
        if kind == "response":
            status, content_type, body = http_answer(record.content)
        elif kind not in ("resource", "conversion"):
            body = b""
        if not content_type.startswith(_HTML) or not body or (status or "200")[0] != "2":
            # What is no page is no fault: it is counted, and not kept as a refused row.
            self._tally.skipped[NO_PAGE] += 1
            return
        time = parse_time(record.fields.get("warc-date"))
        if time is None:
            raise RefusedError(BAD_TIME)
        charset = re.search(r"charset=[\"']?([\w\-]{1,40})", content_type)
        page = page_of(body, url or None, charset.group(1) if charset else None)
        yield event_of(
            page,
            time,
            self._service,
            status=status,
            ip=record.fields.get("warc-ip-address"),
            certificate=self._certificates.get(page.host),
            published=page.published.isoformat() if page.published else None,
        )

    def _remember(self, url: str, content: bytes) -> None:
        host = host_of(url)
        if host is None or len(self._certificates) >= _MAX_HOSTS:
            return
        found = _PEM.search(content.decode("latin-1"))
        try:
            der = ssl.PEM_cert_to_DER_cert(found.group()) if found else content
        except ValueError:
            return
        self._certificates[host] = f"sha256:{hashlib.sha256(der).hexdigest()}"


def http_answer(content: bytes) -> tuple[str | None, str, bytes]:
    """Return (status, content type, body) of an HTTP answer, its body decoded, 4 MiB at most."""
    head, blank, body = _halves(content)
    status = re.match(rb"HTTP/\d(?:\.\d)? (\d{3})", head)
    if not blank or status is None:
        return None, "", b""
    fields = _fields(head)
    coding = fields.get("content-encoding", "").strip().lower()
    stream: object = io.BytesIO(body)
    try:
        if "chunked" in fields.get("transfer-encoding", "").lower():
            stream = ChunkedDataReader(stream, decomp_type=None)
        if coding in ("gzip", "x-gzip", "deflate", "br"):
            kind = coding.removeprefix("x-")
            stream = DecompressingBufferedReader(stream, decomp_type=kind)
        body = _read(stream)
    except (ValueError, OSError, EOFError, AttributeError, zlib.error):
        body = b""
    return status.group(1).decode(), fields.get("content-type", "").lower(), body


def _read(stream: object) -> bytes:
    held: list[bytes] = []
    size = 0
    while size < MAX_HTML:
        part = stream.read(64 * 1024)  # type: ignore[attr-defined]
        if not part:
            break
        held.append(part)
        size += len(part)
    return b"".join(held)[:MAX_HTML]


def _halves(content: bytes) -> tuple[bytes, bytes, bytes]:
    found = re.search(rb"\r?\n\r?\n", content[:_MAX_HEADER])
    if not found:
        return content, b"", b""
    return content[: found.start()], found.group(), content[found.end() :]


def _fields(head: bytes) -> dict[str, str]:
    """Return the fields of a header by lower-case name; of repeated ones the first."""
    fields: dict[str, str] = {}
    for line in head.split(b"\n")[1:500]:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon and name.strip():
            fields.setdefault(name.strip().lower(), value.replace("\x00", "").strip()[:4096])
    return fields


def records_in(chunks: Iterable[bytes]) -> Iterator[tuple[int, Record | None]]:
    """Yield (number from 1, record); None stands for one that is damaged.

    After damage the reading goes on at the next line that begins a record.
    """
    stream, number, lost = _Stream(iter(chunks)), 0, False
    while (line := stream.line(_MAX_HEADER)) is not None:
        if not line.strip():
            continue
        if not re.fullmatch(rb"WARC/\d\.\d\r?\n", line):
            if not lost:
                number += 1
                yield number, None
            lost = True
            continue
        lost = False
        number += 1
        head = stream.header()
        fields = _fields(b"\n" + head) if head is not None else {}
        length = fields.get("content-length", "")
        if not re.fullmatch(r"\d{1,13}", length):
            yield number, None
            lost = True
            continue
        content, whole = stream.take(int(length), _KEPT)
        yield number, Record(fields, content) if whole else None


class _Stream:
    """Bytes that are taken a line or a length at a time, with bounded memory."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0

    def _fill(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._held, self._at = self._held[self._at :] + chunk, 0
        return True

    def line(self, most: int) -> bytes | None:
        """Return the next line with its end, or ``most`` bytes of a longer one; None at the end."""
        while True:
            end = self._held.find(b"\n", self._at, self._at + most)
            if end >= 0:
                begin, self._at = self._at, end + 1
                return self._held[begin : self._at]
            if len(self._held) - self._at >= most or not self._fill():
                break
        begin, self._at = self._at, min(self._at + most, len(self._held))
        return self._held[begin : self._at] or None

    def header(self) -> bytes | None:
        """Return the lines up to a blank one, or None where they do not end in 64 KiB."""
        lines: list[bytes] = []
        size = 0
        while (line := self.line(_MAX_HEADER)) is not None and size <= _MAX_HEADER:
            if not line.strip():
                return b"".join(lines)
            lines.append(line)
            size += len(line)
        return None

    def take(self, length: int, most: int) -> tuple[bytes, bool]:
        """Pass ``length`` bytes; return the first ``most`` of them and whether all were there."""
        held: list[bytes] = []
        kept = 0
        while length > 0:
            if self._at >= len(self._held) and not self._fill():
                return b"".join(held), False
            part = self._held[self._at : self._at + length]
            self._at += len(part)
            length -= len(part)
            if kept < most:
                held.append(part[: most - kept])
                kept += len(held[-1])
        return b"".join(held), True


def _example() -> bytes:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + EXAMPLE
    ask = b"GET /ferry HTTP/1.1\r\nHost: news.harbour.example\r\n\r\n"
    return _record("request", ask) + _record("response", answer)


def _record(kind: str, content: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-05-02T00:00:00Z\r\n"
        "WARC-Target-URI: https://news.harbour.example/ferry\r\nWARC-IP-Address: 192.0.2.9\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"
