"""How well outputs are traced to posts: recall by kind of change, false ones among real posts.

``crossfix origin`` is run on `origin_dev` of ``CROSSFIX_DATA`` with real posts of
`campaign_twitter` among its posts, dated anew so that they fall into the same weeks. The weights
come from texts written apart and one half of the responses (`benchmarks.quality.origin_fit`), which
was looked at while the method was built; the other half is for the figures. With
``--vectors`` the first encoder does not read those real posts again that are far from every
segment; it says so.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.origin_fit import LOOKED_AT
from benchmarks.quality.outcome import data_folder
from benchmarks.quality.vector_cache import CachedEncoder
from crossfix.content.encoders import first_encoder
from crossfix.content.encoders.wheels import FOLDER
from crossfix.traces.origin import segments

AIMS = {"verbatim": 0.99, "edited": 0.99, "paraphrase": 0.9, "translated": 0.95, "buried": 0.95,
        "split": 0.95, "homoglyph": 0.95, "zero_width": 0.95}  # fmt: skip
Rows = list[dict[str, Any]]


def main() -> int:
    """Trace, count and print; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="?", help="the folder of installed encoders")
    parser.add_argument("--background", type=int, default=200_000, help="real posts to add")
    parser.add_argument("--vectors", type=Path, help="a folder of vectors of the real posts")
    parser.add_argument("--keep", type=Path, help="write the result of the command here")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    data = data_folder()
    if data is None:
        return 0
    folder = data / "origin_dev"
    outputs = lines(folder / "responses.jsonl")
    copies, others = lines(folder / "sightings.jsonl"), lines(folder / "hard_negatives.jsonl")
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        posts = room / "posts.parquet"
        real = write_posts(posts, copies + others, outputs, data, given)
        out = given.keep or room / "out"
        begin = time.process_time()
        with encoders(given, room, outputs) as said:
            run(folder / "responses.jsonl", posts, out, room, given.models is not None)
        took = time.process_time() - begin
        found, wide = sightings(out / "sightings.csv"), lines(out / "fanouts.jsonl")
    print(f"{len(copies) + len(others)} labelled and {real:,} real posts: {took:.0f} CPU s in all")
    print("\n".join(said))
    return report(found, wide, outputs, copies, others, real, given.models is not None)


def lines(path: Path) -> Rows:
    """Read JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sightings(path: Path) -> Rows:
    """Read the command's table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_posts(
    path: Path, labelled: Rows, outputs: Rows, data: Path, given: argparse.Namespace
) -> int:
    """Write labelled and real posts, in the order of time; return how many are real."""
    real = pq.read_table(data / "campaign_twitter" / "posts.parquet", columns=["text", "account"])
    random = np.random.default_rng(given.seed)
    count = min(given.background, len(real))
    if given.vectors:
        # Of a folder that is not complete only the posts are taken whose vectors are there.
        there = pa.array(cached_texts(given.vectors), pa.string())
        known = np.flatnonzero(pa.compute.is_in(real["text"], there).to_numpy())
    else:
        known = np.arange(len(real))
    chosen = random.permutation(known)[:count]
    part = real.take(np.sort(chosen))
    moments = [_moment(row["time"]) for row in labelled + outputs]
    times = random.uniform(min(moments), max(moments), len(part))
    table_ = pa.table({
        "post": [row["post"] for row in labelled] + [f"u{n}" for n in range(len(part))],
        "service": [row["service"] for row in labelled] + ["x"] * len(part),
        "account": [row["account"] for row in labelled]
        + [f"x:{name}" for name in part["account"].to_pylist()],
        "text": [row["text"] for row in labelled] + [t or "" for t in part["text"].to_pylist()],
        "time": pa.array(
            [round(_moment(row["time"]) * 1e6) for row in labelled]
            + (times * 1e6).astype(np.int64).tolist(), pa.timestamp("us", "UTC")),
    })  # fmt: skip
    pq.write_table(table_.sort_by([("time", "ascending"), ("post", "ascending")]), path)
    return len(part)


def cached_texts(folder: Path) -> list[str]:
    """Return the texts whose vectors are in a folder."""
    rows = sum(len(np.load(p, mmap_mode="r")) for p in sorted(folder.glob("v[0-9]*.npy")))
    column = pq.read_table(folder / "texts.parquet", columns=["text"])["text"]
    known: list[str] = column.slice(0, rows).to_pylist()
    return known


def _moment(said: str) -> float:
    return datetime.fromisoformat(said.replace("Z", "+00:00")).timestamp()


