"""Tables of outputs, as people and programs write them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossfix.errors import ColumnError, SettingError
from crossfix.events.readers import ReadOptions, Tally
from crossfix.traces.origin import Output
from crossfix.traces.origin.files import read_outputs
from crossfix.traces.origin.output_table import completion_in
from crossfix.traces.origin.segment import segments

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ONE = "Every neighbour I spoke to this week agrees: close the two branches."
TWO = "My kids want computers and a quiet desk, not last year's magazines."


def outputs(folder: Path, *rows: dict[str, Any], **mapped: str) -> list[Output]:
    path = folder / "outputs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tallies: list[Tally] = []
    return list(read_outputs([str(path)], ReadOptions(now=NOW, map=mapped), tallies))


@pytest.mark.parametrize(
    "row",
    [
        {"text": f"1. {ONE}\n2. {TWO}"},
        {"response": f"- {ONE}\n- {TWO}"},
        {"segments": [ONE, TWO]},
        {"drafts": [{"text": ONE}, {"text": TWO}]},
        {"object": "chat.completion",
         "choices": [{"message": {"role": "assistant", "content": f"1. {ONE}\n2. {TWO}"}}]},
        {"choices": [{"message": {"role": "assistant", "content": ONE}},
                     {"message": {"role": "assistant", "content": TWO}}]},
        {"choices": [{"text": f"1) {ONE}\n2) {TWO}", "index": 0}]},
        {"object": "response", "output": [{"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": f"1. {ONE}\n2. {TWO}"}]}]},
        {"type": "message", "role": "assistant",
         "content": [{"type": "text", "text": ONE}, {"type": "text", "text": TWO}]},
        {"candidates": [{"content": {"role": "model", "parts": [{"text": ONE}, {"text": TWO}]}}]},
    ],
    ids=lambda row: "-".join(row),
)  # fmt: skip
def test_an_output_is_read_in_the_shape_that_it_was_kept_in(
    row: dict[str, Any], tmp_path: Path
) -> None:
    (found,) = outputs(tmp_path, {"id": "r1", "created": 1_735_689_600, "model": "gpt-5"} | row)
    if "candidates" in row:  # its parts are the lines of one text
        assert segments(found.text)[0].text == f"{ONE} {TWO}"
    else:
        assert [part.text for part in segments(found.text)] == [ONE, TWO]
    assert (found.response, found.service) == ("r1", "openai")
    assert found.time == datetime(2025, 1, 1, tzinfo=UTC)


def test_columns_can_be_named(tmp_path: Path) -> None:
    (found,) = outputs(tmp_path, {"rid": 7, "said": ONE, "when": "2025-05-01"},
                       text="said", response="rid", time="when")  # fmt: skip
    assert (found.response, found.text) == ("7", ONE)
    assert found.time == datetime(2025, 5, 1, tzinfo=UTC)


def test_an_unknown_field_and_a_column_that_is_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no field 'words'"):
        outputs(tmp_path, {"said": ONE}, words="said")
    with pytest.raises(ColumnError, match="Did you mean 'said'"):
        outputs(tmp_path, {"said": ONE}, text="sad")
    with pytest.raises(ColumnError, match="--map-outputs text=COLUMN"):
        outputs(tmp_path, {"said": ONE})


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_a_row_without_a_text_is_skipped(nothing: object, tmp_path: Path) -> None:
    found = outputs(tmp_path, {"id": "1", "text": ONE}, {"id": "2", "text": nothing})
    assert [output.response for output in found] == ["1"]


@pytest.mark.parametrize("cell", [[], [{}], [{"message": None}], 7, {"a": 1}, [[ONE]], [None]])
def test_what_holds_no_completion_has_no_text(cell: object) -> None:
    assert completion_in(cell) is None
