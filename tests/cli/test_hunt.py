"""``crossfix hunt`` from files to files."""

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from html import unescape
from pathlib import Path

import networkx
import pyarrow.parquet as pq
import pytest
import zstandard

from .hunt_world import (
    START,
    as_csv,
    campaign_of,
    campaigns,
    hunt,
    members,
    newsroom,
    operation,
    post,
    rows,
    world,
)

FILES = ["accounts.csv", "campaigns.jsonl", "evidence.parquet", "graph.gexf", "links.parquet",
         "report.html"]  # fmt: skip
OPERATION = {f"x:{a}" for a in operation()}
NEWSROOM = {f"x:{a}" for a in newsroom()}


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "posts.csv"
    path.write_text(as_csv(world()), "utf-8")
    return path


@pytest.fixture(scope="module")
def out(posts: Path) -> Path:
    """What one hunt wrote."""
    directory = posts.parent / "out"
    assert hunt(posts, "--out", directory) == 0
    return directory


def test_a_hunt_writes_its_six_files_and_nothing_else(out: Path) -> None:
    assert sorted(p.name for p in out.iterdir()) == FILES


def test_the_columns_are_those_of_the_contract(out: Path) -> None:
    first = (out / "accounts.csv").read_text("utf-8").splitlines()[0]
    assert first == ("account,campaign,score,coordination,inauthenticity,links,display_name,url")
    assert pq.read_schema(out / "links.parquet").names == [
        "account_a", "account_b", "kind", "window", "shared_keys", "expected", "llr", "q_value",
    ]  # fmt: skip


def test_accounts_and_members_tell_the_same_of_an_account(out: Path) -> None:
    listed = {row["account"]: float(row["inauthenticity"]) for row in rows(out)}
    held = [member for campaign in campaigns(out) for member in campaign["members"]]
    assert held
    for member in held:
        assert listed[member["account"]] == pytest.approx(member["inauthenticity"], rel=1e-5)


def test_every_account_of_the_input_is_listed_once_the_best_first(out: Path) -> None:
    listed = rows(out)
    accounts = [r["account"] for r in listed]
    assert sorted(accounts) == sorted({f"x:{p['account']}" for p in world()})
    scores = [float(r["score"]) for r in listed]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in scores)


def test_the_operation_and_the_newsroom_are_campaigns_and_people_are_in_none(out: Path) -> None:
    assert members(campaign_of(out, "x:op_0")) == OPERATION
    assert members(campaign_of(out, "x:news_0")) == NEWSROOM
    found = {r["account"]: r["campaign"] for r in rows(out)}
    assert {a for a, c in found.items() if c} == OPERATION | NEWSROOM
    assert {found[a] for a in OPERATION} == {campaign_of(out, "x:op_0")["id"]}


def test_links_name_accounts_and_kinds_and_lie_inside_campaigns(out: Path) -> None:
    links = pq.read_table(out / "links.parquet").to_pylist()
    assert links
    assert {link["kind"] for link in links} <= {"url", "text", "near_text", "domain"}
    assert {link["account_a"] for link in links} <= OPERATION | NEWSROOM
    assert all(link["q_value"] <= 0.01 and link["shared_keys"] > link["expected"] for link in links)
    assert all(link["account_a"] != link["account_b"] for link in links)


def test_every_campaign_can_be_opened_down_to_its_posts(out: Path) -> None:
    texts = {p["text"] for p in world()}
    for campaign in campaigns(out):
        assert campaign["evidence"]
        for key in campaign["evidence"]:
            assert {p["account"] for p in key["posts"]} <= members(campaign)
            assert {p["text"] for p in key["posts"]} <= texts
    evidence = pq.read_table(out / "evidence.parquet")
    assert set(evidence["campaign"].to_pylist()) == {c["id"] for c in campaigns(out)}


def test_the_graph_opens_in_networkx_with_campaigns_and_weights(out: Path) -> None:
    graph = networkx.read_gexf(out / "graph.gexf")
    inside = {n for n, d in graph.nodes(data=True) if d.get("campaign")}
    assert inside == OPERATION | NEWSROOM
    assert all(d["weight"] > 0 and d["kinds"] for _, _, d in graph.edges(data=True))
    assert networkx.density(graph.subgraph(OPERATION)) > 0.9


def test_the_report_names_the_campaigns_and_loads_nothing(out: Path) -> None:
    html = unescape((out / "report.html").read_text("utf-8"))
    assert all(c["id"] in html for c in campaigns(out))
    assert "default-src 'none'" in html
    assert 'src="http' not in html


def test_the_same_input_and_seed_give_the_same_bytes(posts: Path, out: Path) -> None:
    again = posts.parent / "again"
    # A process of its own, with another hash seed and one thread.
    subprocess.run(
        [sys.executable, "-m", "crossfix", "hunt", str(posts), "--out", str(again)],
        check=True, capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "99", "RAYON_NUM_THREADS": "1",
             "NUMBA_NUM_THREADS": "1"},
    )  # fmt: skip
    for name in FILES:
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_another_seed_finds_the_same_campaigns(posts: Path, out: Path, tmp_path: Path) -> None:
    assert hunt(posts, "--out", tmp_path / "out", "--seed", "12345") == 0
    found = [members(c) for c in campaigns(tmp_path / "out")]
    assert sorted(map(sorted, found)) == sorted(sorted(members(c)) for c in campaigns(out))


