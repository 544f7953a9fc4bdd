"""How well rewordings on new subjects are traced: texts that nothing was fitted to.

``crossfix origin`` is run on ``benchmarks/quality/rewordings/unseen`` with real posts of
`campaign_twitter` of ``CROSSFIX_DATA`` around them. Weights and thresholds were never changed after
a look at these texts; whoever does so moves them one folder up.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import header
from benchmarks.quality.aims import Aims
from benchmarks.quality.origin import Rows, encoders, lines, run, sightings, write_posts
from benchmarks.quality.origin_fit import REWORDINGS
from benchmarks.quality.outcome import data_folder

MADE = "2026-03-02T09:00:00Z"


def main() -> int:
    """Trace, count and print; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, help="the folder of installed encoders")
    parser.add_argument("--background", type=int, default=20_000, help="real posts to add")
    parser.add_argument("--vectors", type=Path, help="a folder of vectors of the real posts")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    data = data_folder()
    if data is None:
        return 0
    outputs, copies, others = written()
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        told, posts = room / "outputs.jsonl", room / "posts.parquet"
        told.write_text("".join(json.dumps(row) + "\n" for row in outputs), encoding="utf-8")
        real = write_posts(posts, copies + others, outputs, data, given)
        with encoders(given, room, outputs) as said:
            run(told, posts, room / "out", room, True)
        found = sightings(room / "out" / "sightings.csv")
    print("\n".join(said))
    return report(found, copies, others, real)


def written() -> tuple[Rows, Rows, Rows]:
    """Return the outputs, the posts that reword them and those by others, a few hours apart."""
    outputs: Rows = []
    copies: Rows = []
    others: Rows = []
    for path in sorted((REWORDINGS / "unseen").glob("*.jsonl")):
        for row in lines(path):
            name = row["response"]
            text = "\n\n".join(segment["text"] for segment in row["segments"])
            outputs.append({"response": name, "text": text, "time": MADE, "service": "ai-a"})
            said = [(s["paraphrase"], copies) for s in row["segments"]]
            for number, (post, among) in enumerate([*said, *((t, others) for t in row["others"])]):
                among.append({
                    "post": f"{name}-{number}", "service": "x", "account": f"x:{name}-{number}",
                    "text": post, "response": name,
                    "time": f"2026-03-{3 + number:02}T{9 + number % 12:02}:30:00Z",
                })  # fmt: skip
    return outputs, copies, others


def report(found: Rows, copies: Rows, others: Rows, real: int) -> int:
    """Print what was traced and what was not, and the aims."""
    traced = {(row["post"], row["response"]) for row in found}
    seen = {row["post"] for row in found}
    for row in copies:
        if (row["post"], row["response"]) not in traced:
            print(f"missed: {row['text'][:110]!r}")
    hard = [row for row in others if row["post"] in seen]
    for row in hard:
        print(f"by others: {row['text'][:110]!r}")
    false = {row["post"] for row in found if row["post"].startswith("u") and "-" not in row["post"]}
    aims = Aims()
    reached = sum((row["post"], row["response"]) in traced for row in copies)
    aims.least(f"reworded found, of {len(copies)}", reached / len(copies), 0.9)
    aims.most(f"posts by others taken for copies, of {len(others)}", len(hard) / len(others), 0.01)
    aims.most(f"false among {real:,} real posts, per million", 1e6 * len(false) / max(1, real), 10)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
