from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from crossfix.content import fold_one
from crossfix.errors import InputError
from crossfix.redteam.evasion import NAIVE, Playbook, alone, together
from crossfix.redteam.stage import Stage, build_stage, write_stage

POSTS = 6_000


def rows(stage: Stage, folder: Path) -> list[dict[str, object]]:
    """The posts of the first crew, in order of time."""
    own = stage.names(stage.crews[0].accounts)
    (path,) = write_stage(stage, folder, "platform")
    table = pq.read_table(path).to_pylist()
    return [row for row in table if f"{row['service']}:{row['account']}" in own]


def staged(playbook: Playbook, **more: int) -> Stage:
    return build_stage([playbook], POSTS, 5, **more)


def test_the_files_hold_all_posts_and_nothing_of_the_truth(tmp_path: Path) -> None:
    stage = build_stage([NAIVE, together(0.5)], POSTS, 5)
    (public,) = write_stage(stage, tmp_path / "public", "public")
    (platform,) = write_stage(stage, tmp_path / "platform", "platform")
    posts = pq.read_table(public)
    assert posts.num_rows == POSTS
    assert posts["created_at"].to_pylist() == sorted(posts["created_at"].to_pylist())
    assert set(pq.read_schema(platform).names) - set(posts.column_names) == {"ip", "device"}
    assert pq.read_table(platform).select(posts.column_names).equals(posts)
    assert not {"operation", "role", "kind", "person"} & set(posts.column_names)
    assert [p.name for p in sorted((tmp_path / "public").iterdir())] == ["posts.parquet"]


def test_the_same_seed_gives_the_same_files_and_another_round_other_sites(tmp_path: Path) -> None:
    def written(name: str, seed: int) -> bytes:
        return write_stage(build_stage([NAIVE], POSTS, seed), tmp_path / name, "platform")[
            0
        ].read_bytes()

    assert written("one", 5) == written("again", 5)
    assert written("one", 5) != written("other", 6)


def test_a_naive_crew_copies_within_a_minute_from_the_same_blocks(tmp_path: Path) -> None:
    stage = staged(NAIVE)
    crew = stage.crews[0]
    own = [r for r in rows(stage, tmp_path) if r["urls"] and len({*r["urls"]}) == 1]
    texts: dict[object, list[dict[str, object]]] = {}
    for row in own:
        texts.setdefault(fold_one(str(row["text"]).split("#")[0]), []).append(row)
    copied = [of for of in texts.values() if len(of) == crew.orders.accounts]
    assert len(copied) >= crew.orders.messages - 1
    times = [sorted(r["created_at"].timestamp() for r in of) for of in copied]  # type: ignore[attr-defined]
    assert max(t[-1] - t[0] for t in times) <= 60
    assert len({str(r["ip"]).rsplit("::")[0] for r in own}) == 2
    assert len({r["device"] for r in own}) == 4


def test_each_evasion_changes_what_it_says(tmp_path: Path) -> None:
    def crew(name: str) -> list[dict[str, object]]:
        return rows(staged(alone(name, 1.0)), tmp_path / name)

    assert len({r["service"] for r in crew("services")}) == 4
    assert len({r["language"] for r in crew("translation")}) >= 3
    assert len({r["account"] for r in crew("fewer")}) == 4
    devices = {(r["account"], r["device"]) for r in crew("infrastructure")}
    assert len({d for _, d in devices}) == len({a for a, _ in devices})
    years = {r["account_created"].year for r in crew("aged")}  # type: ignore[attr-defined]
    assert len(years) > 1
    linked = [bool(r["urls"]) for r in rows(staged(NAIVE), tmp_path / "naive")]
    assert np.mean([bool(r["urls"]) for r in crew("no_links")]) < 0.5 < np.mean(linked)


def test_disguised_texts_differ_and_fold_to_the_same(tmp_path: Path) -> None:
    plain = rows(staged(NAIVE), tmp_path / "plain")
    worn = rows(staged(alone("homoglyphs", 1.0)), tmp_path / "worn")
    both = [(str(a["text"]), str(b["text"])) for a, b in zip(plain, worn, strict=True)]
    assert sum(a != b for a, b in both) > len(both) / 2
    latin = [(a, b) for a, b in both if a.isascii()]
    assert all(fold_one(a) == fold_one(b) for a, b in latin)


def test_a_stock_stays_from_round_to_round_unless_it_is_renewed(tmp_path: Path) -> None:
    def acted_from(playbook: Playbook, number: int) -> set[object]:
        stage = build_stage([playbook], POSTS, 5, round=number, memory=True)
        return {r["device"] for r in rows(stage, tmp_path / f"{playbook}-{number}")}

    assert acted_from(NAIVE, 1) == acted_from(NAIVE, 2)
    renewing = alone("renewal", 1.0)
    assert not acted_from(renewing, 1) & acted_from(renewing, 2)


def test_too_small_a_world_is_refused() -> None:
    with pytest.raises(InputError, match="at least"):
        build_stage([alone("camouflage", 1.0)] * 8, POSTS, 5)
