"""Tables end to end: bytes in, events and the tally out."""

import gzip
import io
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import ColumnError, FormatError, InputError
from crossfix.events import event_id, from_batch
from crossfix.events.readers import ReadOptions, Source, read_files, readers

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(data, name="posts.csv", format=None, side_file=None, **options):
    source = Source.of_bytes(name, data) if isinstance(data, bytes) else data
    reading = read_files(
        [source], ReadOptions(now=NOW, **options), format=format, side_file=side_file
    )
    return [event for batch in reading for event in from_batch(batch)], reading.tallies[0]


HEAD = b"post_id,account,created_at,text\n"


def test_an_event_has_what_its_row_says():
    data = (
        b"id,user_id,screen_name,created_at,text,lang,in_reply_to_status_id,in_reply_to_screen_name,"
        b"hashtags,urls,ip,followers\n"
        b"7,42,Anna,2024-03-01T10:00:00Z,\"@bo see #This\",EN,6.0,Bo,\"['one', 'Two']\","
        b'"[{""expanded_url"": ""http://a.example""}]",192.0.2.1,12\n'
    )
    ((event,), _) = read(data, service="Twitter")
    assert event.id == event_id("x", "7")
    assert (event.service, event.surface, event.account) == ("x", "social", "x:42")
    assert (event.action, event.target, event.parent) == ("reply", "x:bo", event_id("x", "6"))
    assert (event.hashtags, event.urls, event.mentions) == (
        ("one", "two"), ("http://a.example",), ("x:bo",),
    )  # fmt: skip
    assert event.attributes == {"display_name": "Anna", "ip": "192.0.2.1", "followers": "12"}


def test_a_retweet_is_a_repost_without_its_prefix():
    data = HEAD + b"1,anna,2024-03-01,RT @Bo_1: hello\n2,cy,2024-03-01,RT this please\n"
    (first, second), _ = read(data, service="x")
    assert (first.action, first.text, first.target) == ("repost", "hello", None)
    assert first.attributes["reposted_account"] == "x:bo_1"
    assert (second.action, second.text) == ("post", "RT this please")


def test_the_reposted_post_is_the_target():
    data = b"id,user,date,text,retweeted_status_id\n9,a,2024-03-01,hello,8\n"
    ((event,), _) = read(data)
    assert (event.action, event.target) == ("repost", "x:8")


@pytest.mark.parametrize("yes", ["true", "True", "1", "yes", "TRUE", "1.0"])
def test_a_column_may_say_that_it_is_a_repost(yes):
    data = f"id,user,date,text,is_repost\n1,a,2024-03-01,hi,{yes}\n2,a,2024-03-01,ho,no\n".encode()
    events, _ = read(data)
    assert [event.action for event in events] == ["repost", "post"]


def test_rows_without_account_or_time_are_refused_with_their_numbers(tmp_path):
    side = tmp_path / "out" / "refused.jsonl"
    data = HEAD + (
        b"1,anna,2024-03-01,a\n2,,2024-03-01,b\n3,bo,,c\n4,bo,whenever,d\n5,bo,2031-01-01,e\n"
        b"6,bo,1969-01-01,f\n"
    )
    events, tally = read(data, side_file=side)
    assert [event.account for event in events] == ["unknown:anna"]
    assert dict(tally.skipped) == {
        "no account": 1, "no time": 1, "time is not readable": 1, "time is in the future": 1,
        "time is before 1990": 1,
    }  # fmt: skip
    lines = [msgspec.json.decode(line) for line in side.read_bytes().splitlines()]
    assert {(line["row"], line["reason"]) for line in lines} == {
        (3, "no account"), (4, "no time"), (5, "time is not readable"),
        (6, "time is in the future"), (7, "time is before 1990"),
    }  # fmt: skip
    assert '"text":"b"' in lines[0]["content"]
    assert lines[0]["file"] == "posts.csv"


def test_nothing_refused_makes_no_side_file(tmp_path):
    read(HEAD + b"1,anna,2024-03-01,a\n", side_file=tmp_path / "refused.jsonl")
    assert not (tmp_path / "refused.jsonl").exists()


def test_a_duplicate_id_is_counted_and_the_first_kept():
    events, tally = read(HEAD + b"1,anna,2024-03-01,first\n1,anna,2024-03-01,second\n")
    assert [event.text for event in events] == ["first"]
    assert dict(tally.skipped) == {"duplicate id": 1}


def test_rows_without_ids_are_told_apart_by_what_they_say():
    data = b"account,date,text\na,2024-03-01,one\na,2024-03-01,two\na,2024-03-01,one\n"
    events, tally = read(data)
    assert [event.text for event in events] == ["one", "two"]
    assert dict(tally.skipped) == {"duplicate id": 1}


def test_an_empty_file_is_said():
    with pytest.raises(InputError, match="empty") as refused:
        read(b"")
    assert refused.value.exit_code == 2


def test_a_file_of_a_header_alone_has_no_events():
    with pytest.raises(InputError, match="no events"):
        read(HEAD)


