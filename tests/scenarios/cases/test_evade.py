from difflib import SequenceMatcher
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.scenarios.cases.evade import Draft, change, edited, prepare
from crossfix.scenarios.cases.grammar import LANGUAGES, compose, render
from crossfix.scenarios.cases.parameters import Parameters

PLAN = ("claim", "evidence", "claim")


def draft(seed: int, language: str = "en") -> Draft:
    message = compose(Random(seed), "opinion", PLAN)
    return Draft(message, language, 2, render(message, language, 2))


def alike(one: str, other: str) -> float:
    """The share of words that two texts have in common, in order."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


@given(st.integers(0, 10_000), st.sampled_from(LANGUAGES))
@settings(max_examples=60, deadline=None)
def test_without_evasion_a_draft_is_posted_as_it_was_written(seed: int, language: str) -> None:
    one = draft(seed, language)
    posted = change(Random(seed), one, Parameters())
    assert (posted.text, posted.change, posted.language) == (one.text, "verbatim", language)


@given(st.integers(0, 10_000), st.sampled_from((0.05, 0.15, 0.3)))
@settings(max_examples=80, deadline=None)
def test_an_edit_changes_about_the_share_of_words_that_it_is_told_to(
    seed: int, share: float
) -> None:
    text = draft(seed).text
    ratio = alike(text, edited(Random(seed), text, share, "en"))
    assert 1 - 2.2 * share - 0.03 <= ratio < 1.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paraphrase_keeps_names_and_numbers_and_few_of_the_other_words(language: str) -> None:
    ratios, kept = [], []
    for seed in range(40):
        one = draft(seed, language)
        posted = change(Random(seed), one, Parameters(paraphrase=1.0))
        assert posted.change == "paraphrased"
        ratios.append(alike(one.text, posted.text))
        numbers = {w.strip(".,:;!?") for w in one.text.split() if w.strip(".,:;!?").isdigit()}
        kept.append(numbers <= {w.strip(".,:;!?") for w in posted.text.split()})
    assert sum(ratios) / len(ratios) < 0.6
    assert sum(kept) > 0.6 * len(kept)


def test_a_translation_is_in_another_language_and_names_the_same_place() -> None:
    for seed in range(20):
        one = draft(seed)
        posted = change(Random(seed), one, Parameters(translation=1.0))
        assert posted.language != "en"
        assert posted.change == "translated"
        assert posted.text == render(one.message, posted.language, 2)


def test_disguised_letters_look_alike_and_are_others() -> None:
    one = draft(1)
    posted = change(Random(1), one, Parameters(homoglyphs=1.0))
    assert len(posted.text) == len(one.text)
    assert sum(a != b for a, b in zip(posted.text, one.text, strict=True)) / len(one.text) > 0.02


def test_split_drafts_become_two_posts_and_merged_ones_one() -> None:
    drafts = [draft(n) for n in range(10)]
    cut = prepare(Random(1), drafts, Parameters(split=1.0))
    assert len(cut) == 20
    assert [f"{a.text} {b.text}" for a, b in zip(cut[::2], cut[1::2], strict=True)] == [
        d.text for d in drafts
    ]
    joined = prepare(Random(1), drafts, Parameters(merge=1.0))
    assert [p.text for p in joined] == [
        f"{a.text} {b.text}" for a, b in zip(drafts[::2], drafts[1::2], strict=True)
    ]
    assert {p.change for p in joined} == {"merged"}
