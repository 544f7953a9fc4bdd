"""Outputs that only the slow encoder reads, and posts that are too many for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from crossfix.content.encoders import Vectors, of_length_one
from crossfix.traces.origin import Encoders, Origin, Output, OutputIndex, Post
from crossfix.traces.origin.across import LEAST_ACROSS, Across
from crossfix.traces.origin.bridge import LEARNED_FROM, Bridge
from crossfix.traces.origin.waiting import MOST

WORDS = {
    "saffron": "זעפרן", "farmer": "חקלאי", "profit": "רווח", "friend": "ידיד", "week": "שבוע",
    "winter": "חורף", "harbour": "נמל", "school": "גימנסיה", "council": "מועצה", "bread": "לחם",
    "garden": "גינה", "doctor": "רופא", "engine": "מנוע", "mountain": "הררי", "letter": "מכתב",
}  # fmt: skip
MADE = datetime(2026, 2, 3, tzinfo=UTC)


class Bag:
    """An encoder whose vectors count words, turned in a way of its own; it knows some words."""

    def __init__(self, name: str, words: Sequence[dict[str, int]]) -> None:
        self.name, self._words, self.read = name, words, 0
        random = np.random.default_rng(len(name))
        self._turn = np.linalg.qr(random.normal(size=(len(WORDS), len(WORDS))))[0]
        self.dimensions = len(WORDS)

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += len(texts)
        counts = np.zeros((len(texts), len(WORDS)))
        for row, text in enumerate(texts):
            for word in text.replace(".", " ").split():
                for known in self._words:
                    if word in known:
                        counts[row, known[word]] += 1
        return of_length_one((counts @ self._turn).astype(np.float32))


LATIN = {word: at for at, word in enumerate(WORDS)}
HEBREW = {word: at for at, word in enumerate(WORDS.values())}


def encoders() -> tuple[Encoders, Bag]:
    second = Bag("reads both", [LATIN, HEBREW])
    return Encoders(Bag("reads one", [LATIN]), second), second


def filler(count: int) -> list[str]:
    """Return texts of ten words, no two of them the same and one in ten of the first five words."""
    random = np.random.default_rng(7)
    words = list(WORDS)
    return [
        f"{random.choice(words[:5])} {' '.join(random.choice(words[5:], 9))} number{n}"
        for n in range(count)
    ]


def traced(soon: int) -> tuple[list[str], int]:
    """Return which posts are traced to an output in Hebrew, and how many texts were read slowly."""
    voices, second = encoders()
    said = ["saffron", "farmer", "profit", "friend", "week", "saffron"]
    response = " ".join(WORDS[word] for word in said)
    index = OutputIndex([Output(response="r", text=response, time=MADE)])
    origin = Origin(index, voices)
    for start in range(0, soon, 1_500):
        origin.take([
            Post(post=f"f{start + n}", text=text, service="x", account=f"x:{n}",
                 time=MADE + timedelta(seconds=start + n))
            for n, text in enumerate(filler(soon)[start : start + 1_500])
        ])  # fmt: skip
    origin.take([Post(post="copy", text=f"{' '.join(said)} x", service="x", account="x:copy",
                      time=MADE + timedelta(days=3))])  # fmt: skip
    return [s.post.post for s in origin.finish()], second.read


@pytest.mark.parametrize("soon", [0, 400])
def test_a_late_translation_is_found_among_few_posts(soon: int) -> None:
    found, _ = traced(soon)
    assert "copy" in found


def test_a_late_translation_is_found_among_more_posts_than_can_wait_and_few_are_read() -> None:
    found, read = traced(MOST // 2)
    assert "copy" in found
    assert read < LEARNED_FROM + MOST // 20


def test_what_comes_near_is_what_plain_products_say() -> None:
    voices, second = encoders()
    segments = second.encode([" ".join(list(WORDS.values())[at : at + 4]) for at in range(4)])
    outputs = np.array([0, 0, 1, 2])
    across = Across(voices, segments, outputs)
    texts = filler(LEARNED_FROM)
    across.learn(texts[:-1], voices.first.encode(texts[:-1]))
    assert not across.learned
    assert across.near(voices.first.encode(texts)) == {}
    across.learn(texts[-1:], voices.first.encode(texts[-1:]))
    assert across.learned
    asked = [" ".join(list(WORDS)[at : at + 4]) for at in range(10)] + [""]
    read = voices.first.encode(asked)
    bridge = Bridge(second.encode(texts), voices.first.encode(texts))
    cosines = bridge.centred(read) @ bridge.crossed(segments).T
    plain: dict[int, dict[int, float]] = {}
    for row in range(len(asked)):
        for output in range(3):
            best = float(cosines[row, outputs == output].max())
            if best >= LEAST_ACROSS:
                plain.setdefault(row, {})[output] = best
    assert across.near(read) == plain
    assert [max(plain[row], key=plain[row].__getitem__) for row in range(4)] == [0, 0, 1, 2]
    assert len(asked) - 1 not in plain


def test_nothing_is_learned_where_the_first_encoder_reads_every_segment() -> None:
    voices, second = encoders()
    across = Across(voices, np.zeros((0, len(WORDS)), np.float32), np.zeros(0, np.int64))
    texts = filler(LEARNED_FROM)
    across.learn(texts, voices.first.encode(texts))
    assert not across.learned
    assert second.read == 0


def test_a_post_that_only_the_slow_encoder_reads_is_traced_to_what_it_does_not_read() -> None:
    # The first encoder alone reads Chinese here, the second alone Hebrew; both read Latin letters.
    chinese = dict(zip("藏农利友周冬港学会面园医机山信", range(len(WORDS)), strict=True))
    voices = Encoders(Bag("reads one", [LATIN, chinese]), Bag("reads both", [LATIN, HEBREW]))
    said = [0, 1, 2, 3, 4, 0, 2, 1, 3, 4]
    response = "。".join(" ".join(list(chinese)[at] for at in part) for part in (said, said[::-1]))
    index = OutputIndex([Output(response="r", text=response, time=MADE)])
    text = " ".join(list(WORDS.values())[at] for at in said)

    def found(sooner: int) -> list[str]:
        origin = Origin(index, voices)
        origin.take([
            Post(post=f"p{n}", text=said, service="x", account=f"x:{n}",
                 time=MADE + timedelta(minutes=n))
            for n, said in enumerate([*filler(sooner), text])
        ])  # fmt: skip
        return [s.post.post for s in origin.finish() if s.post.text == text]

    assert found(LEARNED_FROM // 2) == []
    assert found(LEARNED_FROM) == [f"p{LEARNED_FROM}"]