def test_a_file_cut_before_its_first_row_is_said():
    with pytest.raises(InputError, match="truncated"):
        read(gzip.compress(HEAD)[:10], "posts.csv.gz")


def test_missing_columns_are_said():
    with pytest.raises(ColumnError, match="--map account=COLUMN"):
        read(b"when,what\n2024-03-01,a\n", format="csv")


def test_an_unknown_format_lists_those_there_are():
    with pytest.raises(FormatError, match="coortweet, csv"):
        read(HEAD, format="cvs")


def test_a_file_of_no_format_is_said():
    with pytest.raises(FormatError, match="--format"):
        read(b"Dear diary\n\ntoday nothing happened.\n", "diary.txt")


def test_one_account_alone_is_read():
    events, _ = read(HEAD + b"1,anna,2024-03-01,a\n2,anna,2024-03-02,b\n")
    assert {event.account for event in events} == {"unknown:anna"}


def test_a_platform_column_is_the_service_of_each_row():
    data = b"id,platform,user,date\n1,Twitter,a,2024-03-01\n2,fb,a,2024-03-01\n3,,a,2024-03-01\n"
    events, _ = read(data)
    assert [event.account for event in events] == ["x:a", "facebook:a", "unknown:a"]


def test_a_service_that_was_guessed_is_noted():
    _, tally = read(HEAD + b"1,a,2024-03-01,a\n", "telegram_posts.csv")
    assert any("'telegram' was inferred" in note for note in tally.notes)


def test_a_folder_is_read_file_by_file(tmp_path):
    (tmp_path / "a.csv").write_bytes(HEAD + b"1,anna,2024-03-01,a\n")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(HEAD + b"2,bo,2024-03-01,b\n"))
    (tmp_path / "notes.txt").write_bytes(b"nothing\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    reading = read_files([tmp_path], ReadOptions(now=NOW))
    assert sum(batch.num_rows for batch in reading) == 2
    assert [tally.format for tally in reading.tallies] == ["csv", "csv", "none", "none"]


def test_progress_ends_at_the_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEAD + b"1,anna,2024-03-01,a\n")
    steps = []
    list(read_files([path], ReadOptions(now=NOW), progress=lambda *at: steps.append(at)))
    assert steps[-1] == (path.stat().st_size, path.stat().st_size)
    assert steps == sorted(steps)


DATES = ["2024-03-01T10:00:00Z", "2024-03-01 10:00:00", "1709287200", "1709287200000",
         "Fri Mar 01 10:00:00 +0000 2024", "Fri, 01 Mar 2024 10:00:00 +0000", "3/1/2024 10:00",
         "01.03.2024 10:00", "2024/03/01 10:00", "20240301100000", "1 March 2024 10:00",
         "March 1, 2024 at 10:00 AM", "2024-03-01T11:00:00+01:00"]  # fmt: skip


@pytest.mark.parametrize("date", DATES)
def test_dates_of_many_forms_are_one_time(date):
    ((event,), _) = read(HEAD + f'1,anna,"{date}",a\n'.encode())
    assert event.time == datetime(2024, 3, 1, 10, tzinfo=UTC)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from(["anna", "", "bo"]),
                       st.sampled_from(["2024-03-01", "x", "", "2099-01-01"])),
             min_size=1, unique_by=lambda row: row[0])
)  # fmt: skip
def test_every_valid_row_among_refused_ones_comes_back(rows):
    good = [(n, who, when) for n, who, when in rows if who and when == "2024-03-01"]
    lines = b"".join(f"{n},{who},{when},t\n".encode() for n, who, when in rows)
    data = HEAD + b"0,zoe,2024-03-01,t\n" + lines
    events, tally = read(data, batch_rows=4)
    assert [e.id for e in events[1:]] == [event_id("unknown", str(n)) for n, _, _ in good]
    assert len(events) + sum(tally.skipped.values()) == len(rows) + 1


@pytest.mark.parametrize("file", ["posts.csv", "posts.json", "posts.parquet", "posts.xlsx"])
def test_each_kind_of_table_is_read_from_standard_input(file):
    data = next(d for r in readers().values() for f, d in r.examples() if f == file)
    events, _ = read(Source.of_stream("-", io.BytesIO(data)))
    assert [event.id for event in events] == [event.id for event in read(data, file)[0]]


def test_a_line_too_long_costs_itself_alone():
    long = b"2,bo,2024-03-01," + b"x" * 9_000_000
    data = HEAD + b"1,anna,2024-03-01,a\n" + long + b"\n3,cy,2024-03-01,c\n"
    events, tally = read(data)
    assert [event.account for event in events] == ["unknown:anna", "unknown:cy"]
    assert sum(tally.skipped.values()) == 1


def test_a_truncated_gz_keeps_what_came_before_and_says_so():
    rows = b"".join(b"%d,a%d,2024-03-01,%x\n" % (n, n % 97, hash(n * n)) for n in range(50_000))
    events, tally = read(gzip.compress(HEAD + rows)[:-50_000], "posts.csv.gz")
    assert 1_000 < len(events) < 50_000
    assert any("truncated" in note for note in tally.notes)
