import re
from itertools import pairwise
from random import Random

import pytest

from crossfix.scenarios.cases.grammar import LANGUAGES, compose, phrases, render

GENRES = ("opinion", "everyday", "lures", "office", "prompts")


@pytest.mark.parametrize("genre", GENRES)
def test_every_phrase_is_written_in_every_language_and_with_slots_that_are_known(
    genre: str,
) -> None:
    for move, meanings in phrases(genre).items():
        for meaning in meanings:
            assert set(meaning) == set(LANGUAGES)
            if move == "thing":
                continue
            slots = [
                {s for template in templates for s in re.findall(r"\{(\w+)\}", template)}
                for templates in meaning.values()
            ]
            assert set().union(*slots) <= {"thing", "n", "few", "hour", "day", "place", "name",
                                           "firm"}  # fmt: skip
            assert all(t.count("[") == t.count("]") for ts in meaning.values() for t in ts)


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_can_be_said(genre: str, language: str) -> None:
    for move in phrases(genre):
        if move != "thing":
            plan = [move] * len(phrases(genre)[move])
            for wording in range(4):
                text = render(compose(Random(wording), genre, plan), language, wording)
                assert not set("{}[]|") & set(text)


def test_strangers_rarely_say_the_same_sentence() -> None:
    rng = Random(1)
    said = [render(compose(rng, "opinion", ["claim"]), "en", n % 7) for n in range(3000)]
    assert len(set(said)) > 0.999 * len(said)


def test_wordings_of_one_message_differ_and_are_the_same_each_time() -> None:
    for seed in range(30):
        message = compose(Random(seed), "opinion", ["claim", "evidence"])
        texts = [render(message, "en", wording) for wording in range(6)]
        assert all(a != b for a, b in pairwise(texts))
        assert texts == [render(message, "en", wording) for wording in range(6)]
