import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.errors import FormatError, InputError
from crossfix.matching import Checks, indicator, load_indicators

GOOD = """kind,value,confidence,expires,text
domain,evil[.]example,80%,2026-01-01,known for malware
# a remark
url,hxxps://bad.example/a,0.5,1767225600,
phrase,"red, red door",,,
regex,\\bfoo\\d+,,,
"""


def test_a_table_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    loaded = load_indicators([tmp_path / "a.csv"])
    assert loaded.refused == ()
    domain, url, phrase, regex = loaded.indicators
    assert (domain.value, domain.confidence, domain.text) == (
        "evil.example",
        0.8,
        "known for malware",
    )
    assert domain.expires == url.expires == 1767225600
    assert (url.value, phrase.value, regex.value) == ("bad.example/a", "red, red door", r"\bfoo\d+")


def test_lines_of_json_are_read_too(tmp_path: Path) -> None:
    lines = '{"type": "SHA256", "value": "%s", "tlp": "TLP:GREEN", "id": "x"}\n\n[1]\n{oh' % (
        "AB" * 32
    )
    (tmp_path / "a.jsonl").write_text(lines)
    loaded = load_indicators([tmp_path / "a.jsonl"])
    (one,) = loaded.indicators
    assert (one.id, one.kind, one.value, one.marking) == ("x", "hash", "ab" * 32, "TLP:GREEN")
    assert [(e.line, e.message) for e in loaded.refused] == [
        (3, "The line is no JSON object."), (4, "The line is no JSON object.")
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "said"), [
    ("regex", "a(", "regular expression"), ("regex", r"(a)\1", "regular expression"),
    ("domain", "no domain", "no domain"), ("domain", "com", "no domain"),
    ("url", "mailto:a@b", "no address"), ("phrase", "ab", "3 to 300"), ("hash", "xyz", "kind hash"),
    ("colour", "red", "no kind 'colour'"), ("regex", "", "empty"), ("near_text", "00", "kind near"),
])  # fmt: skip
def test_what_is_no_indicator_is_refused_with_its_place(
    tmp_path: Path, kind: str, value: str, said: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("kind", "value"), ("domain", "a.example"), (kind, value)])
    loaded = load_indicators([path])
    assert len(loaded.indicators) == 1
    (error,) = loaded.refused
    assert str(error).startswith(f"{path}:3: ")
    assert said in error.message


def test_the_same_indicator_twice_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("type,indicator\ndomain,a.example\nhostname,www.A.example\n")
    assert len(load_indicators([tmp_path / "a.csv"]).indicators) == 1


def test_a_table_without_the_columns_or_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,size\n")
    with pytest.raises(FormatError, match="no column 'kind'"):
        load_indicators([tmp_path / "a.csv"])
    with pytest.raises(FormatError, match="cannot be read"):
        load_indicators([tmp_path / "b.csv"])


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.jsonl"]))
def test_no_file_is_too_hostile(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("hostile") / name
    path.write_bytes(b"kind,value,confidence,expires\n" * (name == "a.csv") + raw)
    load_indicators([path])


@given(st.sampled_from(["domain", "url", "phrase", "hash", "regex", "text", "x"]), st.text())
def test_a_value_has_one_spelling_or_is_refused(kind: str, value: str) -> None:
    try:
        one = indicator(kind, value)
    except InputError:
        return
    assert indicator(kind, one.value).value == one.value


@pytest.mark.realdata
def test_published_indicators_are_loaded_and_found(data_dir: Path, tmp_path: Path) -> None:
    table = pq.read_table(data_dir / "indicators" / "meta_threat_research_2020_2023.parquet")
    rows = [r for r in table.to_pylist() if r["type"] in ("domain", "url", "hash")]
    with (tmp_path / "meta.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["type", "value", "network"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    loaded = load_indicators([tmp_path / "meta.csv"])
    assert len(loaded.refused) < 0.02 * len(rows)
    checks = Checks(loaded.indicators)
    for one in loaded.indicators[::100]:
        found = checks.look(f"Look at {one.value}, says he.", "prompt")
        assert one.id in {f.name for f in found}, one
