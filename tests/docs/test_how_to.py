"""The commands of the how-to pages, run one after the other as a reader would."""

import csv
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.shell import ROOT, environment

_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<code>.*?)^```$", re.M | re.S)
_ENDS_WITH_2 = ("crossfix policy explain app:alice", "crossfix retro --fingerprint",
                "crossfix campaigns show c-abcdefghij")  # fmt: skip
"""Commands that ask for what a new reader has not, and are told so."""

PAGES = (
    "allow-list", "confirm-a-campaign", "forget", "generate-a-world", "keep-events", "map-columns",
    "reproduce-coortweet", "run-again", "search-the-past", "tell-accounts-apart",
    "trace-outputs", "write-a-policy",
)  # fmt: skip


def blocks(page: str, *kinds: str) -> Iterator[str]:
    for found in _BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        if found["kind"] in kinds:
            yield found["code"]


def commands(page: str) -> list[str]:
    """Return the calls of crossfix of a page, in order."""
    lines = "\n".join(blocks(f"docs/how-to/{page}.md", "sh", "console")).splitlines()
    bare = [line.removeprefix("$ ") for line in lines]
    return [line for line in bare if line.startswith("crossfix ")]


def call(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", line], cwd=folder, env=environment(folder), timeout=240,
                          capture_output=True, text=True, check=False)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files such as the pages name."""
    folder = tmp_path_factory.mktemp("files")
    done = call("crossfix scenario demo --posts 6000 --seed 1 --out world", folder)
    assert done.returncode == 0, done.stderr
    made = folder / "world"
    with (made / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    week1 = [row for row in rows if row["created_at"] < "2025-03-20"]
    write(folder / "posts.csv", rows)
    write(folder / "week1.csv", week1)
    write(folder / "week2.csv", rows)
    write(folder / "shares.csv", rows)
    for number, name in enumerate(("monday", "tuesday", "wednesday")):
        write(folder / f"{name}.csv", rows[number * 50 :][:60])
    shutil.copy(made / "telegram.json", folder)
    shutil.copy(made / "chats.jsonl", folder / "last-month.jsonl")
    responses = [{"text": row["text"], "time": row["created_at"], "service": "ai",
                  "account": "anna", "prompt": "Write"} for row in rows[:40]]  # fmt: skip
    (folder / "responses.jsonl").write_text("\n".join(map(json.dumps, responses)), encoding="utf-8")
    write(
        folder / "made.csv",
        [{"draft": row["text"], "time": row["created_at"]} for row in rows[:40]],
    )
    (folder / "known-abusers.txt").write_text("ai:nobody\n", encoding="utf-8")
    (folder / "known-families.txt").write_text(
        "".join(blocks("docs/how-to/allow-list.md", "text")), encoding="utf-8"
    )
    (folder / "policies").mkdir()
    (folder / "policies" / "shop-reviews.yaml").write_text(
        "".join(blocks("docs/how-to/write-a-policy.md", "yaml")), encoding="utf-8"
    )
    return folder


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


def prepared(page: str, world: Path, folder: Path) -> None:
    """Give a page the files that its own reader has."""
    shutil.copytree(world, folder, dirs_exist_ok=True)
    if page in ("map-columns", "trace-outputs"):
        renamed = {"account": "konto"} | ({"text": "was"} if page == "map-columns" else {})
        with (folder / "posts.csv").open(encoding="utf-8", newline="") as file:
            rows = [{renamed.get(k, k): v for k, v in row.items()} for row in csv.DictReader(file)]
        if page == "map-columns":
            write(folder / "posts.csv", rows)
        else:
            write(folder / "posts-konto.csv", rows)
    before = {
        "tell-accounts-apart": "crossfix accounts set app:ann --state active --why new",
        "run-again": "crossfix hunt week1.csv --out out-week1",
    }.get(page)
    if before is not None:
        assert call(before, folder).returncode == 0


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_do_what_it_says(page: str, world: Path, tmp_path: Path) -> None:
    prepared(page, world, tmp_path)
    known = ""
    for line in commands(page):
        line = line.replace("c-abcdefghij", known or "c-abcdefghij")
        if "meaning install" in line or "policy import" in line:
            continue  # a download, and files from elsewhere
        if "--map account=konto --out origin" in line:
            line = line.replace("posts.csv", "posts-konto.csv")
        done = call(line, tmp_path)
        asked_for_nothing = any(line.startswith(start) for start in _ENDS_WITH_2)
        assert done.returncode == (2 if asked_for_nothing else 0), f"{line}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        if line == "crossfix campaigns list":
            known = done.stdout.split()[0]
            assert known.startswith("c-")
