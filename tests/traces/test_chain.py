"""Chains over AI services: every planted one is found, and no other."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from crossfix.traces.chain import PIECE, chains, common_segments, echoes, hops, own_wording
from crossfix.traces.origin import Output, OutputIndex, Post, Sighting

START = datetime(2026, 1, 5, tzinfo=UTC)
SERVICES = ("openai", "anthropic", "mistral")
VERBS = ("asks", "tells", "warns", "begs", "teaches", "reminds", "shows", "writes")
NOUNS = ("bridge", "harbour", "library", "pension", "school", "forest", "railway", "clinic",
         "hospital", "market", "river", "museum", "bakery", "tunnel", "orchard")  # fmt: skip


def sentence(rng: random.Random) -> str:
    words = [rng.choice(NOUNS), rng.choice(VERBS), rng.choice(NOUNS), str(rng.randrange(10**6)),
             *rng.sample(NOUNS, 6), "".join(rng.choices("abcdefgh", k=7))]  # fmt: skip
    rng.shuffle(words)
    return "The " + " ".join(words) + "."


def drafts(rng: random.Random, count: int = 4) -> list[str]:
    return [sentence(rng) for _ in range(count)]


def numbered(texts: list[str]) -> str:
    return "\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1))


def edited(rng: random.Random, text: str) -> str:
    """One word in ten made another."""
    words = text.split()
    for at in rng.sample(range(len(words)), max(1, len(words) // 10)):
        words[at] = "".join(rng.choices("rstlmn", k=6))
    return " ".join(words)


def output(number: int, service: str, minutes: float, prompt: str, text: str) -> Output:
    return Output(
        response=f"r{number}", service=service, account=f"{service}:a{number}", text=text,
        time=START + timedelta(minutes=minutes), prompt=prompt,
    )  # fmt: skip


def test_nine_in_ten_chains_over_three_services_are_found_and_none_that_is_not() -> None:
    rng = random.Random(4)
    outputs: list[Output] = []
    planted = set()
    for n in range(60):
        at = rng.uniform(0, 10_000)
        first, second, third = rng.sample(SERVICES, 3)
        plan, texts = drafts(rng), drafts(rng, 6)
        given = [edited(rng, t) for t in plan] if n % 3 == 0 else plan
        asked = f"Write by this plan, please:\n{numbered(given)}"
        filler = " ".join(sentence(rng) for _ in range(20 if n % 4 == 0 else 0))
        last = f"Translate and sharpen: {filler} {rng.choice(texts)} {filler}"
        outputs += [
            output(10 * n, first, at, sentence(rng), numbered(plan)),
            output(10 * n + 1, second, at + 5, asked, numbered(texts)),
            output(10 * n + 2, third, at + 9, last, numbered(drafts(rng))),
        ]
        planted |= {(f"r{10 * n}", f"r{10 * n + 1}"), (f"r{10 * n + 1}", f"r{10 * n + 2}")}
    for n in range(1_000, 1_400):  # others, who ask about their own texts
        said = sentence(rng)
        answer = f"A politer version:\n\n{said[:-1]}, if I may.\n\nShall I change the tone of it?"
        outputs.append(output(n, rng.choice(SERVICES), rng.uniform(0, 10_000),
                              f"Make this more polite: {said}", answer))  # fmt: skip
    rng.shuffle(outputs)
    index = OutputIndex(outputs)
    found = hops(index, own_wording(index))
    names = {(outputs[h.source].response, outputs[h.target].response) for h in found}
    assert not names - planted
    assert len(names & planted) >= 0.9 * len(planted)
    paths = chains(index, found, [])
    whole = [p for p in paths if len(p.stops) == 3 and len(set(p.services)) == 3]
    assert len(whole) >= 0.85 * 60


@pytest.fixture
def texts() -> list[str]:
    return drafts(random.Random(8), 3)


def linked(*outputs: Output) -> list[tuple[str, str]]:
    index = OutputIndex(outputs)
    found = hops(index)
    return [(outputs[h.source].response, outputs[h.target].response) for h in found]


def test_a_prompt_that_is_older_than_the_completion_does_not_come_from_it(texts) -> None:
    late = output(1, "openai", 60, "Write", numbered(texts))
    early = output(2, "mistral", 0, f"Translate: {texts[0]}", "Something else that is long enough")
    assert linked(late, early) == []


def test_what_the_asker_had_said_already_is_no_hop(texts) -> None:
    article = " ".join(texts)
    one = output(1, "openai", 0, f"Summarise this: {article}", f"It says: {article}")
    other = output(2, "mistral", 9, f"And you, what of this? {article}", "A fine article it is.")
    assert echoes(OutputIndex([one, other]))[0]
    assert linked(one, other) == []


def test_what_came_down_a_chain_may_be_handed_on_as_it_is(texts) -> None:
    first = output(1, "openai", 0, "Plan", numbered(texts))
    same = output(2, "mistral", 5, f"Repeat: {numbered(texts)}", numbered(texts))
    last = output(3, "anthropic", 9, f"Translate: {numbered(texts)}", "Drei Texte, wie gewünscht.")
    assert linked(first, same, last) == [("r1", "r2"), ("r2", "r3")]


def test_one_service_is_no_chain(texts) -> None:
    one = output(1, "openai", 0, "Write", numbered(texts))
    again = output(2, "openai", 5, f"Angrier: {numbered(texts)}", "No, I will not do that again.")
    assert linked(one, again) == []


def test_manners_of_models_are_no_hop() -> None:
    manner = "Let me know if you would like me to adjust the tone or the length of this text."
    outputs = [output(n, "openai", n, "Hello", manner) for n in range(3)]
    asked = output(9, "mistral", 50, f"What does this mean: {manner}", "It is an offer, no more.")
    assert common_segments(OutputIndex([*outputs, asked]))[:3].all()
    assert linked(*outputs, asked) == []


def test_a_text_is_found_deep_inside_a_long_prompt(texts) -> None:
    rng = random.Random(2)
    around = " ".join(sentence(rng) for _ in range(200))
    assert len(around) > 3 * PIECE
    first = output(1, "openai", 0, "Write", numbered(texts))
    second = output(2, "mistral", 5, f"{around} {texts[1]} {around}", "All that was noted, thanks.")
    assert linked(first, second) == [("r1", "r2")]


def test_a_chain_ends_where_its_last_completion_was_posted(texts) -> None:
    first = output(1, "openai", 0, "Write", numbered(texts))
    other = drafts(random.Random(1), 3)
    second = output(2, "mistral", 5, f"Translate: {numbered(texts)}", numbered(other))
    index = OutputIndex([first, second])
    posts = [
        Post(post=f"p{n}", text=other[0], service="x", account=f"x:a{n}",
             time=START + timedelta(minutes=10 * n + 20)) for n in (2, 1)
    ]  # fmt: skip
    sightings = [Sighting(post=p, output=second, segment=1, segment_text=other[0],
                          kind="verbatim", score=1.0) for p in posts]  # fmt: skip
    (path,) = chains(index, hops(index), sightings)
    assert path.services == ("openai", "mistral", "x")
    assert path.accounts == ("openai:a1", "mistral:a2", "x:a1", "x:a2")
    assert [s.delay_seconds for s in path.stops] == [None, 300.0]
    assert [(s.id, s.delay_seconds) for s in path.ends] == [("p1", 1500.0), ("p2", 2100.0)]
