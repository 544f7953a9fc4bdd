"""Templates of prompts: what stays while slots change, compared with looking word by word."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import Event, to_batch
from crossfix.traces.prompt_frame import ACCOUNTS, LEAST_WORDS, RUN, PromptFrame
from crossfix.traces.sample import sample


def prompt(account: int, text: str, number: int = 0) -> Event:
    return sample(
        id=f"p{account}-{number}", action="prompt", account=f"openai:u{account}", text=text
    )


def keys(events: list[Event]) -> list[tuple[int, str]]:
    made = PromptFrame()
    half = len(events) // 2
    made.add(to_batch(events[:half]))
    made.add(to_batch(events[half:]))
    found = made.finish()
    return list(zip(found.rows.tolist(), found.values.to_pylist(), strict=True))


TEMPLATE = "Write {} short posts in the voice of {} who is angry about {} and never mention us"


def test_accounts_that_fill_one_template_leave_its_frame() -> None:
    slots = [("a nurse from Hull", "the cable"), ("an old fisherman", "fees at the port"),
             ("two students", "the new stadium tax")]  # fmt: skip
    events = [prompt(n, TEMPLATE.format(n + 5, *slot)) for n, slot in enumerate(slots)]
    events += [prompt(9, "Why is my bread always so dense when I bake it on Sundays"),
               sample(id="x", text=TEMPLATE.format(7, "a baker", "tolls"))]  # fmt: skip
    found = keys(events)
    assert {row for row, _ in found} == {0, 1, 2}
    assert len({value for _, value in found}) == 1


def test_two_accounts_are_no_template_and_neither_is_one_text() -> None:
    two = [prompt(n, TEMPLATE.format(n, who, "it")) for n, who in enumerate(("a nurse", "a cook"))]
    assert keys(two) == []
    same = [prompt(n, "Please correct the grammar of the following letter to my bank")
            for n in range(6)]  # fmt: skip
    assert keys(same) == []


WORDS = st.lists(st.sampled_from("abcd"), min_size=0, max_size=12)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 4), WORDS), max_size=9))
def test_frames_are_those_of_looking_word_by_word(said: list[tuple[int, list[str]]]) -> None:
    who: dict[tuple[str, ...], set[int]] = {}
    for account, words in said:
        for at in range(len(words) - RUN + 1):
            who.setdefault(tuple(words[at : at + RUN]), set()).add(account)
    expected = []
    for row, (_, words) in enumerate(said):
        shared = [len(who[tuple(words[at : at + RUN])]) >= ACCOUNTS
                  for at in range(len(words) - RUN + 1)]  # fmt: skip
        at = 0
        while at < len(shared):
            end = at
            while end < len(shared) and shared[end]:
                end += 1
            if end > at and LEAST_WORDS <= end - at + RUN - 1 < len(words):
                expected.append((row, " ".join(words[at : end + RUN - 1])))
            at = end + 1
    events = [prompt(account, " ".join(w), n) for n, (account, w) in enumerate(said)]
    found = keys(events)
    assert sorted(row for row, _ in found) == sorted(row for row, _ in expected)
    assert len({v for _, v in found}) == len({text for _, text in expected})
