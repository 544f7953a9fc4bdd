"""Near-duplicate look-up: one text among a million, and beside datasketch and rensa.

The texts are generated words. Queries are copies with about one word in ten changed, so that
there is something to find. Rivals shingle, sign and look up the same texts; they verify nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from benchmarks.machine import header
from crossfix.content import fold_one
from crossfix.traces.near_index import NearIndex

GOAL_SECONDS = 1e-4
THRESHOLD = 0.4


def texts(count: int, seed: int) -> list[str]:
    """Return texts of 8 to 21 words of a vocabulary whose frequencies fall like Zipf's."""
    draw = np.random.default_rng(seed)
    lengths = draw.integers(8, 22, count)
    ends = np.cumsum(lengths)
    words = np.char.add("w", (draw.zipf(1.2, int(ends[-1])) % 200_000).astype(str)).tolist()
    return [
        " ".join(words[e - n : e]) for e, n in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]


def changed(text: str, draw: np.random.Generator) -> str:
    """Return a copy with about one word in ten replaced."""
    return " ".join(f"z{draw.integers(10**6)}" if draw.random() < 0.1 else w for w in text.split())


def shingles(text: str) -> set[str]:
    """Return the pairs of words of a folded text, as the rivals take them."""
    words = fold_one(text).split()
    return {f"{a} {b}" for a, b in pairwise(words)}


def timed(
    name: str,
    corpus: list[str],
    queries: list[str],
    numbers: np.ndarray,
    build: Callable[[list[str]], Callable[[str], set[int]]],
) -> float:
    """Build, ask, print; return the CPU seconds of one look-up."""
    began = time.process_time()
    find = build(corpus)
    built = time.process_time() - began
    find(queries[0])
    began = time.process_time()
    answers = [find(query) for query in queries]
    each = (time.process_time() - began) / len(queries)
    met = sum(int(n) in answer for n, answer in zip(numbers, answers, strict=True))
    size = sum(map(len, answers)) / len(answers)
    print(
        f"{name:<12}{len(corpus):>9,} texts: build {built:7.2f} CPU s, "
        f"look-up {each * 1e6:8.1f} us, original found {met / len(queries):.3f}, "
        f"{size:.1f} answers a query",
        flush=True,
    )
    return each


def ours(corpus: list[str]) -> Callable[[str], set[int]]:
    """Build our index."""
    index = NearIndex(capacity=len(corpus))
    for first in range(0, len(corpus), 50_000):
        index.add(corpus[first : first + 50_000])
    return lambda text: {match.number for match in index.find(text)}


def datasketch(corpus: list[str]) -> Callable[[str], set[int]]:
    """Build the index of datasketch."""
    from datasketch import MinHash, MinHashLSH

    def sign(text: str) -> MinHash:
        signature = MinHash(num_perm=64, seed=1)
        signature.update_batch([s.encode() for s in shingles(text)])
        return signature

    index = MinHashLSH(threshold=THRESHOLD, num_perm=64)
    for number, text in enumerate(corpus):
        index.insert(number, sign(text))
    return lambda text: set(index.query(sign(text)))


def rensa(corpus: list[str]) -> Callable[[str], set[int]]:
    """Build the index of rensa."""
    from rensa import RMinHash, RMinHashLSH

    def sign(text: str) -> RMinHash:
        signature = RMinHash(num_perm=64, seed=1)
        signature.update(list(shingles(text)))
        return signature

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=64, num_bands=16)
    for number, text in enumerate(corpus):
        index.insert(number, sign(text))
    return lambda text: set(index.query(sign(text)))


def main() -> int:
    """Measure and print; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--beside-rivals", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed, "datasketch", "rensa"), flush=True)
    draw = np.random.default_rng(given.seed)
    corpus = texts(given.texts, given.seed)

    def ask(size: int) -> tuple[list[str], np.ndarray]:
        numbers = draw.integers(0, size, given.queries)
        return [changed(corpus[n], draw) for n in numbers], numbers

    ours(corpus[:10])("load the compiled code before the clock starts")
    large = timed("crossfix", corpus, *ask(len(corpus)), ours)
    print(f"{'':<12}goal {GOAL_SECONDS * 1e6:.0f} us", flush=True)
    size = min(given.beside_rivals, len(corpus))
    asked = ask(size)
    own = timed("crossfix", corpus[:size], *asked, ours)
    for name, build in (("rensa", rensa), ("datasketch", datasketch)):
        try:
            rival = timed(name, corpus[:size], *asked, build)
        except ImportError:
            print(f"{name:<12}not installed: pip install --group bench")
            continue
        print(f"{'':<12}{rival / own:.1f} times our look-up", flush=True)
    return int(large > GOAL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
