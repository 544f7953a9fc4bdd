"""Pages hold together: links lead somewhere, code can be read, benchmarks have commands."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from crossfix.cli import VERBS, cli

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<to>[^)\s]+)\)")
_BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<code>.*?)^```$", re.M | re.S)

Page = Callable[[str], str]


def anchors(text: str) -> set[str]:
    """Return the anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def blocks(kinds: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the code of a kind on all pages, with the page's name."""
    for page in PAGES:
        for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            if found["kind"] in kinds:
                yield str(page.relative_to(ROOT)), found["code"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_inside_leads_to_a_page_and_a_heading(page: Path) -> None:
    for found in _LINK.finditer(_BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if found["to"].startswith(("https://", "http://")):
            continue
        path, _, heading = found["to"].partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), found["to"]
        assert target.is_relative_to(ROOT), found["to"]
        if heading:
            assert heading in anchors(target.read_text(encoding="utf-8")), found["to"]


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached:
            continue
        reached.add(page)
        for found in _LINK.finditer(page.read_text(encoding="utf-8")):
            target = (page.parent / found["to"].partition("#")[0]).resolve()
            if target.suffix == ".md" and target.exists():
                ahead.append(target)
    assert set(PAGES) <= reached


def test_every_picture_is_shown_and_has_a_title() -> None:
    shown = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((ROOT / "docs" / "images").glob("*.svg"))
    assert pictures
    for picture in pictures:
        assert f"images/{picture.name}" in shown
        assert "<title" in picture.read_text(encoding="utf-8")


def commands() -> list[tuple[str, list[str]]]:
    """Return every call of crossfix that stands in a code block."""
    found = []
    for page, code in blocks({"sh", "bash", "console"}):
        for line in code.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["crossfix"]:
                end = words.index(">") if ">" in words else len(words)
                found.append((page, words[1:end]))
    return found


@pytest.mark.parametrize(("page", "words"), commands(), ids=lambda v: " ".join(v)[:60])
def test_every_command_shown_has_options_that_exist(page: str, words: list[str]) -> None:
    if words[0].startswith("-"):
        return
    assert words[0] in VERBS, page
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None
    # Parsing only: nothing is run, and paths need not exist.
    command.make_context(words[0], list(words[1:]))


def test_code_shown_can_be_parsed() -> None:
    for _, code in blocks({"python"}):
        ast.parse(code)
    for _, code in blocks({"json"}):
        json.loads(code)
    for _, code in blocks({"toml"}):
        tomllib.loads(code)


def test_every_benchmark_is_shown_and_every_one_shown_exists() -> None:
    names = {
        f"{path.parent.name}.{path.stem}"
        for path in (ROOT / "benchmarks").glob("*/*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    shown = re.findall(
        r"python -m benchmarks (\w+\.\w+)", (ROOT / "docs/benchmarks.md").read_text()
    )
    assert set(shown) == names
    page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    for path in re.findall(r"tests/[\w/]+\.py", page):
        assert (ROOT / path).is_file(), path


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.M)
    assert versions[0] == ("Unreleased", "")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in dict(versions)
    assert len(versions) == len(re.findall(r"^## ", text, re.M))
    allowed = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.M)) <= allowed


def test_the_page_generator_changes_nothing_outside_its_parts(generator: ModuleType) -> None:
    text = "before\n<!-- begin: scenarios -->\nold\n<!-- end: scenarios -->\nafter\n"
    new = generator.renewed(text)
    assert new.startswith("before\n<!-- begin: scenarios -->\n\n| scenario |")
    assert new.endswith("<!-- end: scenarios -->\nafter\n")
    assert "old" not in new
    assert generator.renewed(new) == new
