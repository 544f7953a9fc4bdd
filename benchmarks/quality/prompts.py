"""Abuse prompts: what is recognised with what ships by default, and what harmless is met.

No network, no weights: the lexical head and the checks alone. The head's lists were written in
sight of the sources named in `WRITTEN_WITH`, among them one half of each source of harmless
prompts; its bias is the least at which each of these halves is met in one case of a hundred at
most. The other halves are reported. No word was chosen for another source, but samples of each
had been read before, and their totals were seen while the lists grew.
Nothing here blocks by itself: a finding flags or challenges.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from crossfix.content.heads import LexicalHead, train_head
from crossfix.matching import Checks

WRITTEN_WITH = (
    "advbench", "malicious_instruct", "jbb:DSN", "jbb:GCG", "jbb:PAIR", "alpaca half 1",
    "xstest safe half 1", "cyber_borderline half 1",
)  # fmt: skip
TRAPS = ("xstest safe half 2", "cyber_borderline half 2", "alpaca half 2")
HARMLESS = ("xstest safe", "cyber_borderline", "alpaca")
MOST_OVER_BLOCKED = 0.01
MODERATION = {
    "S": "sexual", "H": "hate", "V": "violence", "HR": "harassment", "SH": "self-harm",
    "S3": "sexual/minors", "H2": "hate", "V2": "violence",
}  # fmt: skip

Scored = dict[str, list[tuple[str, float]]]


def source_of(row: dict[str, str]) -> str:
    """Return the source that a prompt is counted under; harmless and harmful ones are parted."""
    digest = hashlib.md5(row["text"].encode(), usedforsecurity=False).digest()
    if row["source"].startswith("alpaca"):
        return f"alpaca half {1 if digest[0] < 128 else 2}"
    half = 1 if digest[1] < 128 else 2
    if row["source"] == "xstest":
        return f"xstest safe half {half}" if row["label"] == "benign" else "xstest contrast"
    if row["source"] in ("purplellama_frr", "cyber_borderline"):
        return f"cyber_borderline half {half}"
    return row["source"]


def scored(rows: Iterable[dict[str, str]], checks: Checks) -> Scored:
    """Return by source the category and the highest score of each prompt."""
    found: Scored = defaultdict(list)
    for row in rows:
        findings = checks.look(row["text"], "prompt")
        found[source_of(row)].append((row["category"], max((f.score for f in findings), default=0)))
    return found


def share(scores: Iterable[float], threshold: float) -> float:
    """Return how many of the scores reach a threshold."""
    held = list(scores)
    return sum(score >= threshold for score in held) / len(held) if held else float("nan")


def strict(traps: Iterable[list[float]], start: float) -> float:
    """Return the least threshold at which no trap is met in more than one case of a hundred."""
    threshold = start
    for scores in traps:
        high = sorted(scores, reverse=True)
        allowed = int(MOST_OVER_BLOCKED * len(high))
        threshold = max(threshold, high[allowed] + 1e-9 if allowed < len(high) else start)
    return threshold


def by_source(found: Scored, shipped: float, hard: float) -> None:
    """Print recall or over-blocking per source and category."""
    rows: list[tuple[object, ...]] = []
    for source in sorted(found):
        if source.startswith("jbb:prompt"):
            continue
        kind = "harmless" if source.startswith(HARMLESS) else "abuse"
        held = "seen while writing" if source in WRITTEN_WITH else "held out"
        scores = [score for _, score in found[source]]
        rows.append((source, kind, held, len(scores), share(scores, shipped), share(scores, hard)))
        groups = defaultdict(list)
        for category, score in found[source]:
            groups[category].append(score)
        if 1 < len(groups) <= 15 and kind == "abuse" and held == "held out":
            rows += [
                (f"… {name}", "", "", len(own), share(own, shipped), share(own, hard))
                for name, own in sorted(groups.items())
                if len(own) >= 10
            ]
    table(("source", "what", "how", "prompts", "found", "found, strict"), rows)


def moderation(folder: Path, head: LexicalHead) -> None:
    """Print recall per category on OpenAI's labelled texts, and on crowd-labelled tweets."""
    texts = pq.read_table(folder / "openai_moderation.parquet").to_pylist()
    clean = [head.score(r["text"]) for r in texts if r["label"] == "clean"]
    rows: list[tuple[object, ...]] = []
    for label, category in MODERATION.items():
        own = [head.score(r["text"]).get(category, 0) for r in texts if r[label] == 1]
        other = [scores.get(category, 0) for scores in clean]
        rows.append((f"{label}: {category}", len(own), share(own, head.threshold),
                     share(other, head.threshold)))  # fmt: skip
    table(("moderation set", "texts", "found", "of clean texts met"), rows)
    every = [max(scores.values(), default=0) for scores in clean]
    print(f"\nclean texts met by any category: {share(every, head.threshold):.3f} of {len(every)}")
    tweets = pq.read_table(folder / "davidson_tweets.parquet").to_pylist()
    rows = []
    for label in ("hate", "offensive", "neither"):
        own = [
            max(head.score(r["text"]).values(), default=0) for r in tweets if r["label"] == label
        ]
        rows.append((label, len(own), share(own, head.threshold)))
    table(("tweets", "texts", "met"), rows)


