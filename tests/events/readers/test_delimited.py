import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events.readers.delimited import Delimited, distinct, records, sniffed
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally


def rows(data, batch_rows=100):
    tally = Tally("x")
    source = Source.of_bytes("x.csv", data)
    read = [r for part in Delimited().rows(source, tally, batch_rows)
            for r in zip(*(c.to_pylist() for c in part.columns.values()), strict=True)]  # fmt: skip
    return read, tally


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter):
    data = f"id{delimiter}text{delimiter}time\n1{delimiter}a{delimiter}b\n".encode()
    assert rows(data)[0] == [("1", "a", "b")]


def test_commas_in_texts_do_not_hide_semicolons():
    assert sniffed("id;text\n1;a, b, c\n2;d, e\n3;f\n", whole=True) == (";", ["id", "text"])


@pytest.mark.parametrize("hint", ["sep=;", '"sep=;"', "sep=;;;"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_line_that_tells_a_spreadsheet_the_delimiter_is_no_header(hint, encoding):
    data = f"{hint}\r\nid;text;time\r\n1;déjà, vu;b\r\n".encode(encoding)
    read, tally = rows(data)
    assert read == [("1", "déjà, vu", "b")]
    assert not tally.skipped


@given(st.lists(st.sampled_from(["a", "a (2)", "b", ""]), min_size=1, max_size=8))
def test_no_column_is_lost_by_the_name_of_another(header):
    names = distinct(header)
    assert len(set(names)) == len(header)
    assert all(new.startswith(old) for old, new in zip(header, names, strict=True))


def test_a_file_in_another_encoding_is_said_once_however_long_it_is():
    _, tally = rows(b"id,text\n" + "1,déjà\n".encode("cp1252") * 500)
    assert len([note for note in tally.notes if "Windows-1252" in note]) == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_without_its_mark(encoding):
    data = "identity;text;time\r\n1;déjà, vu;b\r\n2;投票;c\r\n".encode(encoding)
    read, tally = rows(data)
    assert read == [("1", "déjà, vu", "b"), ("2", "投票", "c")]
    assert any("every second byte" in note for note in tally.notes)


def test_some_nuls_do_not_make_utf_16():
    read, tally = rows(b"id,text\n" + b"1,a\0b\0c\0\n" * 40)
    assert read[0] == ("1", "abc")
    assert not any("UTF-16" in note for note in tally.notes)


def test_quoted_values_keep_newlines_and_quotes():
    assert rows(b'id,text\n1,"two\nlines, ""quoted"""\n')[0] == [("1", 'two\nlines, "quoted"')]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_does_not_matter(encoding):
    assert rows("id,text\n1,déjà\n".encode(encoding))[0] == [("1", "déjà")]


def test_a_row_of_another_width_is_refused_with_its_number():
    refused = []
    tally = Tally("x", refuse=lambda *what: refused.append(what))
    source = Source.of_bytes("x.csv", b"id,text\n1,a\nnonsense\n2,b\n3,c,d\n")
    parts = list(Delimited().rows(source, tally, 10))
    assert [c.to_pylist() for c in parts[0].columns.values()] == [["1", "2"], ["a", "b"]]
    assert refused == [
        ("wrong number of columns", 3, "nonsense"),
        ("wrong number of columns", 5, "3,c,d"),
    ]


def test_commas_behind_the_last_column_are_nothing():
    assert rows(b"id,text\n1,a,,\n")[0] == [("1", "a")]


def test_empty_lines_and_repeated_headers_are_no_rows():
    read, tally = rows(b"id,text\n\n1,a\nid,text\n\n2,b\n")
    assert read == [("1", "a"), ("2", "b")]
    assert dict(tally.skipped) == {"header repeated": 1}


def test_columns_of_one_name_are_told_apart():
    source = Source.of_bytes("x.csv", b"id,text,text\n1,a,b\n")
    (part,) = Delimited().rows(source, Tally("x"), 10)
    assert list(part.columns) == ["id", "text", "text (2)"]


def test_a_stray_quote_costs_one_row_only():
    body = "".join(f"{n},text {n}\n" for n in range(5_000))
    read, tally = rows(b'id,text\nx,"stray\n' + body.encode())
    assert len(read) == 5_000
    assert tally.skipped["wrong number of columns"] == 1


def test_many_stray_quotes_take_no_longer_than_they_are_worth(monkeypatch):
    monkeypatch.setattr("crossfix.events.readers.delimited.AGAIN_BYTES", 10_000)
    body = "".join(f'{n},"stray\n{n},good\n' for n in range(3_000))
    read, _ = rows(b"id,text\n" + body.encode())
    assert sum(text == "good" for _, text in read) >= 2_900


VALUE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",;\n'), max_size=12
)


@settings(deadline=None)
@given(st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=20))
def test_what_the_csv_module_writes_is_read_back(table):
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([("id", "text", "time"), *table])
    wanted = [tuple(v or None for v in row) for row in table if row != ("id", "text", "time")]
    lines = enumerate(made.getvalue().split("\n")[1:-1], 2)
    read = [tuple(v or None for v in row) for _, row in records(lines, ",", 3, Tally("x"))]
    assert read == wanted


GARBAGE = st.text(st.characters(exclude_characters='"\n\r,', exclude_categories=["Cs"]), min_size=1)


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(0, 99), GARBAGE), max_size=30))
def test_every_valid_row_between_garbage_comes_back(mixed):
    lines = [f"{m},text,2024-01-01" if isinstance(m, int) else m for m in mixed]
    read = [row[0] for _, row in records(enumerate(lines, 2), ",", 3, Tally("x"))]
    assert read == [str(m) for m in mixed if isinstance(m, int)]
