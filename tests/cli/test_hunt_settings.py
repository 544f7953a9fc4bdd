"""Which settings `hunt` takes from the file, the environment and its arguments."""

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
    Path("posts.csv").write_text(POSTS)


def seed_of(*arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["hunt", "posts.csv", "--out", "out", *arguments])
    assert not ended.value.code
    return Path("out/report.html").read_text("utf-8").partition("with seed ")[2].partition(".")[0]


def test_the_seed_is_the_arguments_else_the_settings_else_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert seed_of() == "0"
    Path("crossfix.toml").write_text("seed = 5\n")
    assert seed_of() == "5"
    monkeypatch.setenv("CROSSFIX_SEED", "6")
    assert seed_of() == "6"
    assert seed_of("--seed", "0") == "0"


def test_the_settings_file_can_be_named() -> None:
    Path("mine.toml").write_text("seed = 8\n")
    assert seed_of("--config", "mine.toml") == "8"
