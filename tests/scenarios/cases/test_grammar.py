import re
from itertools import pairwise
from random import Random

import pytest

from crossfix.scenarios.cases.grammar import LANGUAGES, compose, phrases, render

GENRES = ("opinion", "everyday", "lures", "office", "prompts")
SLOTS = {"thing", "n", "few", "hour", "day", "place", "name", "firm"}


def moves(genre: str) -> list[str]:
    """The moves that a plan can name."""
    table = phrases(genre)
    return list(table["sentence"] if "part" in table else table)


def meanings(genre: str) -> list[dict[str, list[str]]]:
    """Everything that is written in several languages: forms by language."""
    table = phrases(genre)
    lists = table.get("part", table)
    return [meaning for found in lists.values() for meaning in found]


@pytest.mark.parametrize("genre", GENRES)
def test_every_phrase_is_written_in_every_language_and_with_slots_that_are_known(
    genre: str,
) -> None:
    for meaning in meanings(genre):
        assert set(meaning) == set(LANGUAGES)
        for templates in meaning.values():
            for template in templates:
                assert set(re.findall(r"\{(\w+)\}", template)) <= SLOTS
                assert template.count("[") == template.count("]")


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_can_be_said(genre: str, language: str) -> None:
    for move in moves(genre):
        for wording in range(30):
            text = render(compose(Random(wording), genre, [move] * 3), language, wording)
            assert not set("{}[]|/") & set(text)


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
