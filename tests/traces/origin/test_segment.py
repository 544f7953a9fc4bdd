"""Completions cut into what may be posted."""

import json

import pytest

from crossfix.traces.origin.segment import segments

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
