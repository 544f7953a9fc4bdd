import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.policy import STARTER, Facts, Memory, compile_policies, load_policies
from crossfix.policy.patterns import escaped, joins, needed, search_all, searcher


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("irs", "the IRS writes", True),
        ("irs", "first things", False),
        ("scam*", "Scammers", True),
        ("*scam", "megascam", True),
        ("a.b", "axb", False),
        ("hello world", "hello \n  world", True),
        ("выбор", "ВЫБОРЫ", True),
        ("选举", "关于选举的", True),
        ("50%", "at 50% off", True),
        ("(x)", "f(x)=1", True),
    ],
)
def test_phrases_are_found_as_words(phrase: str, text: str, found: bool) -> None:
    assert searcher(escaped(phrase))(text) == found


@given(st.lists(st.text(min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=5),
       st.text(max_size=40))  # fmt: skip
def test_all_at_once_finds_what_each_alone_finds(phrases: list[str], text: str) -> None:
    patterns = [escaped(p) for p in phrases if p.strip("* \n\t")]
    alone = {n for n, pattern in enumerate(patterns) if searcher(pattern)(text)}
    assert search_all(patterns)(text) == alone


def test_patterns_that_repeat_are_searched_for_alone() -> None:
    assert joins(escaped("hello world (50%)"))
    assert joins(r"\b(one|two)\b")
    assert not joins(r"one.{0,60}two")
    assert not joins(r"one.*two")


GAPS = (r".{0,9}", r"\s+", r".*", r"x?", r"(a|b)+", r"[ -]{1,3}", " ", "")
PARTS = (r"\b(ignore|disregard)\b", "all", r"(rules?|polic(y|ies))", r"\babc", "mira.e", r"\d")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(GAPS)), min_size=1, max_size=4),
       st.data())  # fmt: skip
def test_what_a_pattern_needs_is_found_wherever_it_is(
    drawn: list[tuple[str, str]], data: st.DataObject
) -> None:
    pattern = "".join(part + gap for part, gap in drawn)
    text = "all in all " + data.draw(st.from_regex(pattern)) + data.draw(st.text(max_size=9))
    asked = needed(pattern)
    assert all(map(joins, asked))
    if searcher(pattern)(text):
        assert search_all(asked)(text) == set(range(len(asked)))


@pytest.mark.parametrize(
    ("pattern", "asked"),
    [
        (r"\b(ignore|forget)\b.{0,30}\b(rules|limits)\b",
         (r"\b(ignore|forget)\b", r"\b(rules|limits)\b")),
        (r"one.*two|three", ()),
        (r"(?s)one.*two", ()),
        (r"colours?.*of", ("colour",)),
        (r"(ab.*|cd)+ end", (" end",)),
        (r".{0,30}", ()),
    ],
)  # fmt: skip
def test_what_stands_between_repetitions_is_needed(pattern: str, asked: tuple[str, ...]) -> None:
    assert needed(pattern) == asked


def test_a_text_made_to_be_slow_is_searched_about_as_quickly_as_any_other() -> None:
    words = [
        "create",
        "write",
        "generate",
        "as",
        "from",
        "by",
        "pretend",
        "to",
        "be",
        "ignore",
        "all",
        "previous",
        "act",
        "simulate",
        "roleplay",
        "start",
        "response",
        "with",
        "50",
        "different",
        "the",
        "minister",
        "an",
        "in",
        "voice",
        "of",
        "rewrite",
        "say",
        "put",
        "make",
        "up",
        "draft",
    ]
    draw = random.Random(1)
    rules, memory = compile_policies(load_policies([STARTER])), Memory()

    def seconds(count: int) -> float:
        texts = [" ".join(draw.choices(words, k=4_000)) for _ in range(count)]
        began = time.process_time()
        for n, text in enumerate(texts):
            rules.judge(Facts(time=float(n), action="prompt", service="app", surface="ai",
                              account=f"app:{n}", text=text), memory)  # fmt: skip
        return (time.process_time() - began) / count

    seconds(2)
    # Joined into one automaton these take a hundred milliseconds each; the bound leaves room for a
    # machine that is ten times as busy.
    assert seconds(5) < 0.05