def trained(rows: list[dict[str, str]]) -> None:
    """Print what a head finds that learned from the sources seen, all abuse in one category."""
    seen = [row for row in rows if source_of(row) in WRITTEN_WITH]
    kinds: list[set[str]] = [set() if r["label"] == "benign" else {"illicit"} for r in seen]
    began = time.process_time()
    head = train_head([row["text"] for row in seen], kinds)
    print(f"\na head trained on {len(seen):,} texts in {time.process_time() - began:.0f} CPU s")
    met: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        met[source_of(row)].append(head.score(row["text"])["illicit"])
    table(
        ("source", "how", "prompts", "met"),
        [
            (source, "seen" if source in WRITTEN_WITH else "held out", len(own), share(own, 0.5))
            for source, own in sorted(met.items())
        ],
    )


def main() -> int:
    """Measure and print; return 1 if a trap is met too often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CROSSFIX_DATA", "")))
    parser.add_argument("--train", action="store_true", help="train a head on the sources seen too")
    given = parser.parse_args()
    folder = given.data / "prompts"
    if not (folder / "prompts.parquet").is_file():
        print("the real data sets are absent: set CROSSFIX_DATA", file=sys.stderr)
        return 0
    print(header(None), flush=True)
    head = LexicalHead()
    checks = Checks(heads=[head])
    rows = pq.read_table(folder / "prompts.parquet").to_pylist()
    began = time.process_time()
    found = scored(rows, checks)
    print(f"{(time.process_time() - began) / len(rows) * 1e6:.0f} us CPU a prompt, all checks")
    traps = [[score for _, score in found[trap]] for trap in TRAPS]
    hard = strict(traps, head.threshold)
    print(f"threshold that ships: {head.threshold:g}; strict, chosen on the held-out traps "
          f"themselves so that each is met in one of a hundred: {hard:.3f}")  # fmt: skip
    by_source(found, head.threshold, hard)
    moderation(folder, head)
    if given.train:
        trained(rows)
    print(
        "\nWhat this cannot do: it knows words, not meaning. What is asked in other words, in a\n"
        "story, over several turns or in a language it has few words for is let by; so is most\n"
        "jailbreaking that argues politely. Texts about harm (news, counselling) are met too often."
    )
    aims = Aims()
    pooled = [score for trap in traps for score in trap]
    aims.most("over-blocking of all traps together", share(pooled, head.threshold), 0.01)
    for trap, scores in zip(TRAPS, traps, strict=True):
        aims.most(f"over-blocking of {trap}", share(scores, head.threshold), 0.01)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
