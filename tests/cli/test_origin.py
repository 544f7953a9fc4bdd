"""``crossfix origin`` as people call it."""

import csv
import html
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossfix.cli import cli

TEXT = "Every neighbour I spoke to this week agrees: close the two branches, keep the van."
EVIL = "<script>alert(1)</script> close the two branches, keep the van says everybody here"


def write(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    outputs = [{"response": "r7", "service": "ai-a", "account": "ai-a:u1",
                "time": "2026-02-03T09:14:00Z", "prompt": "<b>write</b>",
                "text": f"1. {TEXT}\n2. {EVIL}"}]  # fmt: skip
    posts = [
        {"post": f"p{n}", "service": "x", "account": f"x:a{n}", "text": text,
         "time": f"2026-02-03T1{n}:00:00Z"}
        for n, text in enumerate((TEXT, TEXT + " #yes", "Good morning to all of you out there",
                                  EVIL))
    ]  # fmt: skip
    return write(tmp_path / "outputs.jsonl", outputs), write(tmp_path / "posts.jsonl", posts)


def run(tmp_path: Path, files: tuple[str, str], *more: str) -> tuple[int, str]:
    arguments = ["origin", "--outputs", files[0], "--posts", files[1], "--out",
                 str(tmp_path / "out"), "--data", str(tmp_path / "data"), *more]  # fmt: skip
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    return result.exit_code, result.output


def test_sightings_carry_the_ids_of_the_files(tmp_path: Path, files: tuple[str, str]) -> None:
    code, output = run(tmp_path, files, "--without-meaning")
    assert code == 0, output
    with (tmp_path / "out" / "sightings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["post"], r["response"], r["account"]) for r in rows] == [
        ("p0", "r7", "x:a0"), ("p1", "r7", "x:a1"), ("p3", "r7", "x:a3"),
    ]  # fmt: skip


def test_the_fan_out_of_a_response_is_written(tmp_path: Path, files: tuple[str, str]) -> None:
    run(tmp_path, files, "--without-meaning")
    (line,) = (tmp_path / "out" / "fanouts.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["accounts"] == ["x:a0", "x:a1", "x:a3"]


def test_the_report_runs_nothing_of_what_it_shows(tmp_path: Path, files: tuple[str, str]) -> None:
    run(tmp_path, files, "--without-meaning")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in html.unescape(page)
    assert "<script" not in page
    assert "&lt;" in page


def test_without_an_encoder_the_rest_works_and_says_so(
    tmp_path: Path, files: tuple[str, str]
) -> None:
    code, output = run(tmp_path, files)
    assert code == 0
    assert "crossfix meaning install" in output


def test_json_is_for_programs(tmp_path: Path, files: tuple[str, str]) -> None:
    code, output = run(tmp_path, files, "--without-meaning", "--json")
    assert code == 0
    assert json.loads(output[output.index("{") :])["sightings"] == 3


@pytest.mark.parametrize("content", ["", "not a table at all\n", '{"a": 1}\n{"a": 2}\n'])
def test_bad_outputs_are_the_users_to_mend(
    tmp_path: Path, files: tuple[str, str], content: str
) -> None:
    from crossfix.cli import main

    bad = tmp_path / "bad.jsonl"
    bad.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["origin", "--outputs", str(bad), "--posts", files[1], "--out", str(tmp_path / "o")])
    assert ended.value.code == 2


def test_a_log_of_an_ai_service_is_taken_too(tmp_path: Path, files: tuple[str, str]) -> None:
    call = {"model": "gpt-4o-mini", "user": "u1", "created": 1_770_109_000, "id": "chatcmpl-1",
            "messages": [{"role": "user", "content": "Write posts"}],
            "choices": [{"message": {"role": "assistant", "content": TEXT},
                         "finish_reason": "stop"}]}  # fmt: skip
    log = write(tmp_path / "calls.jsonl", [call, call | {"id": "chatcmpl-2"}])
    code, output = run(tmp_path, (log, files[1]), "--without-meaning", "--json")
    assert code == 0, output
    assert json.loads(output[output.index("{") :])["sightings"] >= 2


def test_columns_of_posts_and_of_outputs_can_be_named(tmp_path: Path) -> None:
    outputs = write(tmp_path / "o.jsonl", [{"rid": "r1", "said": TEXT, "when": "2026-02-03"}])
    posts = write(tmp_path / "p.jsonl", [{"nr": 2**53 + 1, "wer": "a", "wann": 1_770_200_000_000,
                                          "was": TEXT}])  # fmt: skip
    named = [*("--map-outputs", "text=said"), *("--map-outputs", "response=rid")]
    named += [*("--map", "account=wer"), *("--map", "time=wann"), *("--map", "text=was")]
    code, output = run(tmp_path, (outputs, posts), "--without-meaning", *named, "--map", "id=nr")
    assert code == 0, output
    with (tmp_path / "out" / "sightings.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["post"], row["response"]) == ("9007199254740993", "r1")


def test_refused_rows_of_both_files_are_kept(tmp_path: Path, files: tuple[str, str]) -> None:
    for path, bad in ((files[0], {"text": ""}), (files[1], {"post": "p9", "text": TEXT})):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(bad) + "\n")
    code, output = run(tmp_path, files, "--without-meaning")
    assert code == 0, output
    refused = [
        json.loads(line)
        for line in (tmp_path / "out" / "refused.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [(Path(r["file"]).name, r["reason"]) for r in refused] == [
        ("outputs.jsonl", "no text"), ("posts.jsonl", "no account"),
    ]  # fmt: skip


def test_no_cell_of_the_table_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://evil.example","your refund is ready, click here today")'
    outputs = write(tmp_path / "o.jsonl", [{"id": "-5", "text": formula}])
    posts = write(tmp_path / "p.jsonl", [{"id": "-7", "account": "a", "time": "2026-02-04",
                                          "text": formula}])  # fmt: skip
    code, output = run(tmp_path, (outputs, posts), "--without-meaning")
    assert code == 0, output
    with (tmp_path / "out" / "sightings.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["text"] == f"'{formula}"
    assert row["segment_text"] == f"'{formula}"
    assert (row["post"], row["response"]) == ("-7", "-5")  # a number is no formula


def test_a_folder_that_cannot_be_used_is_said_before_the_work(
    tmp_path: Path, files: tuple[str, str]
) -> None:
    from crossfix.cli import main

    (tmp_path / "out").write_text("a file")
    with pytest.raises(SystemExit) as ended:
        main(["origin", "--outputs", files[0], "--posts", files[1], "--out",
              str(tmp_path / "out")])  # fmt: skip
    assert ended.value.code == 2


def test_parts_without_a_common_subject_are_told_to_be_like_an_agency_s(tmp_path: Path) -> None:
    firms = ["Fresh rye loaves come out of our oven at seven each morning",
             "Winter tyres for every model stand in the yard of Kellner Motors",
             "The quartet plays Schubert in the small hall on Friday evening"]  # fmt: skip
    cable = ["Nobody was asked before the cable crossed our allotments near Orba",
             "Who of us pays for the cable that the grid company wants so badly",
             "The allotments are older than the grid company and its cable"]  # fmt: skip
    outputs = [{"id": name, "text": "\n".join(f"{n}. {t}" for n, t in enumerate(texts, 1)),
                "time": "2026-02-01"}
               for name, texts in (("firms", firms), ("cable", cable))]  # fmt: skip
    others = ["There is nothing on our street before every Friday but rain and the bus",
              "Each of us was asked and nobody in the small yard said why or where"]  # fmt: skip
    posts = [{"id": n, "account": f"a{n}", "service": "x", "text": text,
              "time": f"2026-02-02T10:{n:02}:00"}
             for n, text in enumerate([*firms, *cable, *(others * 5)])]  # fmt: skip
    both = (write(tmp_path / "o.jsonl", outputs), write(tmp_path / "p.jsonl", posts))
    code, output = run(tmp_path, both, "--without-meaning")
    assert code == 0, output
    lines = (tmp_path / "out" / "fanouts.jsonl").read_text(encoding="utf-8").splitlines()
    said = {f["response"]: f["benign"] for f in map(json.loads, lines)}
    assert "no subject in common" in said["firms"][0]
    assert said["cable"] == []
