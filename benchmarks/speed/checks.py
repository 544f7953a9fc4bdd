"""Checks of content: one look at 1 kB, one chunk of a stream, and beside naive ways.

Texts, indicators and patterns are generated words; nothing matches but now and then, as in life.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks.machine import header
from benchmarks.quality.aims import Aims
from crossfix.content.plain import plain
from crossfix.matching import Checks, Indicator, indicator, signature_of

ENDINGS = ("com", "org", "info", "xyz", "net")
CHUNK = 5


def vocabulary(count: int, draw: random.Random) -> list[str]:
    """Return words of two to five syllables."""
    syllables = [c + v for c in "bcdfghklmnprstvw" for v in ("a", "e", "i", "o", "u", "ou", "ai")]
    return ["".join(draw.choices(syllables, k=draw.randrange(1, 5))) for _ in range(count)]


def texts(words: Sequence[str], count: int, size: int, draw: random.Random) -> list[str]:
    """Return texts of about so many characters, in sentences and paragraphs."""
    made = []
    for _ in range(count):
        parts, length = [], 0
        while length < size:
            sentence = " ".join(draw.choices(words, k=draw.randrange(5, 20))).capitalize() + "."
            parts.append(sentence)
            length += len(sentence) + 1
        made.append(" ".join(parts)[:size].replace(". ", ".\n\n", 1))
    return made


def indicators(words: Sequence[str], draw: random.Random) -> list[Indicator]:
    """Return ten thousand domains, pages, phrases and hashes, and two hundred patterns."""

    def host() -> str:
        return f"{draw.choice(words)}{draw.randrange(10**6)}.{draw.choice(ENDINGS)}"

    made = [indicator("domain", host()) for _ in range(6_000)]
    made += [indicator("url", f"{host()}/{draw.choice(words)}") for _ in range(1_000)]
    made += [indicator("phrase", " ".join(draw.sample(words, 4))) for _ in range(2_500)]
    made += [indicator("hash", f"{draw.getrandbits(256):064x}") for _ in range(500)]
    pattern = r"(?i)\b{}\s+{}\b[a-z]{{0,9}}\d{{2,}}"
    made += [
        indicator("regex", pattern.format(draw.choice(words), draw.choice(words)))
        for _ in range(200)
    ]
    return made


def each(function: Callable[[str], object], items: Sequence[str], rounds: int = 25) -> float:
    """Return the microseconds a call: the least of several rounds for each item, their mean.

    What another process does in between is no cost of ours.
    """
    best = [float("inf")] * len(items)
    for _ in range(rounds):
        for place, item in enumerate(items):
            began = time.perf_counter_ns()
            function(item)
            best[place] = min(best[place], time.perf_counter_ns() - began)
    return sum(best) / len(best) / 1e3


def rivals(made: list[Indicator], items: list[str]) -> None:
    """Print what naive ways cost for the same strings and patterns."""
    strings = [i.value.split("/")[0] for i in made if i.kind in ("domain", "url", "phrase", "hash")]
    patterns = [re.compile(i.value) for i in made if i.kind == "regex"]
    few = items[:20]
    print(f"{'a loop of `in` over the strings':<44}"
          f"{each(lambda t: [s for s in strings if s in t], few, 2):10.1f} us")  # fmt: skip
    print(f"{'a loop of re over the patterns':<44}"
          f"{each(lambda t: [p for p in patterns if p.search(t)], few, 2):10.1f} us")  # fmt: skip
    try:
        import ahocorasick
    except ImportError:
        print("pyahocorasick is not installed: pip install --group bench")
        return
    automaton = ahocorasick.Automaton()
    for string in strings:
        automaton.add_word(string, string)
    automaton.make_automaton()
    print(f"{'pyahocorasick, strings alone':<44}"
          f"{each(lambda t: list(automaton.iter(t)), items):10.1f} us")  # fmt: skip


def main() -> int:
    """Measure and print; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=1_000)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    words = vocabulary(6_000, draw)
    items = texts(words, 100, given.size, draw)
    made = indicators(words, draw)
    near = [
        indicator("near_text", signature_of(" ".join(draw.choices(words, k=25))))
        for _ in range(1_000)
    ]
    print(header(given.seed, "ahocorasick_rs", "google-re2", "pyahocorasick"), flush=True)
    began = time.process_time()
    checks = Checks([*made, *near])
    print(f"built in {time.process_time() - began:.2f} CPU s, with the first load of machine code")
    plainly, without = Checks(), Checks(made)
    folded = [plain(text) for text in items]
    rows = {
        "folding 1 text": each(plain, items),
        "no indicators": each(lambda t: plainly.look(t, "prompt"), items),
        "10,000 indicators, 200 patterns": each(lambda t: without.look(t, "prompt"), items),
        "… and 1,000 near-duplicate fingerprints": each(lambda t: checks.look(t, "prompt"), items),
        "… going out: secrets and personal data too": each(
            lambda t: checks.look(t, "completion"), items
        ),
    }
    for name, cost in rows.items():
        print(f"{name:<44}{cost:10.1f} us")
    rivals(made, folded)
    scanner = checks.scanner("completion")

    def stream(text: str) -> object:
        return [scanner.feed(text[i : i + CHUNK]) for i in range(0, len(text), CHUNK)]

    chunk = each(stream, items) / (given.size / CHUNK)
    print(f"{'a chunk of 5 characters':<44}{chunk:10.2f} us")
    worst = {
        "letters": "ab ", "base64": "QUJD", "leet": "h3ll0 ", "backwards": "eht uoy ",
        "ligatures": "ﷺ", "marks": "e\u0301\u0316", "names": "a.example.", "tags": "\U000e0041",
        "spaced": "a b ",
    }  # fmt: skip
    long = max(
        (
            each(lambda t: checks.look(t, "completion"), [unit * (100_000 // len(unit))], 2) / 1e3,
            name,
        )
        for name, unit in worst.items()
    )
    print(f"{'100,000 hostile characters, the worst':<44}{long[0]:10.1f} ms ({long[1]})")
    aims = Aims()
    aims.most("a look at 1 kB, in, all indicators (us)", rows[list(rows)[3]], 15)
    aims.most("a chunk (us)", chunk, 3)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
