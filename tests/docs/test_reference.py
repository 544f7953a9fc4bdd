"""The hand-written parts of the reference name what is in the code, all of it and nothing else."""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from click.testing import CliRunner

import crossfix
from crossfix.campaigns.campaign import Campaign, Change, Link, Member, Post, SharedKey, Tag
from crossfix.campaigns.evidence_table import EVIDENCE
from crossfix.campaigns.fanout import FanOut
from crossfix.campaigns.inauthenticity import PARTS
from crossfix.campaigns.output.accounts import COLUMNS
from crossfix.campaigns.output.gexf import write_gexf
from crossfix.campaigns.output.parquet import LINK_COLUMNS
from crossfix.campaigns.output.write import FILES
from crossfix.campaigns.result import HuntResult
from crossfix.cli import cli
from crossfix.events import ACTIONS, SCHEMA, SURFACES
from crossfix.events.readers.registry import readers
from crossfix.traces.chain import Chain, Stop

Page = Callable[[str], str]
Cells = Callable[[str, str], list[str]]

OUTPUTS = "docs/reference/outputs.md"
PACKAGE = Path(crossfix.__file__).parent


def test_every_column_of_events_is_documented(page: Page, first_cells: Cells) -> None:
    assert first_cells(page("docs/reference/events.md"), "# Events") == SCHEMA.names


def test_columns_of_events_that_may_be_empty_are_said_to_be(page: Page) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page("docs/reference/events.md"), re.M))
    for field in SCHEMA:
        assert ("may be empty" in rows[field.name]) == field.nullable, field.name


def test_every_action_and_surface_is_documented(page: Page, first_cells: Cells) -> None:
    text = page("docs/reference/events.md")
    assert first_cells(text, "## Actions") == list(ACTIONS)
    assert first_cells(text, "## Surfaces") == list(SURFACES)


def test_every_format_is_documented(page: Page, first_cells: Cells) -> None:
    text = page("docs/reference/formats.md")
    assert sorted(first_cells(text, "# Formats")) == sorted(readers())
    notes = re.findall(r"^- ((?:`[\w-]+`(?:, )?)+)", text, re.M)
    assert {n for note in notes for n in re.findall(r"`([\w-]+)`", note)} <= readers().keys()


def test_pages_that_count_formats_and_kinds_count_right(page: Page) -> None:
    from crossfix.traces import CLUSTERERS, EXTRACTORS, LATER

    for path in ("README.md", "CHANGELOG.md"):
        assert {int(n) for n in re.findall(r"(\d+) formats", page(path))} == {len(readers())}
    kinds = len(EXTRACTORS) + len(CLUSTERERS) + len(LATER)
    assert f"Traces of {kinds} kinds" in page("CHANGELOG.md")


def test_every_output_and_column_is_documented(page: Page, first_cells: Cells) -> None:
    text = page(OUTPUTS)
    assert first_cells(text, "# Outputs") == list(FILES)
    assert first_cells(text, "## accounts.csv") == list(COLUMNS)
    assert first_cells(text, "## links.parquet") == list(LINK_COLUMNS)
    assert first_cells(text, "## evidence.parquet") == EVIDENCE.names


def test_every_column_of_pairs_is_documented(
    page: Page, first_cells: Cells, tmp_path: Path
) -> None:
    header = "object_id,account_id,content_id,timestamp_share\n"
    rows = "o,a,1,1600000000\no,b,2,1600000010\np,a,3,1600000500\np,b,4,1600000505\n"
    (tmp_path / "shares.csv").write_text(header + rows + "q,c,5,1600000900\nq,d,6,1600000901\n")
    call = ["pairs", str(tmp_path / "shares.csv"), "--window", "60", "--min-participation", "1"]
    for said, more in (("Without `--edge", []), ("With `--edge", ["--edge-weight", "0.5"])):
        printed = CliRunner().invoke(cli, [*call, *more])
        assert printed.exit_code == 0, printed.output
        columns = printed.stdout.splitlines()[0].split(",")
        assert first_cells(page(OUTPUTS), f"\n{said}") == columns


def test_every_attribute_of_the_graph_is_documented(page: Page, tmp_path: Path) -> None:
    result = HuntResult(
        seed=0, version="0", files=(), events=0, services={}, first=None, last=None,
        traces={}, campaigns=(), accounts=(), nodes=(), edges=(), timeline=None,
    )  # fmt: skip
    write_gexf(tmp_path / "graph.gexf", result)
    graph = (tmp_path / "graph.gexf").read_text(encoding="utf-8")
    declared = re.findall(r'title="(\w+)"', graph)
    text = page(OUTPUTS)
    text = text[text.index("## graph.gexf") :]
    documented = re.findall(r"^\| (?:node|edge) \| `(\w+)` \|", text, re.M)
    assert documented == declared


@pytest.mark.parametrize(
    ("after", "struct"),
    [
        ("## campaigns.jsonl", Campaign), ("\nA member:", Member), ("\nA link:", Link),
        ("\nA shared key", SharedKey), ("\nA post:", Post), ("\nA tag:", Tag),
        ("\nA change:", Change), ("### Fan-outs", FanOut), ("### Chains", Chain),
        ("\nA stop or an end:", Stop),
    ],
)  # fmt: skip
def test_every_field_of_a_campaign_is_documented(
    after: str, struct: type[msgspec.Struct], page: Page, first_cells: Cells
) -> None:
    fields = [field.name for field in msgspec.structs.fields(struct)]
    assert sorted(first_cells(page(OUTPUTS), after)) == sorted(fields)


def test_what_a_change_may_be_is_documented(page: Page) -> None:
    hint = Change.__annotations__["what"]
    for word in re.findall(r'"(\w+)"', hint) if isinstance(hint, str) else get_args(hint):
        assert f"`{word}`" in page(OUTPUTS)


def test_every_part_of_inauthenticity_is_explained(page: Page, first_cells: Cells) -> None:
    assert first_cells(page("docs/explanation/scores.md"), "## Inauthenticity") == list(PARTS)


def test_every_word_names_something_in_the_code(page: Page) -> None:
    text = page("docs/reference/words.md").split("## Words that are taken")[0]
    places = re.findall(r"\| `crossfix\.([\w.]+)(?::(\w+))?` \|$", text, re.M)
    assert len(places) == text.count("\n|") - 2
    for module, name in places:
        found = importlib.import_module(f"crossfix.{module}")
        assert not name or hasattr(found, name), f"{module}:{name}"


def test_a_word_that_is_taken_names_nothing_yet(page: Page) -> None:
    text = page("docs/reference/words.md").split("## Words that are taken")[1]
    places = re.findall(r"\| `crossfix\.([\w.]+)` \|$", text, re.M)
    assert len(places) == text.count("\n|") - 2
    for module in places:
        path = PACKAGE / module.replace(".", "/")
        assert not path.exists(), f"{module} is built: its words belong into the first table"
        assert not path.with_suffix(".py").exists(), f"{module} is built"


def test_the_plan_of_the_house_names_every_room(page: Page, first_cells: Cells) -> None:
    rooms = {
        path.stem
        for path in PACKAGE.iterdir()
        if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py")
    }
    assert set(first_cells(page("docs/explanation/design.md"), "## The rooms")) == rooms
