import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh3_64_hexdigest

from crossfix.events.readers.mail import Mail
from crossfix.events.readers.mail_split import is_mbox, mails_in

Read = Callable[..., Any]
MARK = b"From someone@a.example Wed May  1 12:00:00 2024\n"


def mail(header: str = "", body: str = "Hello", **fields: str) -> bytes:
    named = {"From": "A <a@a.example>", "Date": "Wed, 1 May 2024 12:00:00 +0200", **fields}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value]
    return ("\n".join(lines) + "\n" + header + "\n" + body + "\n").encode()


def one(read: Read, raw: bytes) -> Any:
    (event,), _ = read(Mail(), "m.eml", raw)
    return event


def test_a_mail_is_a_sending_with_its_parts(read: Read) -> None:
    reader = Mail()
    (event,), tally = read(reader, *reader.examples()[0])
    assert (event.service, event.surface, event.action) == ("email", "email", "send")
    assert event.account == "email:desk@harbour.example"
    assert event.time == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert event.urls == ("https://harbour.example/login?id=1", "https://harbour.example/plain")
    assert len(event.media) == 1
    assert event.conversation == "0@pier.example"
    expected = {
        "display_name": "Harbour Müller", "reply_to": "answers@elsewhere.example",
        "subject": "Your ferry 🚢", "ip": "192.0.2.9", "email_domain": "harbour.example",
    }  # fmt: skip
    assert expected.items() <= event.attributes.items()
    assert not tally.skipped


def test_an_mbox_gives_each_mail_and_undoes_its_quoting(read: Read) -> None:
    reader = Mail()
    alone, _ = read(reader, *reader.examples()[0])
    both, _ = read(reader, *reader.examples()[1])
    assert len(both) == 2
    assert both[0].text == alone[0].text
    assert "\nFrom now on" in both[0].text
    assert both[0].id == alone[0].id != both[1].id


def test_the_time_of_receipt_stands_in_for_a_missing_date(read: Read) -> None:
    received = "from b\n\tby c; Wed, 1 May 2024 10:00:02 +0000"
    (event,), tally = read(Mail(), "m.eml", mail(Date="", Received=received))
    assert event.time == datetime(2024, 5, 1, 10, 0, 2, tzinfo=UTC)
    assert "last received" in tally.notes[0]
    event = one(read, mail(Received=received))
    assert event.time == datetime(2024, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"From": ""}, "no account"), ({"From": "nobody"}, "no account"),
        ({"Date": ""}, "time is not readable"), ({"Date": "yesterday"}, "time is not readable"),
    ],
)  # fmt: skip
def test_mails_without_sender_or_time_are_refused(
    read: Read, fields: dict[str, str], reason: str
) -> None:
    events, tally = read(Mail(), "m.eml", mail(**fields))
    assert not events
    assert tally.skipped == {reason: 1}


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("Pedido.Correios <no-reply25462@%atendimento.com>", "no-reply25462@%atendimento.com"),
        ('"a@b.example" <C@D.example>', "c@d.example"), ("e@f.example", "e@f.example"),
        ("<g@h.example>", "g@h.example"), ("i@j.example, k@l.example", "i@j.example"),
        ("=?utf-8?q?M=C3=BCller?= <m@n.example>", "m@n.example"),
        ("Bank (x) <o@p.example> (y)", "o@p.example"), ("s@t.example [mailto:", "s@t.example"),
    ],
)  # fmt: skip
def test_senders_are_found_in_what_people_write(read: Read, written: str, account: str) -> None:
    assert one(read, mail(From=written)).account == f"email:{account}"


def test_years_since_1900_and_senders_in_other_fields_are_understood(read: Read) -> None:
    raw = mail(From="Fedex <>", Return_Path="<b@c.example>", Date="Fri, 26 Jul 102 10:00:00 +0000")
    event = one(read, raw)
    assert event.account == "email:b@c.example"
    assert event.time == datetime(2002, 7, 26, 10, tzinfo=UTC)


def test_two_mails_with_one_message_id_stay_two_events(read: Read) -> None:
    first = one(read, mail(Message_ID="<1@a.example>", body="one"))
    other = one(read, mail(Message_ID="<1@a.example>", body="two"))
    assert first.id != other.id


def test_hidden_text_of_a_page_is_not_read_and_nothing_is_fetched(read: Read) -> None:
    html = (
        '<style>p{}</style><p style="display:none">hidden</p><p>Shown</p>'
        '<img src="https://track.example/p.gif"><a href="https://a.example/">x</a>'
        '<a href="javascript:alert(1)">y</a><script>z</script>'
    )
    event = one(read, mail("Content-Type: text/html; charset=utf-8\n", html))
    assert event.text == "Shown\nxy"
    assert event.urls == ("https://a.example/",)


