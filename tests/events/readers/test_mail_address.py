import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.events.readers.mail import Mail
from crossfix.events.readers.mail_address import (
    _parsed,
    addresses_in,
    mailbox,
    senders,
    written,
)
from crossfix.events.readers.posts import CsvPosts


def table(*senders: str, head: str = "from_", **columns: str) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([head, "date", "subject", "text", *columns])
    for number, sender in enumerate(senders):
        said = (f"2026-05-01T12:00:{number:02d}Z", "hello", f"words {number}")
        rows.writerow([sender, *said, *columns.values()])
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("said", "name", "address"),
    [
        ("ann@example.org", None, "ann@example.org"),
        ("Ann Lee <Ann@Example.ORG>", "Ann Lee", "ann@example.org"),
        ('"Lee, Ann" <ann@example.org>', "Lee, Ann", "ann@example.org"),
        ("=?utf-8?q?Zahlungsbest=C3=A4tigung?= <no@x.example>", "Zahlungsbestätigung",
         "no@x.example"),
        ("NEW OFFRE <offre@nona.example >", "NEW OFFRE", "offre@nona.example"),
        ("Ann\r\n <ann@example.org>", "Ann", "ann@example.org"),
        ("Fedex pakket <>", "Fedex pakket", None),
        ("", None, None),
    ],
)  # fmt: skip
def test_a_sender_is_a_name_and_an_address(said, name, address) -> None:
    assert written(said) == (name, address)


WORDS = st.text("abcXYZ019 .@<>\"'=?+-_,;:()\r\n\té\x00", max_size=30)
MOSTLY_MAIL = st.builds(
    "{}{}{}".format, st.sampled_from(["", "Ann ", "Ann Lee ", "Ann <", "<", '"Ann" <', "9 <"]),
    st.sampled_from(["ann@x.org", "Ann@X.org", "a.b@x.org", "a+b@x.org", "ann@x", "ann@x.org."]),
    st.sampled_from(["", ">", " >", "> x"]),
)  # fmt: skip


@given(st.one_of(WORDS, MOSTLY_MAIL))
def test_the_quick_look_says_what_the_parser_of_headers_says(value) -> None:
    assert written(value) == (_parsed(value) if value else (None, None))


def test_a_label_after_a_plus_is_no_other_mailbox() -> None:
    assert mailbox("ann+news@example.org") == "ann@example.org"
    assert mailbox("ann@example.org") == "ann@example.org"
    assert mailbox("+49@example.org") == "+49@example.org"


@given(st.lists(st.one_of(st.none(), WORDS, MOSTLY_MAIL), max_size=8))
def test_a_column_of_senders_equals_its_values_one_by_one(values) -> None:
    found = senders(pa.array(values, pa.string()))
    each = [written(value) if value is not None else (None, None) for value in values]
    assert found.name.to_pylist() == [name for name, _ in each]
    assert found.address.to_pylist() == [address for _, address in each]
    assert found.mailbox.to_pylist() == [a and mailbox(a) for _, a in each]
    assert found.domain.to_pylist() == [a and a.rpartition("@")[2] for _, a in each]
    assert 0.0 <= addresses_in(pa.array(values, pa.string())) <= 1.0


WAYS = ("Ann Lee <Ann@Example.org>", "ann+news@example.org", '"A. Lee" <ANN@EXAMPLE.ORG>')


def test_a_table_of_mails_has_one_account_a_mailbox(read) -> None:
    events, tally = read(CsvPosts(), "mails.csv", table(*WAYS, "Bob <bob@example.org>"))
    assert [event.account for event in events] == ["email:ann@example.org"] * 3 + [
        "email:bob@example.org"
    ]
    assert {(event.service, event.surface, event.action) for event in events} == {
        ("email", "email", "send")
    }
    assert [event.attributes["email_domain"] for event in events] == ["example.org"] * 4
    assert events[0].attributes["display_name"] == "Ann Lee"
    assert events[1].attributes["sender"] == "ann+news@example.org"
    assert "display_name" not in events[1].attributes
    assert any("'email' was inferred" in note for note in tally.notes)


def test_a_table_and_the_mails_themselves_name_one_account(read) -> None:
    for way in WAYS:
        mail = f"From: {way}\nDate: Fri, 01 May 2026 12:00:00 +0000\nSubject: hello\n\nwords\n"
        (of_mail,), _ = read(Mail(), "one.eml", mail.encode())
        (of_table,), _ = read(CsvPosts(), "mails.csv", table(way))
        assert of_table.account == of_mail.account == "email:ann@example.org"
        for name in ("sender", "email_domain", "display_name"):
            assert of_table.attributes.get(name) == of_mail.attributes.get(name)


def test_the_address_to_answer_to_is_an_address(read) -> None:
    data = table("ann@example.org", reply_to="Pay Here <PAY@evil.example>", head="from_address")
    (event,), _ = read(CsvPosts(), "mails.csv", data)
    assert event.attributes["reply_to"] == "pay@evil.example"


def test_what_columns_say_of_service_and_name_stands(read) -> None:
    data = table("Ann <ann@example.org>", head="sender", display_name="Ann of Sales")
    (event,), _ = read(CsvPosts(), "mails.csv", data, "corp")
    assert event.account == "corp:ann@example.org"
    assert event.attributes["display_name"] == "Ann of Sales"


def test_a_sender_without_an_address_among_others_stays_what_it_is(read) -> None:
    events, _ = read(CsvPosts(), "mails.csv", table("a@x.example", "b@x.example", "Fedex <>"))
    assert [event.account for event in events][2] == "email:Fedex <>"


@pytest.mark.parametrize("head", ["from", "username"])
def test_handles_are_no_senders_of_mails(read, head) -> None:
    events, _ = read(
        CsvPosts(), "posts.csv", table("@Ann", "@Bob@social.example", "Eve", head=head)
    )
    assert [event.account for event in events][::2] == ["unknown:Ann", "unknown:Eve"]
    assert {event.action for event in events} == {"post"}
