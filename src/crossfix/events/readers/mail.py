"""Mails: mbox files, single ``.eml`` files and folders of them."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

import pyarrow as pa

from crossfix.errors import CrossfixError
from crossfix.events.event import Event, event_id
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT, batches
from crossfix.events.readers.entities import urls_in
from crossfix.events.readers.html_text import text_and_links
from crossfix.events.readers.json_fields import RefusedError, some
from crossfix.events.readers.json_records import events_of_each
from crossfix.events.readers.mail_address import EMAIL, FAULTS, decoded, mailbox, written
from crossfix.events.readers.mail_split import MAX_MAIL, is_mbox, mails_in
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

MAX_PARTS = 100
_MAX_LINES = 400_000
_MAX_BOUNDARIES = 50
_MAX_TEXT = 1_000_000
_MAX_HEADER = 4096
_FIELD = re.compile(rb"(?:[!-9;-~]{1,76}:[ \t]?[^\r\n]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*)+")
_KNOWN = re.compile(
    rb"^(from|to|subject|date|received|message-id|return-path|mime-version|delivered-to|reply-to):",
    re.IGNORECASE | re.MULTILINE,
)
_SENDER_IP = re.compile(r"(?:sender IP is|client-ip=|smtp\.remote-ip=)\s*([0-9A-Fa-f.:]{3,45})")


class Mail(Reader):
    """Reads mails as events ``send`` of the account in From; nothing is ever fetched.

    A From without an address gives way to Sender and Return-Path.

    The text is the longer of the plain and the visible HTML text; links come from both. Media are
    hashes of what is attached.
    """

    name = "mail"

    def recognises(self, source: Source) -> float:
        """Return how surely these are mails, by the mbox mark or by the fields of a header."""
        try:
            if source.directory or source.zipped:
                files = [file.name for file in source.members()]
                # A mixed folder is read file by file, so that nothing in it is passed over.
                return 0.9 if files and all(name.endswith(".eml") for name in files) else 0.0
        except CrossfixError:
            return 0.0
        head = source.head
        if is_mbox(head):
            return 0.95
        fields = _FIELD.match(head)
        known = set(map(bytes.lower, _KNOWN.findall(fields.group()))) if fields else set()
        if len(known) >= 2:
            return 0.9
        return 0.5 if known and source.name.endswith((".eml", ".mbox")) else 0.0

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield one event a mail."""
        service = service_of(options.service) if options.service else EMAIL
        rows = events_of_each(
            _whole(source, tally), lambda raw: [event_of(raw, service, tally)], tally
        )
        yield from batches(rows, options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return one mail, and an mbox of two."""
        quoted = _EXAMPLE.replace(b"\nFrom now", b"\n>From now")
        mark = b"From MAILER-DAEMON Wed May  1 12:00:00 2024\n"
        other = quoted.replace(b"<1@", b"<2@").replace(b"12:00:00", b"12:05:00")
        return [
            ("late.eml", _EXAMPLE),
            ("inbox.mbox", mark + quoted + b"\n" + mark + other),
        ]


def _whole(source: Source, tally: Tally) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of each mail that is not too long."""
    if source.directory or source.zipped:
        for number, file in enumerate(source.members(), 1):
            if not file.name.endswith(".eml"):
                continue
            try:
                for _, raw in _whole_file(file, tally):
                    yield number, raw
            except CrossfixError as damaged:
                tally.skip("file cannot be read", number, str(damaged))
            file.close()
        return
    yield from _whole_file(source, tally)


def _whole_file(source: Source, tally: Tally) -> Iterator[tuple[int, bytes]]:
    if is_mbox(source.head):
        for number, raw, whole in mails_in(source.chunks(tally)):
            if whole:
                yield number, raw
            else:
                tally.skip("mail is longer than 32 MiB", number, _shown(raw))
        return
    held: list[bytes] = []
    size = 0
    for chunk in source.chunks(tally):
        size += len(chunk)
        if size > MAX_MAIL:
            tally.skip("mail is longer than 32 MiB", 1, _shown(b"".join(held)))
            return
        held.append(chunk)
    raw = b"".join(held)
    if raw.strip():
        yield 1, raw


def _shown(raw: bytes) -> str:
    return raw[:2048].decode("utf-8", "replace")


def event_of(raw: bytes, service: str, tally: Tally) -> Event:
    """Return the event of one mail.

    Its id is that of all it says: a Message-ID is what the sender wrote there, so two different
    mails with one Message-ID stay two events.
    """
    mail = _parsed(raw)
    fields = _fields(mail)
    display_name, sender = written(fields.get("from"))
    for other in ("sender", "return-path"):
        if sender is None:
            _, sender = written(fields.get(other))
    if sender is None:
        raise RefusedError(NO_ACCOUNT)
    time = _time(fields, mail, tally)
    text, links, media = _content(mail)
    native = _bare(fields.get("message-id"))
    answered = _bare(fields.get("in-reply-to"))
    thread = _bare((fields.get("references") or "").split(">")[0] + ">") or answered or native
    subject = decoded("subject", fields.get("subject"))
    return Event(
        id=event_id(service, None, "mail", sender, native, time, subject, text, *media),
        time=time,
        received=time,
        service=service,
        surface="email",
        account=f"{service}:{mailbox(sender)}",
        action="send",
        conversation=thread,
        text=text,
        urls=links,
        media=media,
        attributes=some(
            sender=sender,
            display_name=display_name,
            email_domain=sender.rpartition("@")[2],
            reply_to=written(fields.get("reply-to"))[1],
            subject=subject,
            ip=_ip(fields),
            client=decoded("x-mailer", fields.get("x-mailer") or fields.get("user-agent")),
            message_id=native,
            in_reply_to=answered,
            list_id=decoded("list-id", fields.get("list-id")),
        ),
    )


def _parsed(raw: bytes) -> EmailMessage:
    """Return the parsed mail; what would take the parser too long is refused before."""
    if raw.count(b"\n") > _MAX_LINES:
        raise RefusedError("mail has too many lines")
    if len(re.findall(rb"boundary", raw[:MAX_MAIL], re.IGNORECASE)) > _MAX_BOUNDARIES:
        raise RefusedError("mail is nested too deeply")
    try:
        return BytesParser(policy=policy.default).parsebytes(raw)
    except FAULTS:
        raise RefusedError("not a mail") from None


def _fields(mail: EmailMessage) -> dict[str, str]:
    """Return the first of each header field, cut to 4 KiB, as it was written."""
    found: dict[str, str] = {}
    for name, value in mail.raw_items():
        text = str(value)[:_MAX_HEADER].encode("utf-8", "surrogateescape")
        found.setdefault(name.lower(), text.decode("utf-8", "replace").replace("\x00", ""))
    return found


def _time(fields: dict[str, str], mail: EmailMessage, tally: Tally) -> datetime:
    """Return when the mail was sent, or when it was last received where no Date can be read."""
    if time := _date(fields.get("date")):
        return time
    if time := _date(fields.get("received", "").rpartition(";")[2]):
        tally.note("mails without a readable Date have the time at which they were last received")
        return time
    raise RefusedError(BAD_TIME)


def _date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        time = parsedate_to_datetime(" ".join(value.split())[:100])
        if time.year < 1000:  # programs that count from 1900 write 102 for 2002
            time = time.replace(year=time.year + 1900)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (*FAULTS, OverflowError):
        return None


def _bare(value: str | None) -> str | None:
    """Return an identifier without its brackets."""
    text = "".join((value or "").split()).strip("<>")
    return text[:500] or None


def _ip(fields: dict[str, str]) -> str | None:
    """Return the sender's address as the receiving server saw it."""
    candidates = [fields.get("x-originating-ip", "").strip("[] \t\r\n")]
    for name in ("authentication-results", "received-spf"):
        found = _SENDER_IP.search(fields.get(name, ""))
        candidates.append(found.group(1) if found else "")
    for candidate in candidates:
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None


def _content(mail: EmailMessage) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """Return the text, the links and the hashes of what is attached."""
    plain, rich = "", ""
    links: list[str] = []
    media: list[str] = []
    for number, part in enumerate(mail.walk()):
        if number >= MAX_PARTS:
            break
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        attached = _is_attached(part)
        if kind == "text/plain" and not attached:
            plain += _text(part)
        elif kind == "text/html" and not attached:
            shown, found = text_and_links(_text(part))
            rich += shown
            links += found
        elif payload := _payload(part):
            media.append(f"sha256:{hashlib.sha256(payload).hexdigest()}")
    text = max(plain.strip(), rich.strip(), key=len)[:_MAX_TEXT]
    addresses = tuple(dict.fromkeys([*links, *urls_in(plain)]))
    return text or None, addresses, tuple(dict.fromkeys(media))


def _is_attached(part: EmailMessage) -> bool:
    try:
        return part.get_content_disposition() == "attachment"
    except FAULTS:
        return False


def _payload(part: EmailMessage) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except FAULTS:
        return b""
    return payload if isinstance(payload, bytes) else b""


def _text(part: EmailMessage) -> str:
    payload = _payload(part)[: 4 * _MAX_TEXT]
    try:
        charset = part.get_content_charset() or "utf-8"
        text = payload.decode(charset, "replace")
    except FAULTS:
        text = payload.decode("utf-8", "replace")
    return text.replace("\x00", "").replace("\r\n", "\n")[:_MAX_TEXT]


_EXAMPLE = b"""\
Received: from mail.harbour.example (mail.harbour.example [192.0.2.9])
\tby mx.pier.example; Wed, 1 May 2024 12:00:02 +0000
Received-SPF: pass client-ip=192.0.2.9
From: =?utf-8?q?Harbour_M=C3=BCller?= <Desk@Harbour.example>
Reply-To: answers@elsewhere.example
To: crane@pier.example
Subject: =?utf-8?b?WW91ciBmZXJyeSDwn5qi?=
Date: Wed, 1 May 2024 12:00:00 +0000
Message-ID: <1@harbour.example>
In-Reply-To: <0@pier.example>
List-Id: Harbour news <news.harbour.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b1"

--b1
Content-Type: multipart/alternative; boundary="b2"

--b2
Content-Type: text/plain; charset=utf-8

Your ferry is late.
From now on read https://harbour.example/plain
--b2
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Your ferry is late. <a href=3D"https://harbour.example/login?id=3D1">Log in</=
a></p>
--b2--
--b1
Content-Type: application/pdf
Content-Disposition: attachment; filename="ticket.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQ=
--b1--
"""
