import csv
import json
import signal
import subprocess
import sys

import networkx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from worlds import empty, tables, world

from crossfix.campaigns.output import write_outputs
from crossfix.campaigns.output.accounts import COLUMNS, cell
from crossfix.campaigns.output.gexf import node_ids, xml_text
from crossfix.campaigns.output.parquet import write_table
from crossfix.campaigns.output.staging import staged
from crossfix.campaigns.output.write import FILES
from crossfix.campaigns.result import Node
from crossfix.errors import InputError


@pytest.fixture(scope="module")
def hunt():
    return world()


@pytest.fixture(scope="module")
def folder(hunt, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    write_outputs(hunt, *tables(), folder)
    return folder


def test_all_files_are_written_and_nothing_else_is_left(folder):
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)


def test_the_same_hunt_gives_the_same_bytes(hunt, folder, tmp_path):
    for path in write_outputs(world(), *tables(), tmp_path / "again"):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_accounts_csv_holds_every_account_best_first(hunt, folder):
    with (folder / "accounts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [r["account"] for r in rows] == [a.account for a in hunt.accounts]
    scores = [float(r["score"]) for r in rows]
    assert scores == sorted(scores, reverse=True)
    named = {r["account"]: r["display_name"] for r in rows}
    assert any(n.startswith("'=HYPERLINK") for n in named.values())


@given(st.text(st.characters(), max_size=20))
def test_no_cell_is_a_formula(text):
    held = cell(text)
    assert not held.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    held.encode("utf-8")
    assert "\0" not in held


def test_campaigns_jsonl_has_one_campaign_a_line_with_its_evidence(hunt, folder):
    lines = (folder / "campaigns.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert [c["id"] for c in found] == [c.id for c in hunt.campaigns]
    assert (
        found[0]["evidence"][0]["posts"][0]["text"] == hunt.campaigns[0].evidence[0].posts[0].text
    )


def test_links_parquet_has_the_contract_s_columns(folder):
    table = pq.read_table(folder / "links.parquet")
    assert table.column_names == [
        "account_a", "account_b", "kind", "window", "shared_keys", "expected", "llr", "q_value",
    ]  # fmt: skip
    assert table.equals(tables()[0])


def test_chunks_of_a_table_do_not_change_its_bytes(tmp_path):
    whole = pa.table({"a": list(range(100)), "b": [f"t{i % 7}" for i in range(100)]})
    write_table(tmp_path / "one", whole)
    write_table(tmp_path / "many", pa.concat_tables([whole[:33], whole[33:34], whole[34:]]))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()


def test_networkx_opens_the_graph(hunt, folder):
    graph = networkx.read_gexf(folder / "graph.gexf", version="1.3")
    assert set(graph) == {xml_text(n.account) for n in hunt.nodes}
    pairs = {frozenset((e.source, e.target)) for e in hunt.edges}
    assert {frozenset(e) for e in graph.edges()} == pairs
    best = hunt.nodes[0]
    assert graph.nodes[best.account]["campaign"] == best.campaign
    assert graph.nodes[best.account]["score"] == pytest.approx(best.score, rel=1e-4)
    assert set(graph.nodes[best.account]["viz"]) == {"position", "color", "size"}


@given(st.text(st.characters(), max_size=30))
def test_labels_of_the_graph_are_always_good_xml(text):
    element = etree.Element("node", label=xml_text(text))
    assert etree.fromstring(etree.tostring(element)) is not None


def test_two_names_that_xml_cannot_tell_apart_stay_two_nodes():
    nodes = [Node(account=a, campaign=None, score=0, x=0, y=0) for a in ("x:\x01", "x:\x02")]
    assert len(set(node_ids(nodes).values())) == 2


def test_a_hunt_that_found_nothing_writes_all_files(tmp_path):
    for path in write_outputs(empty(), *tables(), tmp_path):
        assert path.exists()
    assert "No accounts act as one" in (tmp_path / "report.html").read_text("utf-8")


def test_a_failure_leaves_the_old_files_and_no_rests(tmp_path):
    (tmp_path / "accounts.csv").write_text("old")
    (tmp_path / "mine.txt").write_text("mine")

    def fail():
        with staged(tmp_path) as stage:
            (stage / "accounts.csv").write_text("new")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["accounts.csv", "mine.txt"]
    assert (tmp_path / "accounts.csv").read_text() == "old"


def test_files_of_others_in_the_folder_stay(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "report.html").write_text("old")
    with staged(tmp_path) as stage:
        (stage / "report.html").write_text("new")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "report.html").read_text() == "new"


def test_a_file_where_the_folder_should_be_is_the_person_s_mistake(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError), staged(tmp_path / "out"):
        pass


_KILLED = """
import os, signal, sys
from pathlib import Path
from crossfix.campaigns.output.staging import staged
folder, renamed = Path(sys.argv[1]), int(sys.argv[2])
replace, done = Path.replace, []
def replace_until_killed(self, target):
    if len(done) == renamed:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(self)
    return replace(self, target)
Path.replace = replace_until_killed
with staged(folder) as stage:
    for name in "abc":
        (stage / name).write_text("new" * 1000)
"""


@pytest.mark.parametrize("renamed", [0, 1, 2])
def test_a_kill_at_any_moment_leaves_no_half_file(tmp_path, renamed):
    for name in "abc":
        (tmp_path / name).write_text("old")
    command = [sys.executable, "-c", _KILLED, str(tmp_path), str(renamed)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    held = [(tmp_path / name).read_text() for name in "abc"]
    assert held == ["new" * 1000] * renamed + ["old"] * (3 - renamed)
