import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.content.finding import Finding
from crossfix.guard.sse import Splitter, fields
from crossfix.guard.stream import MOST_LANES, Mode, Screen
from crossfix.guard.wire import WIRES, Ask, MalformedError, Refusal

BAD = "forbidden"
FOUND = Finding(check="indicator", name="bad")
NO = Refusal(status=403, code="content_policy_violation", kind="denied", message="No.")
CUT = Refusal(status=502, code="upstream_cut", kind="outside", message="Cut.")


class Plain:
    """A scanner that looks at everything at once, from the beginning, each time."""

    def __init__(self) -> None:
        self.text = ""
        self.told = False

    @property
    def scanned(self) -> int:
        return len(self.text)

    def feed(self, chunk: str) -> Sequence[Finding]:
        self.text += chunk
        if BAD in self.text and not self.told:
            self.told = True
            return (FOUND,)
        return ()

    def finish(self) -> Sequence[Finding]:
        return ()


def event(text: str = "", index: int = 0, finish: str | None = None) -> bytes:
    delta = {"content": text} if text else {}
    body = {"id": "c", "model": "m",
            "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}  # fmt: skip
    return b"data: " + json.dumps(body).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def screen(
    mode: Mode, *, soft: bool = False, window: int = 16, most_held: int = 1 << 20,
    refuses: Callable[[], bool] = lambda: False,
) -> Screen:  # fmt: skip
    def judge(found: tuple[Finding, ...], whole: bool) -> Refusal | None:
        return NO if found or (whole and refuses()) else None

    reader = WIRES["/v1/chat/completions"].reader(Ask(model="m"))
    return Screen(reader, mode, judge, Plain, soft=soft, window=window, most_held=most_held)


def said(raw: bytes) -> str:
    """What a client reads in a stream, of all its choices."""
    found = ""
    for one in Splitter().feed(raw):
        _, data = fields(one)
        if data and data != b"[DONE]":
            for choice in json.loads(data).get("choices", ()):
                found += choice["delta"].get("content") or ""
    return found


@given(
    st.lists(st.text("abc de", min_size=1, max_size=9)),
    st.sampled_from(["observe", "window", "hold"]),
)
def test_a_stream_without_findings_comes_out_byte_for_byte(words: list[str], mode: Mode) -> None:
    events = [event(), *map(event, words), event(finish="stop"), DONE]
    one = screen(mode)
    assert b"".join(one.take([e]) for e in events) == b"".join(events)
    assert one.ended
    assert one.refusal is None


@given(st.text("abc ", max_size=60), st.text("abc ", max_size=60), st.data())
def test_nothing_of_what_is_found_goes_out_while_the_window_is_as_long(
    before: str, after: str, data: st.DataObject
) -> None:
    whole, events = before + BAD + after, []
    while whole:
        size = data.draw(st.integers(1, len(whole)))
        events.append(event(whole[:size]))
        whole = whole[size:]
    for mode in ("window", "hold"):
        one = screen(mode)  # type: ignore[arg-type]
        out = b"".join(one.take([e]) for e in [*events, event(finish="stop"), DONE])
        assert before.startswith(said(out))
        assert out.endswith(DONE)
        assert b'"content_filter"' in out
        assert b'"content_policy_violation"' in out


def of_messages(kind: str, index: int = 0, **more: object) -> bytes:
    """An event of Anthropic's format."""
    return b"data: " + json.dumps({"type": kind, "index": index, **more}).encode() + b"\n\n"


@given(st.lists(st.text("abc ", min_size=1, max_size=40), min_size=1, max_size=4), st.booleans())
def test_the_end_of_a_message_fits_the_blocks_that_the_client_has_seen(
    blocks: list[str], soft: bool
) -> None:
    events = [of_messages("message_start", message={"id": "m", "model": "m"})]
    for n, text in enumerate([*blocks, BAD]):
        events.append(of_messages("content_block_start", n, content_block={"type": "text"}))
        delta = {"type": "text_delta", "text": text}
        events.append(of_messages("content_block_delta", n, delta=delta))
        events.append(of_messages("content_block_stop", n))

    def judge(found: tuple[Finding, ...], whole: bool) -> Refusal | None:
        return NO if found else None

    reader = WIRES["/v1/messages"].reader(Ask(model="m"))
    one = Screen(reader, "window", judge, Plain, window=30, soft=soft)
    out = b"".join(one.take([e]) for e in events)
    open_blocks: list[int] = []
    for event in Splitter().feed(out):
        said = json.loads(fields(event)[1])
        if said["type"] == "content_block_start":
            assert not open_blocks
            open_blocks.append(said["index"])
        elif said["type"] in ("content_block_delta", "content_block_stop"):
            assert open_blocks == [said["index"]]
            if said["type"] == "content_block_stop":
                open_blocks.clear()
    assert open_blocks == []
    assert one.refusal is NO


def test_a_choice_whose_end_was_held_back_is_finished_as_filtered() -> None:
    one = screen("window", window=40)
    out = one.take([event("ends", 0, "stop"), event("fine", 1), event(BAD, 1)])
    finishes = {}
    for raw in Splitter().feed(out):
        data = fields(raw)[1]
        for choice in json.loads(data).get("choices", ()) if data != b"[DONE]" else ():
            finishes[choice["index"]] = choice["finish_reason"]
    assert finishes == {0: "content_filter", 1: "content_filter"}


@pytest.mark.parametrize("soft", [True, False])
def test_a_response_that_was_held_back_whole_still_begins_before_it_ends(soft: bool) -> None:
    def judge(found: tuple[Finding, ...], whole: bool) -> Refusal | None:
        return NO if found else None

    reader = WIRES["/v1/responses"].reader(Ask(model="m"))
    one = Screen(reader, "hold", judge, Plain, soft=soft)
    response = {"id": "resp_9", "status": "in_progress", "output": []}
    events = [{"type": "response.created", "sequence_number": 0, "response": response},
              {"type": "response.output_text.delta", "sequence_number": 1,
               "delta": BAD}]  # fmt: skip
    out = one.take([b"data: " + json.dumps(e).encode() + b"\n\n" for e in events])
    said = [json.loads(fields(e)[1]) for e in Splitter().feed(out)]
    last = "response.incomplete" if soft else "response.failed"
    assert [e["type"] for e in said] == ["response.created", *([] if soft else ["error"]), last]
    assert said[0]["response"]["id"] == "resp_9"
    numbers = [e["sequence_number"] for e in said]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("mode", ["observe", "window"])
def test_what_came_before_garbage_in_one_piece_is_not_lost(mode: Mode) -> None:
    one = screen(mode)
    with pytest.raises(MalformedError):
        one.take([event("fine words"), b"data: {not json\n\n"])
    assert said(one.stop(CUT)) == "fine words"


def test_observing_judges_the_whole_alone() -> None:
    asked: list[bool] = []

    def judge(found: tuple[Finding, ...], whole: bool) -> None:
        asked.append(whole)

    one = Screen(WIRES["/v1/chat/completions"].reader(Ask(model="m")), "observe", judge, Plain)
    one.take([event(BAD), event("more"), DONE])
    assert asked == [True]


def test_the_window_lets_go_what_is_older_than_itself() -> None:
    one = screen("window", window=10)
    out = b"".join(one.take([event("0123456789")]) for _ in range(5))
    assert said(out) == "0123456789" * 4


def test_observing_stops_nothing() -> None:
    one = screen("observe")
    events = [event(BAD), event(finish="stop"), DONE]
    assert one.take(events) == b"".join(events)


def test_a_lane_that_says_no_more_does_not_hold_the_others_back() -> None:
    one = screen("window", window=10)
    out = one.take([event("short", index=1)])
    out += b"".join(one.take([event("0123456789")]) for _ in range(9))
    assert "short" in said(out)


def test_a_soft_end_is_a_filtered_finish_without_an_error() -> None:
    one = screen("window", soft=True)
    out = one.take([event("fine"), event(BAD)])
    assert b"error" not in out
    assert b'"finish_reason":"content_filter"' in out
    assert out.endswith(DONE)


def test_a_judgement_of_the_whole_stops_what_is_still_held() -> None:
    one = screen("hold", refuses=lambda: True)
    out = one.take([event("all of it"), event(finish="stop"), DONE])
    assert said(out) == ""
    assert one.refusal is NO


def test_where_the_upstream_stops_the_rest_and_the_error_come() -> None:
    one = screen("window")
    assert one.take([event("a few words")]) == b""
    out = one.stop(CUT)
    assert said(out) == "a few words"
    assert b'"upstream_cut"' in out
    assert out.endswith(DONE)
    held = screen("hold")
    held.take([event("a few words")])
    assert said(held.stop(CUT)) == ""


def test_what_is_held_is_bounded_and_so_are_lanes() -> None:
    one = screen("hold", most_held=1000)
    out = b"".join(one.take([event("x" * 50)]) for _ in range(20))
    assert b'"stream_too_long"' in out
    many = screen("window")
    many.take([event("x", index=n) for n in range(MOST_LANES)])
    with pytest.raises(MalformedError):
        many.take([event("x", index=MOST_LANES)])


@pytest.mark.parametrize(
    "raw", [b"data: {\n\n", b"data: []\n\n", b"data: " + b"[" * 5000 + b"\n\n"]
)
def test_what_is_no_chunk_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        screen("window").take([raw])
