"""Accounts that say their service."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.events import Event, from_batch
from crossfix.events.readers import ReadOptions, read_files
from crossfix.events.readers.account_names import accounts_of
from crossfix.events.readers.services import service_before

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(path: Path, text: str, **options: str) -> list[Event]:
    path.write_text(text, encoding="utf-8")
    reading = read_files([path], ReadOptions(now=NOW, **options))
    return [event for batch in reading for event in from_batch(batch)]


HEAD = "account,created_at,text,in_reply_to_user_id\n"
TWO = HEAD + "twitter:@Bob,2025-01-01,hi,twitter:Eve\nTelegram:ann,2025-01-02,ho,\n"


def test_services_that_stand_before_accounts_are_taken(tmp_path: Path) -> None:
    one, other = read(tmp_path / "posts.csv", TWO)
    assert (one.service, one.account, one.target) == ("x", "x:Bob", "x:eve")
    assert (other.service, other.surface, other.account) == ("telegram", "social", "telegram:ann")


def test_what_a_person_says_wins(tmp_path: Path) -> None:
    one, other = read(tmp_path / "posts.csv", TWO, service="gab")
    assert (one.account, other.account) == ("gab:twitter:@Bob", "gab:Telegram:ann")


@pytest.mark.parametrize("odd", ["did:plc:1", "bob", "nowhere:bob", "x:"])
def test_one_account_without_a_service_leaves_all_as_they_are(odd: str, tmp_path: Path) -> None:
    found = read(tmp_path / "posts.csv", HEAD + f"x:bob,2025-01-01,hi,\n{odd},2025-01-02,ho,\n")
    assert [event.account for event in found] == ["unknown:x:bob", f"unknown:{odd}"]


def test_a_column_of_services_and_accounts_that_say_it_too_agree(tmp_path: Path) -> None:
    text = "account,created_at,platform\nx:bob,2025-01-01,Twitter\ntwitter:bob,2025-01-02,x\n"
    assert [event.account for event in read(tmp_path / "posts.csv", text)] == ["x:bob", "x:bob"]


def slow(name: str, service: str) -> str:
    if service_before(name) == service:
        name = name.partition(":")[2]
    name = name.removeprefix("@")
    return name if name.startswith(f"{service}:") else f"{service}:{name}"


_names = st.lists(st.sampled_from(["x:", "twitter:", "web:", "@", "bob", ":", "did:", "e.org"]),
                  min_size=1, max_size=4).map("".join)  # fmt: skip


@given(st.lists(st.tuples(_names, st.sampled_from(["x", "web:e.org", "vk"])), min_size=1))
def test_accounts_are_named_as_the_slow_way_names_them(rows: list[tuple[str, str]]) -> None:
    names, services = (pa.array(column) for column in zip(*rows, strict=True))
    assert accounts_of(names, services).to_pylist() == [slow(*row) for row in rows]
