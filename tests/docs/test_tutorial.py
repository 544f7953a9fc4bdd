"""The tutorial's commands, and the Python shown in the how-tos, do what the pages say."""

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from tests.docs.shell import ROOT, environment

_BLOCK = re.compile(r"^```(?P<kind>bash|python)\n(?P<code>.*?)^```$", re.M | re.S)


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, code) of a page's blocks that are to be run, in order."""
    for found in _BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        yield found["kind"], found["code"]


def run(kind: str, code: str, folder: Path) -> str:
    """Run a block as a reader would and return what it printed; it must not fail."""
    words = ["bash", "-euo", "pipefail", "-c", code] if kind == "bash" else [sys.executable, "-c"]
    words += [] if kind == "bash" else [code]
    done = subprocess.run(
        words, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tutorial was gone through, with what each block printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    printed = [run(kind, code, folder) for kind, code in blocks("docs/tutorial.md")]
    (folder / "printed.txt").write_text("\n".join(printed), encoding="utf-8")
    return folder


def test_the_tutorial_runs_from_its_first_command_to_its_last(finished: Path) -> None:
    for folder in ("out", "out-all"):
        made = {path.name for path in (finished / folder).iterdir()}
        assert {"accounts.csv", "campaigns.jsonl", "report.html", "graph.gexf"} <= made


def test_the_hunt_of_the_tutorial_finds_both_operations_and_leaves_people_alone(
    finished: Path,
) -> None:
    with (finished / "world" / "labels.csv").open(encoding="utf-8", newline="") as file:
        kind = {f"{r['service']}:{r['account']}": r["kind"] for r in csv.DictReader(file)}
    with (finished / "out-all" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        found = {r["account"]: r["campaign"] for r in csv.DictReader(file)}
    for operation in ("crossservice", "amplify"):
        members = [found[a] for a, k in kind.items() if k == operation and a in found]
        assert sum(map(bool, members)) >= len(members) / 2, operation
    people = [found[a] for a, k in kind.items() if k == "ordinary" and a in found]
    assert sum(map(bool, people)) <= len(people) / 20


@pytest.mark.parametrize(
    "page", ["docs/how-to/ask-the-evidence.md", "docs/how-to/open-in-gephi.md"]
)
def test_the_python_of_a_how_to_runs_on_what_the_tutorial_made(page: str, finished: Path) -> None:
    code = "\n".join(code for kind, code in blocks(page) if kind == "python")
    assert run("python", code, finished).strip()


def test_the_error_shown_for_an_unknown_column_is_the_one_that_is_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/map-columns.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(.*?)```", page, re.S)
    assert shown is not None
    (tmp_path / "posts.csv").write_text("konto,created_at,was\na,2025-01-01,hi\n")
    done = subprocess.run(
        ["crossfix", "ingest", "posts.csv"],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert shown[1] in done.stderr


def test_the_allow_list_shown_can_be_read() -> None:
    from crossfix.campaigns.allow import parse_allow_list

    page = (ROOT / "docs/how-to/allow-list.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(.*?)```", page, re.S)
    assert shown is not None
    assert parse_allow_list(shown[1], "shown").covering(["x:exampletimes"]) is not None


def test_the_picture_of_the_readme_is_drawn_from_what_a_hunt_left(finished: Path) -> None:
    labels = str(finished / "world" / "labels.csv")
    graph = str(finished / "out-all" / "graph.gexf")
    code = f"import picture; print(picture.drawn(*map(picture.Path, [{graph!r}, {labels!r}])))"
    svg = run("python", f"import sys; sys.path.insert(0, {str(ROOT / 'docs')!r}); {code}", finished)
    root = etree.fromstring(svg.encode())
    with (finished / "out-all" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        members = sum(bool(row["campaign"]) for row in csv.DictReader(file))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len([c for c in circles if c.get("fill")]) == members
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