def test_campaigns_keep_their_identity_and_their_growth_is_told(out: Path, tmp_path: Path) -> None:
    grown = tmp_path / "grown.csv"
    grown.write_text(as_csv(world(joined=3)), "utf-8")
    assert hunt(grown, "--out", tmp_path / "out", "--previous", out) == 0
    before, after = campaign_of(out, "x:op_0"), campaign_of(tmp_path / "out", "x:op_0")
    assert after["id"] == before["id"]
    assert after["change"]["what"] == "grown"
    assert sorted(after["change"]["joined"]) == ["x:op_10", "x:op_11", "x:op_12"]
    news = campaign_of(tmp_path / "out", "x:news_0")
    assert news["id"] == campaign_of(out, "x:news_0")["id"]
    assert news["change"]["what"] == "same"


def test_a_newsroom_on_the_allow_list_is_marked_and_comes_last(posts: Path, tmp_path: Path) -> None:
    allow = tmp_path / "allow.txt"
    allow.write_text("[Example Times]\nreason: one publisher\nx:news_*\n")
    assert hunt(posts, "--out", tmp_path / "out", "--allow", allow) == 0
    first, last = campaigns(tmp_path / "out")
    assert members(last) == NEWSROOM
    assert last["allowed"] == "Example Times: one publisher"
    assert "one publisher" in last["summary"]
    assert first["allowed"] is None


def test_kinds_that_are_switched_off_make_no_link_and_no_evidence(
    posts: Path, tmp_path: Path
) -> None:
    off = ["url", "domain"]
    told = [part for kind in off for part in ("--without", kind)]
    assert hunt(posts, "--out", tmp_path / "out", *told) == 0
    kinds = {x for c in campaigns(tmp_path / "out") for x in c["kinds"]}
    kinds |= set(pq.read_table(tmp_path / "out" / "links.parquet")["kind"].to_pylist())
    assert kinds
    assert not kinds & set(off)


def test_everything_switched_off_finds_nothing(posts: Path, tmp_path: Path) -> None:
    kinds = ("url", "domain", "text", "near_text", "rhythm", "hashtag", "profile_birth")
    told = [part for kind in kinds for part in ("--without", kind)]
    assert hunt(posts, "--out", tmp_path / "out", *told) == 0
    assert campaigns(tmp_path / "out") == []
    assert pq.read_table(tmp_path / "out" / "links.parquet").num_rows == 0


def _compressed(text: str) -> dict[str, bytes]:
    plain = text.encode()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("posts.csv", plain)
    return {
        "posts.csv.gz": gzip.compress(plain),
        "posts.csv.zst": zstandard.compress(plain),
        "posts.zip": zipped.getvalue(),
    }


@pytest.mark.parametrize("name", ["posts.csv.gz", "posts.csv.zst", "posts.zip"])
def test_compressed_input_gives_the_same_accounts(
    name: str, posts: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(_compressed(posts.read_text("utf-8"))[name])
    assert hunt(tmp_path / name, "--out", tmp_path / "out") == 0
    for file in ("accounts.csv", "links.parquet", "campaigns.jsonl"):
        assert (tmp_path / "out" / file).read_bytes() == (out / file).read_bytes(), file


def test_standard_input_is_read_and_json_is_all_that_goes_to_standard_output(
    posts: Path, out: Path, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "crossfix", "hunt", "-", "--format", "csv", "--json", "--out",
         str(tmp_path / "out")],
        input=posts.read_bytes(), capture_output=True, check=True,
    )  # fmt: skip
    told = json.loads(ran.stdout)
    assert [c["id"] for c in told["campaigns"]] == [c["id"] for c in campaigns(out)]
    assert sorted(Path(p).name for p in told["files"]) == FILES
    assert b"events read" in ran.stderr
    assert (tmp_path / "out" / "accounts.csv").read_bytes() == (out / "accounts.csv").read_bytes()


def test_many_files_are_one_input_and_their_repeated_posts_count_once(
    posts: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world()
    parts = [tmp_path / f"part{n}.csv" for n in range(3)]
    for number, part in enumerate(parts):
        part.write_text(as_csv(made[number::3]), "utf-8")
    # The first file once more: all of its posts have been read before.
    (tmp_path / "again.csv").write_bytes(parts[0].read_bytes())
    assert hunt(*parts, tmp_path / "again.csv", "--out", tmp_path / "out") == 0
    assert f"0 events read, {len(made[::3])} rows skipped" in capsys.readouterr().err
    found = {frozenset(members(c)) for c in campaigns(tmp_path / "out")}
    assert found == {frozenset(members(c)) for c in campaigns(out)}


def test_columns_of_other_names_are_mapped_and_a_service_is_supplied(tmp_path: Path) -> None:
    text = as_csv(world()).replace(
        "post_id,account,created_at,text,service", "nr,wer,wann,was,wo", 1
    )  # fmt: skip
    (tmp_path / "posts.csv").write_text(text, "utf-8")
    told = ["--map", "id=nr", "--map", "account=wer", "--map", "time=wann", "--map", "text=was",
            "--service", "forum"]  # fmt: skip
    assert hunt(tmp_path / "posts.csv", "--out", tmp_path / "out", *told) == 0
    accounts = {r["account"] for r in rows(tmp_path / "out")}
    assert "forum:op_0" in accounts
    assert members(campaign_of(tmp_path / "out", "forum:op_0")) == {
        f"forum:{a}" for a in operation()
    }


def test_ten_thousand_rows_become_a_report(tmp_path: Path) -> None:
    made = world()
    extra = [
        post(f"more_{n % 900}", world_time, f"{n} words of nobody else {n * 7919 % 10007}")
        for n, world_time in enumerate(_times(10_000 - len(made)))
    ]
    (tmp_path / "posts.csv").write_text(as_csv([*made, *extra]), "utf-8")
    assert hunt(tmp_path / "posts.csv", "--out", tmp_path / "out") == 0
    assert members(campaign_of(tmp_path / "out", "x:op_0")) >= OPERATION


def _times(count: int):
    return [START + timedelta(seconds=173 * n % 1_700_000, microseconds=n) for n in range(count)]
