"""Outputs in tables: which column says what, and what a cell holds of a completion."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from crossfix.errors import ColumnError, SettingError
from crossfix.events.readers.chat_turns import answers_of, service_of_model, text_of
from crossfix.events.readers.columns import listed, normal
from crossfix.events.readers.times import parse_time
from crossfix.traces.origin.output import Output

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "completion", "output", "answer", "response_text", "generation", "content",
             "message", "body", "full_text", "response", "output_text", "model_output",
             "generated_text", "choices", "segments", "drafts", "candidates"),
    "response": ("response_id", "response", "completion_id", "output_id", "request_id", "id",
                 "uuid", "native_id", "message_id"),
    "service": ("service", "provider", "platform"),
    "account": ("account", "account_id", "user_id", "user", "safety_identifier", "author"),
    "time": ("time", "created_at", "created", "timestamp", "datetime", "date", "ts"),
    "prompt": ("prompt", "prompt_text", "input", "question"),
    "model": ("model",),
}  # fmt: skip
"""What is told of an output -> normalised column names, the surest first."""

_DEEP = 8


def chosen(columns: Iterable[str], mapped: Mapping[str, str], path: str) -> dict[str, str]:
    """Return which column says what; what ``mapped`` says wins.

    Raises:
        SettingError: outputs have no such field.
        ColumnError: a column that was named is not there, or none is recognised as the text.
    """
    held = list(columns)
    by_name = {normal(column): column for column in held}
    found = _mapped(held, mapped, path)
    for name, usual in COLUMNS.items():
        free = [by_name[n] for n in usual if n in by_name and by_name[n] not in found.values()]
        if free and name not in found:
            found[name] = free[0]
    if "text" not in found:
        raise ColumnError(
            f"no column is recognised as the text; columns seen: {listed(held)}", path=path,
            hint=f"Name it: --map-outputs text=COLUMN\nRecognised are: {listed(COLUMNS['text'])}",
        )  # fmt: skip
    return found


def _mapped(held: list[str], mapped: Mapping[str, str], path: str) -> dict[str, str]:
    for name, column in mapped.items():
        said = f"--map-outputs {name}={column}"
        if name not in COLUMNS:
            raise SettingError(f"{said}: outputs have no field {name!r}",
                               hint=f"Fields: {', '.join(COLUMNS)}")  # fmt: skip
        if column not in held:
            close = difflib.get_close_matches(column, held, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Columns: {listed(held)}"
            raise ColumnError(f"there is no column {column!r} ({said})", path=path, hint=hint)
    return dict(mapped)


def output_of(row: Mapping[str, Any], number: int) -> Output | None:
    """Return the output that a row tells of, or None if it has no text.

    ``row`` has the fields of `COLUMNS`; ``number`` stands for an id where there is none.
    """
    text = completion_in(row.get("text"))
    if text is None:
        return None
    model = _told(row, "model")
    service = _told(row, "service") or (service_of_model(model, None) if model else "unknown")
    account = _told(row, "account")
    if account is not None and not account.startswith(f"{service}:"):
        account = f"{service}:{account}"
    return Output(
        response=_told(row, "response") or str(number), text=text, service=service,
        account=account, time=_instant(row.get("time")), prompt=_told(row, "prompt"),
    )  # fmt: skip


def _told(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return None if value is None or value == "" else str(value)


def _instant(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return parse_time(value)


def completion_in(cell: Any) -> str | None:
    """Return the text of a completion that a cell holds, or None.

    A cell is a text, a list of the parts that it was cut into already, or what a model API gave
    (the choices, candidates, output items or content of a response).
    """
    if isinstance(cell, str):
        return cell if cell.strip() else None
    parts = cell if isinstance(cell, list | tuple) else [cell]
    found = [text for part in parts if (text := _part(part, 0))]
    return "\n\n".join(found) or None


def _part(part: Any, deep: int) -> str | None:
    if isinstance(part, str):
        return part.strip()
    if not isinstance(part, dict) or deep == _DEEP:
        return None
    for shape in ("choices", "candidates", "output"):
        said = [turn.text for turn in answers_of({shape: [part]}) if turn.text and not turn.refused]
        if said:
            return "\n\n".join(said)
    return text_of([part]) or _part(part.get("message"), deep + 1) or text_of(part.get("content"))
