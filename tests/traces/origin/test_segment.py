"""Completions cut into what may be posted."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content import fold_one
from crossfix.traces.origin.segment import MOST, cut, segments

ONE = "Been using the Elm Street branch for twenty years and it is empty."
TWO = "My kids want computers and a quiet desk, not a damp hall."


def texts(completion: str) -> list[str]:
    return [segment.text for segment in segments(completion)]


@pytest.mark.parametrize(
    "completion",
    [
        f"Here are two posts:\n\n1. {ONE}\n2. {TWO}",
        f"- {ONE}\n- {TWO}",
        f"**Post 1:** {ONE}\n\n**Post 2:** {TWO}",
        f"## Drafts\n\n### Bakery\n{ONE}\n\n### Cobbler\n{TWO}",
        f"| Notice | Text |\n|---|---|\n| Hours | {ONE} |\n| Desk | {TWO} |",
        f"> {ONE}\n\n> {TWO}",
        json.dumps({"posts": [{"draft": ONE}, {"draft": TWO}]}),
        f"Sure:\n```json\n{json.dumps([ONE, TWO])}\n```",
        f'1) "{ONE}"\n2) "{TWO}"',
        f"Message 1 (opening)\n{ONE}\n\nMessage 2 (later)\n{TWO}",
        f"Mensaje 1: {ONE}\n\nMensaje 2: {TWO}",
        f"{ONE}\n\n---\n\n{TWO}",
    ],
)
def test_every_way_of_listing_drafts_gives_the_drafts(completion: str) -> None:
    assert texts(completion) == [ONE, TWO]


def test_wrapped_items_are_one_segment() -> None:
    assert texts(f"1. {ONE[:30]}\n{ONE[30:]}\n2. {TWO}") == [
        f"{ONE[:30].strip()} {ONE[30:].strip()}", TWO,
    ]  # fmt: skip


def test_a_mail_gives_its_subject_and_its_paragraphs() -> None:
    mail = f"Subject: Your mailbox is almost full\n\nDear member,\n\n{ONE}\n\n{TWO}"
    assert texts(mail) == ["Your mailbox is almost full", ONE, TWO]


def test_code_is_no_segment() -> None:
    assert texts(f"```python\ndef averages(of_all_readings_here):\n    return 1\n```\n\n{ONE}") == [
        ONE
    ]


def test_equal_drafts_are_one_segment() -> None:
    assert texts(f"- {ONE}\n- {ONE}") == [ONE]


def test_a_text_in_persian_numbers_is_cut() -> None:
    one, two = "سلام دوست عزیز، من آرمان هستم و می‌نویسم", "ما زعفران را مستقیم از کشاورز می‌خریم"
    assert texts(f"متن پیام‌ها:\n\n۱) {one}\n\n۲) {two}") == [one, two]


PIECES = (
    "1. ", "- ", "> ", "| a | ", "## Head\n", "Subject: ", "\n", "\n\n", "`", "**", "{", "]",
    ONE, TWO, "один два три четыре пять шесть семь", "ｆｕｌｌ ｗｉｄｔｈ",
    "图书馆很重要我们都喜欢看书", "short words", "Here are posts:", '["', '"]', "\\ud800", "\u200b",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=5))
@settings(deadline=None, max_examples=60)
def test_many_completions_are_cut_as_each_is(completions: list[str]) -> None:
    found = cut(completions)
    wanted = [(n, s.text) for n, text in enumerate(completions) for s in segments(text)]
    assert list(zip(found.of.tolist(), found.texts, strict=True)) == wanted
    assert found.folded.to_pylist() == [fold_one(text) for _, text in wanted]


def test_no_more_segments_of_a_completion_are_cut_however_many_come_at_once() -> None:
    long = "\n".join(f"- {ONE} number {n}" for n in range(MOST + 50))
    found = cut([f"hi\n\n{TWO}", long, long + " more"])
    assert found.of.tolist() == [0, *[1] * MOST, *[2] * MOST]
    assert found.texts[1 : MOST + 1] == texts(long)


def test_half_a_character_that_json_escapes_is_none() -> None:
    (text,) = texts(json.dumps([ONE + "\ud800"]))
    assert text.encode("utf-8") == (ONE + "?").encode()
