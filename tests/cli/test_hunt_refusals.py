"""What ``crossfix hunt`` says where it cannot go on, and that nothing is lost by it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .hunt_world import START, as_csv, campaigns, hunt, post, rows, world

GOOD = as_csv(post(f"user_{n % 7}", START + timedelta(minutes=n), f"words {n}") for n in range(30))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(GOOD)
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run a hunt that must end with exit code 2, and return what it said."""
    assert hunt(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "Error: " in said.err
    return said.err


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.csv" in refused(capsys, tmp_path / "nowhere.csv", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("header.csv", b"post_id,account,created_at,text\n", "there are no events"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00", "truncated or damaged"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "picture.png"),
        ("table.csv", b"colour,shape\nred,round\nblue,square\n", "account"),
        ("dates.csv", b"account,created_at,text\na,never,hello\nb,soon,hello\n", "no events"),
    ],
)
def test_a_file_that_holds_no_events_is_refused_with_the_reason(
    name: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert said in refused(capsys, tmp_path / name, "--out", tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.html"))


def test_an_unknown_format_is_refused(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "csw" in refused(capsys, good, "--format", "csw", "--out", good.parent / "out")


def test_a_mapped_column_that_is_not_there_is_answered_with_one_that_is(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, good, "--map", "account=acount", "--out", good.parent / "out")
    assert "Did you mean 'account'?" in told


def test_an_unknown_kind_is_answered_with_the_one_that_is_meant(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, good, "--without", "hashtagset", "--out", good.parent / "out")
    assert "Did you mean 'hashtag_set'?" in told
    far = refused(capsys, good, "--without", "zzz", "--out", good.parent / "out")
    assert "near_text" in far


@pytest.mark.parametrize("option", ["--previous", "--allow"])
def test_an_earlier_hunt_or_a_list_that_is_not_there_is_named(
    option: str, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, good, option, good.parent / "gone", "--out", good.parent / "out")
    assert "gone" in told
    assert not (good.parent / "out").exists()


def test_an_output_that_is_a_file_is_left_as_it_is(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = good.parent / "taken"
    taken.write_text("mine")
    assert "not a folder" in refused(capsys, good, "--out", taken)
    refused(capsys, good, "--out", taken / "inside")
    assert taken.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for root")
def test_an_output_that_may_not_be_written_is_refused_before_anything_is_read(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = good.parent / "locked"
    locked.mkdir(mode=0o555)
    told = refused(capsys, good, "--out", locked)
    assert "events read" not in told


@pytest.mark.parametrize("seed", ["-1", "x", str(2**32)])
def test_a_seed_that_is_no_seed_is_refused(
    seed: str, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, good, "--seed", seed, "--out", good.parent / "out")


def test_two_accounts_that_act_as_one_are_said_to_be_linked_and_no_campaign(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(4)
    said = [
        post(f"user_{rng.randrange(400)}", START + timedelta(minutes=rng.randrange(20_000)),
             f"https://news.example/{rng.randrange(900)}")
        for _ in range(3_000)
    ]  # fmt: skip
    for n in range(30):
        for late, one in enumerate(("left", "right")):
            moment = START + timedelta(hours=11 * n, seconds=late)
            said.append(post(one, moment, f"https://lure.example/{n}"))
    (tmp_path / "posts.csv").write_text(as_csv(said))
    assert hunt(tmp_path / "posts.csv", "--out", tmp_path / "out") == 0
    told = capsys.readouterr().out
    assert "some pairs of accounts are linked" in told
    assert campaigns(tmp_path / "out") == []


def test_one_account_alone_is_read_and_is_no_campaign(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = [post("me", START + timedelta(hours=n), "the same words again") for n in range(20)]
    (tmp_path / "posts.csv").write_text(as_csv(alone))
    assert hunt(tmp_path / "posts.csv", "--out", tmp_path / "out") == 0
    assert "nobody acts as one" in capsys.readouterr().out
    assert campaigns(tmp_path / "out") == []
    assert [r["account"] for r in rows(tmp_path / "out")] == ["x:me"]


def test_one_post_is_read_and_is_no_campaign(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(as_csv([post("me", START, "hello")]))
    assert hunt(tmp_path / "posts.csv", "--out", tmp_path / "out") == 0
    assert [r["score"] for r in rows(tmp_path / "out")] == ["0"]


def test_refused_rows_are_counted_said_and_kept(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    future = datetime.now(UTC) + timedelta(days=400)
    bad = [
        {**post("late", START, "x"), "created_at": "yesterday-ish"},
        post("tomorrow", future, "I come from the future"),
        {**post("", START, "nobody")},
    ]
    path = good.parent / "mixed.csv"
    path.write_text(GOOD + as_csv(bad).split("\n", 1)[1])
    out = good.parent / "out"
    assert hunt(path, "--out", out) == 0
    assert "30 events read, 3 rows skipped" in capsys.readouterr().err
    lines = (out / "refused.jsonl").read_text().splitlines()
    kept = sorted(map(json.loads, lines), key=lambda row: row["row"])
    assert [row["row"] for row in kept] == [32, 33, 34]
    assert all(row["file"] == str(path) and row["reason"] for row in kept)
    assert "I come from the future" in kept[1]["content"]
    assert {r["account"] for r in rows(out)} == {f"x:user_{n}" for n in range(7)}
    assert "from the future" not in (out / "report.html").read_text()


def test_what_an_earlier_hunt_refused_does_not_stay(good: Path) -> None:
    out = good.parent / "out"
    bad = good.parent / "bad.csv"
    bad.write_text(GOOD + "1,late,never,words,x\n")
    assert hunt(bad, "--out", out) == 0
    assert (out / "refused.jsonl").exists()
    assert hunt(good, "--out", out) == 0
    assert not (out / "refused.jsonl").exists()


def test_a_bad_last_file_stops_the_hunt_and_leaves_an_earlier_result_alone(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, bad = good.parent / "out", good.parent / "bad.csv"
    assert hunt(good, "--out", out) == 0
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    bad.write_bytes(b"")
    capsys.readouterr()
    told = refused(capsys, good, bad, "--out", out)
    assert f"{bad}: the file is empty" in told
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


@pytest.mark.parametrize("wait", [0.6, 1.8])
def test_an_interrupted_hunt_ends_with_130_and_leaves_no_half_of_anything(
    wait: float, tmp_path: Path
) -> None:
    text = as_csv(world(joined=40))
    hunter = subprocess.Popen(
        [sys.executable, "-m", "crossfix", "hunt", "-", "--format", "csv", "--out",
         str(tmp_path / "out")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        # A shell starts what runs in the background deaf to Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert hunter.stdin is not None
    hunter.stdin.write(text.encode()[:200_000])
    hunter.stdin.flush()
    # The pipe stays open, so the hunt cannot end by itself.
    while not (tmp_path / "out").exists():
        time.sleep(0.02)
    time.sleep(wait)
    hunter.send_signal(signal.SIGINT)
    out, err = hunter.communicate(timeout=60)
    assert hunter.returncode == 130
    assert out == b""
    assert b"Traceback" not in err
    assert err.endswith(b"Interrupted.\n")
    assert list((tmp_path / "out").iterdir()) == []
    assert not list(tmp_path.glob("crossfix-*"))
