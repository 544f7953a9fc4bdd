"""Responses followed to the posts that repeat them, as events arrive."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content import fold
from crossfix.events import Event, to_batch
from crossfix.live.index import LiveIndex
from crossfix.live.said import Heard, Said
from crossfix.live.said_kernel import own
from crossfix.live.sighting import Sighting
from crossfix.live.swarm import Swarms
from crossfix.text_bytes import bytes_of
from crossfix.traces.duplicates import sketch
from crossfix.traces.fingerprint import key_hash
from crossfix.traces.origin import Origin, Output, OutputIndex, Post

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAFTS = (
    "The river has been clean for a decade, and now they want a tannery right beside it",
    "My grandmother swam in that river as a girl; who profits when our children cannot",
    "Every town upstream that said yes to a tannery has regretted it; why should we be different",
    "Nobody on the council lives downstream of the new tannery, which tells you all there is",
    "Sign before Friday: one tannery, forty jobs, and a river that will smell for forty years",
)


def event(who: str, minutes: float, text: str, **fields: object) -> Event:
    plain = {
        "id": f"{who}/{minutes}", "time": NOON + timedelta(minutes=minutes),
        "received": NOON + timedelta(minutes=minutes), "service": "forum", "surface": "social",
        "account": f"forum:{who}", "action": "post", "text": text,
    }  # fmt: skip
    return msgspec.convert(plain | fields, Event)


def completion(minutes: float = 0, **fields: object) -> Event:
    text = "Here are five posts:\n\n" + "\n".join(f"{n}. {d}" for n, d in enumerate(DRAFTS, 1))
    given = {"service": "model", "surface": "ai", "account": "model:asker", "action": "completion"}
    return event("asker", minutes, text, **(given | fields))


def seen(index: LiveIndex, *events: Event) -> list[Sighting]:
    found = [one for e in events for one in index.add(to_batch([e]))]
    return [one for one in found if one.kind == "origin"]


@pytest.fixture
def index() -> LiveIndex:
    return LiveIndex(most_entries=1 << 14, most_segments=1 << 10)


def test_parts_of_one_response_by_three_accounts_are_seen_and_each_that_joins(
    index: LiveIndex,
) -> None:
    index.add(to_batch([completion()]))
    assert seen(index, event("a", 60, DRAFTS[0]), event("b", 200, DRAFTS[1].upper())) == []
    (first,) = seen(index, event("c", 300, "so true. " + DRAFTS[2]))
    assert set(first.accounts) == {"model:asker", "forum:a", "forum:b", "forum:c"}
    assert first.key == key_hash("origin", first.value)
    assert DRAFTS[4] in first.said
    (second,) = seen(index, event("d", 400, DRAFTS[3].replace("council", "board")))
    assert len(second.accounts) == 5


def test_a_fan_out_is_a_swarm_and_its_other_parts_are_what_it_is_known_by(
    index: LiveIndex,
) -> None:
    index.add(to_batch([completion()]))
    swarms = Swarms()
    changed = swarms.take(
        seen(index, *(event(f"w{n}", 30 * n + 1, DRAFTS[n]) for n in range(4))), NOON
    )
    (swarm,) = changed
    assert {key.kind for key in swarm.keys} == {"origin"}
    assert set(DRAFTS) <= set(swarm.texts)


def test_what_was_posted_before_or_by_its_asker_or_is_somebody_elses_is_none(
    index: LiveIndex,
) -> None:
    index.add(to_batch([completion(100)]))
    before = [event(f"e{n}", 10 + n, DRAFTS[n]) for n in range(4)]
    asker = [
        event("x", 200 + n, DRAFTS[n], account="model:asker", id=f"own{n}") for n in range(4)
    ]  # fmt: skip
    other = [
        event(f"o{n}", 300 + n, f"I walked along the river today and thought of tannery number {n}")
        for n in range(6)
    ]
    assert seen(index, *before, *asker, *other) == []


def test_one_part_that_many_share_unchanged_is_a_share_text_until_somebody_changes_it(
    index: LiveIndex,
) -> None:
    index.add(to_batch([completion()]))
    assert seen(index, *(event(f"s{n}", n + 1, DRAFTS[0]) for n in range(6))) == []
    assert seen(index, event("t", 20, DRAFTS[1]))


def test_what_a_prompt_held_already_is_the_askers_own(index: LiveIndex) -> None:
    asked = event("asker", 0, "Translate and correct: " + " ".join(DRAFTS), service="model",
                  surface="ai", account="model:asker", action="prompt", id="p1")  # fmt: skip
    index.add(to_batch([asked, completion(1, parent="p1")]))
    assert seen(index, *(event(f"w{n}", 30 + n, DRAFTS[n]) for n in range(4))) == []


def test_a_persons_own_accounts_are_one(index: LiveIndex) -> None:
    index.add(to_batch([completion()]))
    own = [event(f"w{n}", 30 + n, DRAFTS[n], attributes={"person": "ada"}) for n in range(5)]
    assert seen(index, *own) == []


def test_completions_that_come_after_their_posts_are_foreseen(index: LiveIndex) -> None:
    posts = to_batch([event(f"w{n}", 30 + n, DRAFTS[n]) for n in range(4)])
    index.foresee(to_batch([completion()]))
    assert [s for s in index.add(posts) if s.kind == "origin"]
    index.add(to_batch([completion()]))
    assert index._spread is not None
    assert index._spread.said.responses == 1


def heard(key: str, text: str, prompt: str | None = None) -> Heard:
    return Heard(key, text, "m:a", f"e{key}", 0, prompt)


WORDS = [f"{a}{b}{c}" for a in "bdgklmn" for b in "aeiou" for c in ("r", "st", "ng", "m")]


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_what_repeats_what_is_as_the_whole_index_says(seed: int) -> None:
    rng = random.Random(seed)
    drafts = [" ".join(rng.choices(WORDS, k=rng.randint(8, 20))) for _ in range(8)]
    outputs = ["\n".join(f"{n}. {d}" for n, d in enumerate(drafts[at : at + 2], 1))
               for at in range(0, 8, 2)]  # fmt: skip
    texts = []
    for draft in drafts:
        words = draft.split()
        for _ in range(rng.randrange(len(words))):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        texts.append(" ".join([*rng.choices(WORDS, k=rng.randrange(6)), *words]))
    said = Said(1 << 6)
    for number, text in enumerate(outputs):
        said.add([heard(f"{number}", text)])
    folded = fold(pa.array(texts, pa.string()))
    fast = {(r.row, r.response.key) for r in said.repeats(texts, folded)}
    slow = Origin(OutputIndex([Output(response=str(n), text=t) for n, t in enumerate(outputs)]),
                  None)  # fmt: skip
    slow.take([Post(post=str(n), text=t, service="x", account=f"x:{n}", time=NOON)
               for n, t in enumerate(texts)])  # fmt: skip
    wanted = {(int(s.post.post), s.output.response) for s in slow.finish()}
    assert wanted <= fast
    assert len(fast - wanted) <= 1  # of several responses the whole index keeps the best


def test_the_oldest_parts_are_forgotten_and_no_more_memory_is_taken() -> None:
    said = Said(1 << 4)
    rng = random.Random(1)
    first = " ".join(rng.choices(WORDS, k=16))
    said.add([heard("first", first)])
    folded = fold(pa.array([first], pa.string()))
    assert [r.response.key for r in said.repeats([first], folded)] == ["first"]
    for number in range(3_000):
        text = "\n\n".join(" ".join(rng.choices(WORDS, k=60)) for _ in range(3))
        said.add([heard(f"{number}", text)])
    assert list(said.repeats([first], folded)) == []
    assert len(said) == 16


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_completions_at_once_are_what_they_are_one_by_one(seed: int) -> None:
    rng = random.Random(seed)
    prompts = {f"p{n}": " ".join(rng.choices(WORDS, k=rng.randint(0, 60))) for n in range(6)}
    completions = []
    for number in range(rng.randint(1, 12)):
        prompt = rng.choice([None, *prompts])
        own = [" ".join(rng.choices(WORDS, k=rng.randint(2, 20))) for _ in range(rng.randint(0, 4))]
        parts = [*own, prompts.get(prompt or "", "")[: rng.randrange(300)]]
        completions.append(heard(f"{number}", "\n\n".join(parts), prompt))
    # What comes again says what it said.
    completions.insert(rng.randrange(len(completions)) + 1, completions[0])
    together, singly = Said(1 << 7), Said(1 << 7)
    together.add(completions, prompts)
    singly.add([], prompts)
    for one in completions:
        singly.add([one])
    assert len(together) == len(singly)
    assert together.responses == singly.responses
    texts = [one.text for one in completions]
    folded = fold(pa.array(texts, pa.string()))
    assert list(together.repeats(texts, folded)) == list(singly.repeats(texts, folded))


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_what_a_prompt_holds_is_told_as_by_sets_of_shingles(seed: int) -> None:
    rng = random.Random(seed)
    asked = [" ".join(rng.choices(WORDS[:40], k=rng.randrange(80))) for _ in range(3)]
    of = np.sort(np.array([rng.randrange(3) for _ in range(12)], np.int64))
    parts = []
    for owner in of.tolist():
        words = [*asked[owner].split()[:15], *rng.choices(WORDS, k=rng.randrange(12))]
        parts.append(" ".join(words[rng.randrange(6) :]))
    answer = np.zeros(len(parts), np.bool_)
    own(*bytes_of(pa.array(parts)), of, *bytes_of(pa.array(asked)), 0.6, answer)
    theirs, mine = _sets(asked), _sets(parts)
    wanted = [
        len(m & theirs[o]) <= 0.6 * len(m) for m, o in zip(mine, of.tolist(), strict=True)
    ]  # fmt: skip
    assert answer.tolist() == wanted


def _sets(texts: list[str]) -> list[set[int]]:
    found, _ = sketch(pa.array(texts, pa.string()), compiled=False)
    ends = found.offsets.tolist()
    return [set(found.hashes[a:b].tolist()) for a, b in pairwise(ends)]


def test_a_completion_with_half_a_character_is_followed_and_breaks_nothing(
    index: LiveIndex,
) -> None:
    text = json.dumps([f"{draft} \ud800" for draft in DRAFTS])
    index.add(to_batch([msgspec.structs.replace(completion(), text=text)]))
    assert seen(index, *(event(f"w{n}", 30 + n, DRAFTS[n]) for n in range(4)))


def test_of_two_completions_of_one_name_that_come_together_the_first_counts() -> None:
    said = Said(1 << 5)
    one, other = " ".join(WORDS[:12]), " ".join(WORDS[20:32])
    said.add([heard("same", one), heard("same", other)])
    folded = fold(pa.array([one, other], pa.string()))
    assert [r.row for r in said.repeats([one, other], folded)] == [0]


def test_more_parts_at_once_than_are_held_leave_the_latest() -> None:
    said, rng = Said(1 << 3), random.Random(2)
    texts = [" ".join(rng.choices(WORDS, k=12)) for _ in range(30)]
    said.add([heard("long", "\n\n".join(texts)), heard("last", texts[0] + " and more")])
    folded = fold(pa.array([texts[1], texts[29]], pa.string()))
    found = [(r.row, r.response.key) for r in said.repeats([texts[1], texts[29]], folded)]
    assert found == [(1, "long")]
