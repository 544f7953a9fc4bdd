import csv
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from crossfix.cli import main
from crossfix.scenarios.cases import CASES
from crossfix.scenarios.registry import SCENARIOS


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_the_command_writes_a_world_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "world")
    code, paths, talk = run(
        ["scenario", "fast", "--posts", "5000", "--seed", "4", "--out", out], capsys
    )
    assert code == 0
    assert [Path(line).name for line in paths.split()] == [
        "posts.parquet", "labels.csv", "world.json",
    ]  # fmt: skip
    assert all(Path(line).is_file() for line in paths.split())
    assert "5,000 posts" in talk
    assert "14 fast" in talk


def test_the_command_writes_a_case_with_the_parameters_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "world")
    given = ["--set", "paraphrase=1", "--set", "accounts=5"]
    code, paths, talk = run(["scenario", "drafts", "--posts", "300", *given, "--out", out], capsys)
    assert code == 0
    names = [Path(line).name for line in paths.split()]
    assert {"atlas.jsonl", "x.csv", "labels.csv", "chains.csv"} <= set(names)
    assert "group drafts" in talk
    with (tmp_path / "world" / "chains.csv").open(encoding="utf-8", newline="") as file:
        planted = [row for row in csv.DictReader(file) if row["group"] and row["into"] == "post"]
    assert {row["change"] for row in planted} == {"paraphrased"}
    assert len({row["target_account"] for row in planted}) == 5


def test_the_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    code, listed, _ = run(["scenario", "--list"], capsys)
    assert code == 0
    assert [line.split()[0] for line in listed.splitlines()] == [*SCENARIOS, *CASES]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scenario"], "Missing the name"),
        (["scenario", "fast"], "Missing --out"),
        (["scenario", "slowest", "--out", "OUT"], "no scenario 'slowest'"),
        (["scenario", "fast", "--posts", "5", "--out", "OUT"], "from 100"),
        (["scenario", "fast", "--set", "delay=1", "--out", "OUT"], "--set is for cases"),
        (["scenario", "drafts", "--set", "delay=1", "--out", "OUT"], "no parameter 'delay'"),
        (["scenario", "drafts", "--set", "merge=all", "--out", "OUT"], "merge is a number"),
        (["scenario", "drafts", "--set", "merge=2", "--out", "OUT"], "a share from 0 to 1"),
        (["scenario", "fast", "--posts", "many", "--out", "OUT"], "many"),
        (["scenario", "fast", "--days", "2", "--out", "OUT"], "5 to 366 days"),
        (["scenario", "operations", "--posts", "500", "--out", "OUT"], "needs at least"),
    ],
)
def test_wrong_input_ends_with_2_and_a_sentence(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(tmp_path / "out") if word == "OUT" else word for word in arguments]
    code, out, err = run(given, capsys)
    assert code == 2
    assert out == ""
    assert says in err
    assert "Traceback" not in err


def test_a_place_that_is_no_folder_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("here", encoding="utf-8")
    code, _, err = run(
        ["scenario", "fast", "--posts", "5000", "--out", str(tmp_path / "file" / "x")], capsys
    )
    assert code == 2
    assert "not a folder" in err


@pytest.mark.parametrize("name", ["demo", "lawfirms"])
def test_a_world_that_the_disk_does_not_take_leaves_nothing_that_looks_whole(
    name: str, tmp_path: Path
) -> None:
    out = tmp_path / "world"
    done = subprocess.run(
        [sys.executable, "-m", "crossfix", "scenario", name, "--posts", "2000", "--out", str(out)],
        capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "Writing failed" in done.stderr
    assert list(out.iterdir()) == []


def test_a_world_replaces_the_one_before_in_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["scenario", "lawfirms", "--posts", "200", "--out", str(tmp_path / "world")]
    for _ in range(2):
        code, out, err = run(arguments, capsys)
        assert code == 0, err
    assert all(Path(line).exists() for line in out.splitlines())
