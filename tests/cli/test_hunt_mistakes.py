"""What a newcomer does wrong, and what `hunt` answers."""

from pathlib import Path

import pytest

from crossfix.cli import main

POSTS = "post_id,account,created_at,text\n" + "".join(
    f"{n},user{n % 3},2026-01-01T00:00:{n:02},hello number {n} of all the numbers\n"
    for n in range(20)
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "posts.csv").write_text(POSTS)
    (tmp_path / "world" / "labels.csv").write_text("account,kind\nuser1,ordinary\n")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str]:
    with pytest.raises(SystemExit) as ended:
        main(["hunt", *arguments])
    return ended.value.code, capsys.readouterr().err


def test_a_seed_below_zero_is_answered_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, err = said(capsys, "world/posts.csv", "--out", "out", "--seed", "-1")
    assert code == 2
    assert "--seed" in err
    assert not Path("out").exists()


@pytest.mark.parametrize("service", ["!?", "//", "_"])
def test_a_service_without_a_letter_is_answered(
    service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = said(capsys, "world/posts.csv", "--out", "out", "--service", service)
    assert code == 2
    assert f"{service!r} names no service" in err


def test_a_setting_that_is_none_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    Path("crossfix.toml").write_text("sead = 3\n")
    code, err = said(capsys, "world/posts.csv", "--out", "out")
    assert code == 2
    assert "sead" in err


def test_an_input_of_few_traces_is_said_to_be_weak_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, err = said(capsys, "world/posts.csv", "--out", "out", "--json")
    assert not code
    assert [line for line in err.splitlines() if line.startswith("Note: ")] == [
        line for line in err.splitlines() if "chance is hardly known from 40 traces" in line
    ]
    assert "Chance is hardly known from 40 traces" in Path("out/report.html").read_text("utf-8")


def test_one_account_is_answered_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    Path("one.csv").write_text("\n".join([*POSTS.splitlines()[:2], "2,,2026-01-01,no one"]))
    with pytest.raises(SystemExit) as ended:
        main(["hunt", "one.csv", "--out", "out"])
    out, err = capsys.readouterr()
    assert not ended.value.code
    assert "1 account, 0 campaigns, 0 links." in out
    assert "1 event read, 1 row skipped (1 no account)" in err
    assert "Note: a campaign needs 3 accounts, and the input has 1." in err


def test_a_kind_that_does_not_exist_cannot_be_switched_off(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, err = said(capsys, "world/posts.csv", "--out", "out", "--without", "repsot")
    assert code == 2
    assert "'repsot'" in err
    assert "Did you mean 'repost'?" in err


def test_a_kind_that_exists_can_be_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = said(capsys, "world/posts.csv", "--out", "out", "--without", "text")
    assert not code


def test_a_table_without_times_in_a_folder_of_posts_is_noted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, err = said(capsys, "world", "--out", "out")
    assert not code
    assert "posts.csv: csv, 20 events read" in err
    assert "not read: no column is recognised as the time" in err


def test_a_table_without_times_that_was_named_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, err = said(capsys, "world/posts.csv", "world/labels.csv", "--out", "out")
    assert code == 2
    assert "--map time=COLUMN" in err
