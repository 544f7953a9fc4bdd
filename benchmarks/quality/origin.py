"""How well outputs are traced to posts: recall by kind of change, false ones among real posts.

The set is `origin_dev` of ``CROSSFIX_DATA``; unrelated posts are a sample of `campaign_twitter`,
dated anew so that they come after the responses. Half of the responses served to fit the weights
(`benchmarks.quality.origin_fit`); the figures that count are those of the other half.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.origin_fit import TUNED, lines
from benchmarks.quality.outcome import data_folder
from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.traces.origin import Encoders, Origin, Output, OutputIndex, Post, Sighting

BATCH = 8_192
AIMS = {"verbatim": 0.99, "edited": 0.99, "paraphrase": 0.9, "translated": 0.95, "buried": 0.95,
        "split": 0.95, "homoglyph": 0.95, "zero_width": 0.95}  # fmt: skip


def main() -> int:
    """Trace, count and print; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="?", help="the folder of installed encoders")
    parser.add_argument("--unrelated", type=int, default=200_000, help="real posts to compare")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    data = data_folder()
    if data is None:
        return 0
    encoders = None
    if given.models:
        encoders = Encoders(first_encoder(given.models), second_encoder(given.models))
    folder = data / "origin_dev"
    outputs = lines(folder / "responses.jsonl")
    copies, others = lines(folder / "sightings.jsonl"), lines(folder / "hard_negatives.jsonl")
    origin = Origin(OutputIndex([_output(row) for row in outputs]), encoders)
    begin = time.process_time()
    origin.take([_post(row) for row in copies + others])
    took = time.process_time() - begin
    begin = time.process_time()
    unrelated = _unrelated(data / "campaign_twitter" / "posts.parquet", given, origin)
    looked = time.process_time() - begin
    begin = time.process_time()
    found = origin.finish()
    closely = time.process_time() - begin
    print(f"{len(copies) + len(others)} labelled posts {took:.1f} CPU s, {unrelated:,} real posts "
          f"{looked:.1f} CPU s ({1e3 * looked / max(1, unrelated):.2f} ms a post), looking closely "
          f"{closely:.1f} CPU s")  # fmt: skip
    return report(found, copies, others, unrelated, meaning=encoders is not None)


def _output(row: dict[str, Any]) -> Output:
    return Output(response=row["response"], text=row["text"], service=row["service"],
                  account=row["account"], time=_time(row["time"]))  # fmt: skip


def _post(row: dict[str, Any]) -> Post:
    return Post(post=row["post"], text=row["text"], service=row["service"],
                account=row["account"], time=_time(row["time"]))  # fmt: skip


def _time(said: str) -> datetime:
    return datetime.fromisoformat(said.replace("Z", "+00:00"))


def _unrelated(path: Path, given: argparse.Namespace, origin: Origin) -> int:
    posts = pq.read_table(path, columns=["text", "account"])
    count = min(given.unrelated, len(posts))
    chosen = np.sort(np.random.default_rng(given.seed).permutation(len(posts))[:count])
    late = datetime(2026, 6, 1, tzinfo=UTC)
    for at in range(0, count, BATCH):
        part = posts.take(chosen[at : at + BATCH])
        pairs = zip(part["text"].to_pylist(), part["account"].to_pylist(), strict=True)
        origin.take([
            Post(post=f"u{at + n}", text=text or "", service="x", account=f"x:{account}",
                 time=late + timedelta(seconds=at + n))
            for n, (text, account) in enumerate(pairs)
        ])  # fmt: skip
        if at // BATCH % 8 == 0:
            print(f"  {at:,} of {count:,}", file=sys.stderr, flush=True)
    return count


def report(
    found: list[Sighting], copies: list[dict[str, Any]], others: list[dict[str, Any]],
    unrelated: int, *, meaning: bool,
) -> int:  # fmt: skip
    """Print recall, false sightings and the aims."""
    traced: dict[str, set[str]] = {}
    for sighting in found:
        traced.setdefault(sighting.post.post, set()).add(sighting.output.response)
    rows = []
    halves: dict[str, dict[bool, list[bool]]] = {}
    for row in copies:
        response = row["segment"].partition(".")[0]
        hit = response in traced.get(row["post"], ())
        tuned = int(response[1:]) % 4 in TUNED
        kinds = [row["variant"]]
        if row["variant"] == "translated":
            kinds.append(f"translated: {row['language']}")
        for kind in kinds:
            halves.setdefault(kind, {True: [], False: []})[tuned].append(hit)
    for kind, of in sorted(halves.items()):
        rows.append(
            (kind, *(x for half in (True, False) for x in (len(of[half]), _mean(of[half]))))
        )
    table(("kind", "tuned: posts", "recall", "held out: posts", "recall"), rows)
    hard = [row for row in others if traced.get(row["post"])]
    false = [s for s in found if s.post.post.startswith("u")]
    for sighting in false[:20]:
        print(f"false: {sighting.score:.2f} {sighting.kind} {sighting.post.text[:120]!r} || "
              f"{sighting.segment_text[:120]!r}")  # fmt: skip
    for row in hard:
        print(f"hard negative: {row['text'][:120]!r}")
    aims = Aims()
    aims.most("hard negatives taken for copies", len(hard) / max(1, len(others)), 0.01)
    posts = len({s.post.post for s in false})
    aims.most("false sightings per million real posts", 1e6 * posts / max(1, unrelated), 10)
    for kind, aim in AIMS.items():
        if meaning or kind not in ("paraphrase", "translated"):
            aims.least(f"{kind}, held out", _mean(halves[kind][False]), aim)
    return aims.close()


def _mean(hits: list[bool]) -> float:
    return float(np.mean(hits)) if hits else float("nan")


if __name__ == "__main__":
    sys.exit(main())