@contextlib.contextmanager
def encoders(given: argparse.Namespace, room: Path, outputs: Rows) -> Iterator[list[str]]:
    """Put the encoders where the command looks; yield what is to be said of them afterwards."""
    said: list[str] = []
    (room / "data").mkdir()
    if given.models is None:
        yield said
        return
    (room / "data" / FOLDER).symlink_to(given.models.resolve())
    if given.vectors is None:
        yield said
        return
    texts = [s.text for row in outputs for s in segments(row["text"])]
    cached = CachedEncoder(first_encoder(given.models), given.vectors, texts)
    with patch("crossfix.content.encoders.first_encoder", lambda folder: cached):
        yield said
    said.append(
        f"Of the texts that the first encoder was asked for, {cached.known:,} were far from every "
        f"segment and came from the cache, {cached.encoded:,} were encoded: at 1.4 ms a text the "
        f"cache saved {cached.known * 0.0014:,.0f} CPU s."
    )


def run(outputs: Path, posts: Path, out: Path, room: Path, meaning: bool) -> None:
    """Run the command as people call it, in this process."""
    from crossfix.cli.origin import command

    more = [] if meaning else ["--without-meaning"]
    command.main(["--outputs", str(outputs), "--posts", str(posts), "--out", str(out),
                  "--data", str(room / "data"), *more], standalone_mode=False)  # fmt: skip


def report(
    found: Rows, wide: Rows, outputs: Rows, copies: Rows, others: Rows, real: int, meaning: bool
) -> int:
    """Print recall, false sightings, fan-outs and the aims."""
    traced: dict[str, set[str]] = {}
    for row in found:
        traced.setdefault(row["post"], set()).add(row["response"])
    halves = by_kind(copies, traced)
    table(
        ("kind", "looked at: posts", "recall", "held out: posts", "recall"),
        [(kind, *(x for half in (True, False) for x in (len(of[half]), _mean(of[half]))))
         for kind, of in sorted(halves.items())],
    )  # fmt: skip
    false = [row for row in found if row["post"].startswith("u")]
    for row in sorted(false, key=lambda row: -float(row["score"]))[:20]:
        print(f"false: {row['score']} {row['kind']} {row['text'][:110]!r} || "
              f"{row['segment_text'][:110]!r}")  # fmt: skip
    hard = [row for row in others if traced.get(row["post"])]
    for row in hard:
        print(f"hard negative of {row['subject_of']}: {row['text'][:120]!r}")
    fans(wide, outputs)
    rate = 1e6 * len({row["post"] for row in false}) / max(1, real)
    worded = sum(row["kind"] in ("verbatim", "edited", "contained") for row in false)
    print(f"\nfalse sightings by wording {worded}, by meaning {len(false) - worded}, "
          f"among {real:,}")  # fmt: skip
    aims = Aims()
    aims.most("hard negatives taken for copies", len(hard) / max(1, len(others)), 0.01)
    aims.most("false sightings per million real posts", rate, 10)
    for kind, aim in AIMS.items():
        if meaning or kind not in ("paraphrase", "translated"):
            aims.least(f"{kind}, held out", _mean(halves[kind][False]), aim)
    return aims.close()


def by_kind(copies: Rows, traced: dict[str, set[str]]) -> dict[str, dict[bool, list[bool]]]:
    """Return for each kind, and half of the responses, which posts were traced to their own."""
    halves: dict[str, dict[bool, list[bool]]] = {}
    for row in copies:
        response = row["segment"].partition(".")[0]
        looked = int(response[1:]) % 4 in LOOKED_AT
        kinds = [row["variant"]]
        if row["variant"] == "translated":
            kinds.append(f"translated: {row['language']}")
        for kind in kinds:
            of = halves.setdefault(kind, {True: [], False: []})
            of[looked].append(response in traced.get(row["post"], ()))
    return halves


def fans(wide: Rows, outputs: Rows) -> None:
    """Print which responses fanned out, and of which it is said that it may be honest."""
    seen = {row["response"]: row for row in wide}
    rows: list[tuple[object, ...]] = []
    for kind in sorted({row["kind"] for row in outputs}):
        of = [seen.get(row["response"]) for row in outputs if row["kind"] == kind]
        wide_enough = [row for row in of if row and len(row["accounts"]) >= 3]
        rows.append((kind, len(of), len(wide_enough), sum(bool(r["benign"]) for r in wide_enough)))
    table(("kind of response", "responses", "over 3 accounts", "perhaps honest"), rows)


def _mean(hits: list[bool]) -> float:
    return float(np.mean(hits)) if hits else float("nan")


if __name__ == "__main__":
    sys.exit(main())
