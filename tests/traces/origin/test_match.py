"""Posts traced to outputs by their wording."""

from datetime import UTC, datetime, timedelta

import pytest

from crossfix.traces.origin import Origin, Output, OutputIndex, Post, Sighting

MADE = datetime(2026, 2, 3, 9, 14, tzinfo=UTC)
ONE = "Every neighbour I spoke to this week agrees: close the two branches, keep the mobile van."
TWO = "My kids want computers and a quiet desk, not a damp hall with last year's magazines."
FILLER = "The bus was late again, the dog chewed the left boot of a pair I had just bought. "
OUTPUT = Output(response="r1", text=f"Two posts:\n\n1. {ONE}\n2. {TWO}", service="ai-a", time=MADE)


def post(text: str, minutes: int = 60, name: str = "p1") -> Post:
    return Post(post=name, text=text, service="x", account=f"x:{name}",
                time=MADE + timedelta(minutes=minutes))  # fmt: skip


def trace(*posts: Post) -> list[Sighting]:
    origin = Origin(OutputIndex([OUTPUT]), None)
    origin.take(posts)
    return origin.finish()


@pytest.mark.parametrize(
    ("text", "kind", "segments"),
    [
        (ONE, "verbatim", [1]),
        (ONE.upper().replace("O", "О"), "verbatim", [1]),
        ("\u200b".join(ONE), "verbatim", [1]),
        (ONE.replace("spoke to", "talked with").replace("keep", "save"), "edited", [1]),
        (FILLER + ONE + " " + FILLER, "contained", [1]),
        (f"{TWO} And another thing. {ONE}", "contained", [1, 2]),
        ("close the two branches, keep the mobile van.", "contained", [1]),
    ],
)
def test_copies_are_found_whatever_was_done_to_them(
    text: str, kind: str, segments: list[int]
) -> None:
    found = trace(post(text))
    assert [s.segment for s in found] == segments
    assert found[0].kind in (kind, "edited")
    assert found[0].score >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        FILLER,
        "Every neighbour has a garden.",
        "I spoke to the councillor this week and he agrees with nobody at all, as ever.",
        "",
    ],
)
def test_other_texts_are_no_sightings(text: str) -> None:
    assert trace(post(text)) == []


def test_what_was_posted_before_the_response_comes_from_elsewhere() -> None:
    assert trace(post(ONE, minutes=-1)) == []


def test_a_segment_that_was_about_before_is_no_origin() -> None:
    assert trace(post(ONE, minutes=-60, name="old"), post(ONE, name="new")) == []


FRAME = "Kindly suspend it before {}; {} reported it {} times. It claims to be {} and takes {}."
DRAFT = FRAME.format("Friday", "Gritor Delul", 4, "Delra Partners from Rilzel", 366)


def of_frame(text: str, minutes: int, name: str) -> list[Sighting]:
    origin = Origin(OutputIndex([Output(response="r", text=DRAFT, time=MADE)]), None)
    before = FRAME.format("Monday", "Sanna Holm", 17, "Torvik Works from Ostby", 92)
    origin.take([post(before, minutes=-500, name="before"), post(text, minutes, name)])
    return origin.finish()


def test_a_copy_of_what_fills_an_old_frame_is_found_by_its_own_words() -> None:
    (found,) = of_frame(DRAFT.replace("Kindly", "Please"), 60, "copy")
    assert found.post.post == "copy"


def test_who_fills_an_old_frame_anew_copied_nothing() -> None:
    other = FRAME.format("Sunday", "Fenna Brik", 29, "Mirel Energy from Calden", 140)
    assert of_frame(other, 60, "other") == []


def among_usual_words(said: str, text: str, usual: str) -> list[str]:
    """Trace a text where the words of ``usual`` were said before, in no order."""
    origin = Origin(OutputIndex([Output(response="r", text=said, time=MADE)]), None)
    shuffled = " ".join(sorted(usual.split(), key=lambda word: word[::-1]))
    origin.take([post(shuffled, minutes=-9, name="usual"), post(text, name="text")])
    return [s.post.post for s in origin.finish()]


def test_who_fills_a_frame_of_an_output_with_names_of_his_own_copied_nothing() -> None:
    other = FRAME.format("Sunday", "Fenna Brik", 29, "Mirel Energy from Calden", 140)
    usual = FRAME.replace("{}", "from 29 140 4 366 Friday Sunday")
    assert among_usual_words(DRAFT, DRAFT, usual) == ["text"]
    assert among_usual_words(DRAFT, other, usual) == []
    assert among_usual_words(DRAFT, other, "other words") == ["text"]


def test_a_name_that_is_misspelt_is_the_same_name() -> None:
    said = "The ferry to Grizelholm left without us again, thanks to the mayor"
    usual = "the ferry to left without us again thanks to the mayor"
    assert among_usual_words(said, said.replace("Grizelholm", "Grizelhom"), usual) == ["text"]
    assert among_usual_words(said, said.replace("Grizelholm", "Ostby"), usual) == []


def test_a_sighting_says_where_when_and_of_what() -> None:
    (found,) = trace(post(TWO, minutes=90))
    assert (found.post.post, found.output.response, found.segment) == ("p1", "r1", 2)
    assert found.delay == timedelta(minutes=90)


def test_an_output_of_unknown_time_may_have_been_posted_any_time() -> None:
    origin = Origin(OutputIndex([Output(response="r", text=ONE)]), None)
    origin.take([post(ONE, minutes=-10_000)])
    assert [s.delay for s in origin.finish()] == [None]


def test_the_order_of_batches_changes_nothing() -> None:
    posts = [post(text, name=name) for text, name in ((ONE, "a"), (FILLER, "b"), (TWO, "c"))]
    alone = Origin(OutputIndex([OUTPUT]), None)
    for each in reversed(posts):
        alone.take([each])
    assert alone.finish() == trace(*posts)


def test_what_was_heard_before_the_outputs_is_no_sighting_of_them() -> None:
    origin = Origin(OutputIndex([OUTPUT]), None)
    origin.hear([post(ONE, minutes=-60, name="before"), post(TWO, minutes=5, name="after")])
    origin.take([post(ONE, name="late"), post(TWO, name="later")])
    assert [s.post.post for s in origin.finish()] == ["later"]
    assert origin.taken == 2


def test_nothing_is_heard_where_there_are_no_outputs() -> None:
    origin = Origin(OutputIndex([]), None)
    origin.hear([post(ONE)])
    assert origin.finish() == []
