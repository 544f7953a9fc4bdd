import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossfix.cli import main
from crossfix.store.log import open_log

HEAD = "post_id,account,created_at,text\n"
ROWS = [f"{n},user{n % 3},2026-01-01T00:00:{n:02},hello number {n}\n" for n in range(20)]


def ingest(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["ingest", *map(str, arguments)])
    return int(caught.value.code or 0)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("CROSSFIX_"):
            monkeypatch.delenv(name)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text(HEAD + "".join(ROWS))
    return path


def log_of(folder: Path) -> list[str]:
    with open_log(f"sqlite:///{folder}/events.sqlite") as log:
        return [a for b in log.read(columns=["account"]) for a in b["account"].to_pylist()]


def test_files_are_read_into_the_log_and_again_change_nothing(
    posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(posts, "--service", "x") == 0
    said = capsys.readouterr()
    assert "20 new events, 0 known already; the log has 20." in said.out
    assert f"{posts}: csv, 20 events read, 0 rows skipped" in said.out
    assert ingest(posts, "--service", "x") == 0
    assert "0 new events, 20 known already; the log has 20." in capsys.readouterr().out
    assert log_of(tmp_path / ".crossfix")[:3] == ["x:user0", "x:user1", "x:user2"]


def test_json_is_one_object_on_standard_output(
    posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts.write_text(HEAD + "".join(ROWS) + "21,user1,never,text\n")
    assert ingest(posts, "--service", "x", "--json", "--data", tmp_path / "kept") == 0
    got = json.loads(capsys.readouterr().out)
    assert (got["read"], got["new"], got["known"], got["events"]) == (20, 20, 0, 20)
    assert sum(got["files"][0]["skipped"].values()) == 1
    refused = (tmp_path / "kept" / "refused.jsonl").read_text().splitlines()
    assert len(refused) == 1
    assert "never" in refused[0]
    assert len(log_of(tmp_path / "kept")) == 20


def test_columns_are_mapped_and_services_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv.gz"
    path.write_bytes(gzip.compress(b"wer,wann,was\nana,2026-01-01,hallo\n"))
    arguments = ["--map", "account=wer", "--map", "time=wann", "--map", "text=was"]
    assert ingest(path, "--service", "forum", *arguments) == 0
    assert log_of(tmp_path / ".crossfix") == ["forum:ana"]


def test_settings_say_where_the_log_is(posts: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("data_directory = 'elsewhere'\n")
    assert ingest(posts, "--service", "x", "--config", tmp_path / "mine.toml") == 0
    assert len(log_of(tmp_path / "elsewhere")) == 20


def test_events_go_to_postgresql_when_settings_say_so(
    posts: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("CROSSFIX_STORE_URL", postgres_url)
    assert ingest(posts, "--service", "x", "--json") == 0
    assert json.loads(capsys.readouterr().out)["events"] == 20
    with open_log(postgres_url) as log:
        assert log.count() == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.csv"], "no such file"),
        (["empty.csv"], "empty"),
        (["posts.csv", "--map", "account"], "not of the form event_field=column"),
        (["posts.csv", "--format", "nonsense"], "nonsense"),
        ([], "Missing argument"),
    ],
)
def test_wrong_input_ends_in_one_message_and_code_2(
    posts: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    posts.with_name("empty.csv").write_text("")
    assert ingest(*arguments) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_what_was_read_before_a_failure_is_kept_and_said(
    posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts.with_name("empty.csv").write_text("")
    assert ingest(posts, "empty.csv", "--service", "x") == 2
    said = capsys.readouterr()
    assert "20 events read" in said.err
    assert "the file is empty" in said.err
    assert len(log_of(tmp_path / ".crossfix")) == 20


def test_a_log_that_cannot_be_written_ends_in_code_3(posts: Path, tmp_path: Path) -> None:
    folder = tmp_path / ".crossfix"
    folder.mkdir()
    (folder / "events.sqlite").write_text("this is no database " * 99)
    assert ingest(posts, "--service", "x") == 3


def test_a_file_name_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a\x1b[31mred.csv"
    path.write_text(HEAD + ROWS[0])
    assert ingest(path, "--service", "x") == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "a\\x1b[31mred.csv" in said.out
    assert ingest(path.with_name("b\x1b[31m.csv")) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_a_pipe_is_read_from_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crossfix", "ingest", "-", "--service", "x", "--json"],
        input=(HEAD + "".join(ROWS)).encode(), capture_output=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == 20
    assert done.stderr == b""


def test_events_that_are_too_old_to_be_kept_are_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = tmp_path / "posts.csv"
    soon = datetime.now(UTC) - timedelta(days=1)
    posts.write_text(f"account,time,text\na,2019-05-01T10:00:00Z,x\nb,{soon.isoformat()},y\n")
    assert ingest(posts, "--data", tmp_path / "data") == 0
    assert "Note: 1 event older than privacy.retention_days" in capsys.readouterr().err
