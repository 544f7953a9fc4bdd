import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossfix.cli import cli

FOUR = """object_id,account_id,content_id,timestamp_share
a,anna,p1,1709287200
a,bo,p2,1709287204
b,anna,p3,1709287300
b,bo,p4,1709287309
a,cy,p5,1709297204
"""


@pytest.fixture
def shares(tmp_path: Path) -> str:
    path = tmp_path / "shares.csv"
    path.write_text(FOUR)
    return str(path)


def test_pairs_are_printed_as_csv_and_summed_up_beside_it(shares: str) -> None:
    result = CliRunner().invoke(cli, ["pairs", shares, "--window", "10"])
    assert result.exit_code == 0, result.output
    header, *rows = result.stdout.splitlines()
    assert header == "object_id,account_id,account_id_y,content_id,content_id_y,time_delta"
    assert [r.split(",")[0] for r in rows] == ["a", "b"]
    assert [r.split(",")[-1] for r in rows] == ["4.0", "9.0"]
    assert "pairs 2" in result.stderr


def test_accounts_and_posts_are_named_as_in_the_file(shares: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["pairs", shares, "--window", "10"])
    assert [r.split(",")[1:5] for r in result.stdout.splitlines()[1:]] == [
        ["anna", "bo", "p1", "p2"], ["anna", "bo", "p3", "p4"],
    ]  # fmt: skip
    posts = tmp_path / "posts.csv"
    posts.write_text(
        "tweet_id,account,created_at,retweet_of,conversation_id\n"
        "11,anna,2024-03-01T10:00:00Z,9,9\n12,bo,2024-03-01T10:00:04Z,9,9\n"
    )
    result = CliRunner().invoke(
        cli, ["pairs", str(posts), "--window", "10", "--min-participation", "1"]
    )
    assert result.stdout.splitlines()[1:] == ["9,x:anna,x:bo,11,12,4.0"]


def test_edges_are_those_above_the_quantile(shares: str) -> None:
    result = CliRunner().invoke(
        cli, ["pairs", shares, "--window", "10", "--edge-weight", "0.5", "--json"]
    )
    answer = json.loads(result.stdout)
    assert answer["summary"]["edges"] == 1
    assert answer["summary"]["threshold"] == 2
    assert answer["edges"] == []


@pytest.mark.realdata
def test_the_command_gives_coortweet_s_figures(data_dir: Path) -> None:
    path = data_dir / "cooRtweet_russian" / "russian_coord_tweets.parquet"
    result = CliRunner().invoke(
        cli, ["pairs", str(path), "--window", "600", "--edge-weight", "0.99", "--json"]
    )
    answer = json.loads(result.stdout)
    summary = answer["summary"]
    assert (summary["pairs"], summary["edges"], summary["edges_kept"]) == (38172, 36620, 215)
    assert min(edge["weight"] for edge in answer["edges"]) == 3


def test_a_file_without_shares_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("account,created_at,text\nanna,2024-03-01T10:00:00Z,hello there\n")
    result = CliRunner().invoke(cli, ["pairs", str(path), "--window", "10"])
    assert result.exit_code != 0
    assert "no shares" in str(result.exception)