def test_a_charset_nobody_knows_is_read_as_utf8(read: Read) -> None:
    event = one(read, mail("Content-Type: text/plain; charset=x-none\n", "Grüße"))
    assert event.text == "Grüße"


def test_hostile_nesting_is_refused_quickly(read: Read) -> None:
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(2000)
    )
    for raw in (mail(deep), mail(body="x\n" * 500_000)):
        events, tally = read(Mail(), "m.eml", raw)
        assert not events
        assert sum(tally.skipped.values()) == 1
    many = "".join(f"--b\nContent-Type: image/png\n\n{n}\n" for n in range(5000))
    event = one(read, mail('Content-Type: multipart/mixed; boundary="b"\n', many))
    assert len(event.media) < 100


def test_hostile_headers_cost_little(read: Read) -> None:
    for value in ("(" * 50_000, "a," * 50_000, "=?utf-8?q?x?= " * 20_000, "<" * 50_000, '"' * 999):
        read(Mail(), "m.eml", mail(From=value, Subject=value, List_Id=value, References=value))


def test_a_zip_of_mails_is_read(read: Read) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for n in range(3):
            archive.writestr(f"in/{n}.eml", mail(body=str(n)))
    events, _ = read(Mail(), "mails.zip", held.getvalue())
    assert [event.text for event in events] == ["0", "1", "2"]


def split_plainly(raw: bytes) -> list[bytes]:
    """The obvious way: line by line over the whole file."""
    mails: list[list[bytes]] = []
    before = [b"\n", b"\n"]
    for line in re.findall(rb"[^\n]*\n|[^\n]+\Z", raw):
        mark = re.fullmatch(rb"From [^\n]{1,1000}\d\d:\d\d[^\n]{0,200}\n", line)
        blank = before[-1] in (b"\n", b"\r\n") and before[-2].endswith(b"\n")
        if mark and blank:
            mails.append([])
        elif mails:
            mails[-1].append(line)
        before.append(line)
    if mails and not b"".join(mails[-1]).strip():
        mails.pop()
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", b"".join(lines)) for lines in mails]


PIECES = st.sampled_from(
    [MARK, b"From here on\n", b">From x\n", b"\n", b"\r\n", b"a: b\n", b"text 12:00\n", b"end"]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=14), st.integers(1, 60))
def test_splitting_in_chunks_equals_splitting_line_by_line(pieces: list[bytes], size: int) -> None:
    raw = b"".join(pieces)
    chunks = [raw[n : n + size] for n in range(0, len(raw), size)]
    assert [mail for _, mail, _ in mails_in(chunks)] == split_plainly(raw)


def test_a_mail_that_is_too_long_is_not_whole_and_the_next_is() -> None:
    raw = MARK + b"a: b\n\n" + b"x" * 20_000 + b"\n\n" + MARK + b"c: d\n\nshort\n"
    chunks = [raw[n : n + 700] for n in range(0, len(raw), 700)]
    (_, cut, whole), (_, short, other) = mails_in(chunks, max_mail=5000)
    assert (len(cut), whole) == (5000, False)
    assert (short, other) == (b"c: d\n\nshort\n", True)
    assert is_mbox(raw)


@pytest.mark.realdata
def test_real_phishing_mails_survive_the_way_through_mbox(read: Read, data_dir: Path) -> None:
    table = pq.read_table(data_dir / "phishing" / "emails.parquet")
    rows = [row for row in table.to_pylist()[::24] if row["from_"] and row["date"]]
    written = b"".join(MARK + _as_mail(row) + b"\n" for row in rows)
    events, tally = read(Mail(), "real.mbox", written)
    assert len(events) + sum(tally.skipped.values()) == len(rows)
    assert set(tally.skipped) <= {"no account", "time is before 1990", "time is in the future"}
    assert len(events) > 0.97 * len(rows)
    linked = sum(bool(row["urls"]) for row in rows)
    assert sum(bool(event.urls) for event in events) > 0.85 * linked


def _as_mail(row: dict[str, Any]) -> bytes:
    """A mail with the parsed fields of the data set as its parts."""
    mail = EmailMessage()
    mail["Date"] = row["date"].replace(tzinfo=UTC)
    mail["Message-ID"] = f"<{xxh3_64_hexdigest(row['text'].encode())}@data.example>"
    mail.set_content(row["text"].replace("\x00", ""))
    if row["html"]:
        mail.add_alternative(row["html"].replace("\x00", ""), subtype="html")
    # As they were written, not as Python's package would write them.
    header = "".join(
        f"{name}: {' '.join(row[key].split())}\n"
        for name, key in (("From", "from_"), ("Reply-To", "reply_to"), ("Subject", "subject"))
        if row[key]
    )
    body = mail.as_bytes().replace(b"\nFrom ", b"\n>From ")
    return header.encode("utf-8", "surrogateescape") + body
