"""Outputs and posts as people have them in files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from crossfix.errors import ColumnError, InputError
from crossfix.events import Event, from_batch
from crossfix.events.readers import ReadOptions, Source, Tally, choose, read_files
from crossfix.events.readers.columns import listed, normal
from crossfix.events.readers.read import Progress
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader, table_in
from crossfix.events.readers.times import parse_time
from crossfix.traces.origin.output import Output, Post

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "completion", "output", "answer", "response_text", "generation", "content",
             "message", "body", "full_text", "response"),
    "response": ("response_id", "response", "completion_id", "output_id", "request_id", "id",
                 "uuid", "native_id", "message_id"),
    "service": ("service", "provider", "platform"),
    "account": ("account", "account_id", "user_id", "user", "safety_identifier", "author"),
    "time": ("time", "created_at", "created", "timestamp", "datetime", "date"),
    "prompt": ("prompt", "prompt_text", "input", "question"),
}  # fmt: skip
"""What is told of an output -> normalised column names, the surest first."""

_LONGEST_PROMPT = 40_000

_POSTED = frozenset({"post", "reply", "message", "send", "profile", "visit", "complaint"})
_SAID = frozenset({"completion", "tool_call"})


def read_outputs(paths: Sequence[str], options: ReadOptions, tallies: list[Tally]
                 ) -> Iterator[Output]:  # fmt: skip
    """Yield the outputs of files: tables with a text a row, or any log of an AI service.

    Raises:
        InputError: a file does not exist or is empty, or there are no outputs at all.
        ColumnError: a table has no column for the text.
    """
    count = 0
    for source in _sources(paths):
        for output in _outputs_in(source, options, tallies):
            count += 1
            yield output
    if not count:
        raise InputError("there are no outputs in what was given",
                         hint="\n".join(map(str, tallies)))  # fmt: skip


def _sources(paths: Sequence[str]) -> Iterator[Source]:
    for path in paths:
        source = Source.of(path)
        if source.directory or source.zipped:
            yield from (member for member in source.members() if not member.empty)
        else:
            yield source


def _outputs_in(source: Source, options: ReadOptions, tallies: list[Tally]) -> Iterator[Output]:
    if source.empty:
        raise InputError("the file is empty", path=source.path)
    table = table_in(source)
    if table is None or not isinstance(reader := choose(source), TableReader):
        yield from _outputs_of_events(source, options, tallies)
        return
    tally = Tally(source.path, reader.name)
    tallies.append(tally)
    for rows in table[0].rows(source, tally, options.batch_rows):
        for output in _outputs_of(rows, source, tally):
            tally.read += 1
            yield output


def _outputs_of(rows: Rows, source: Source, tally: Tally) -> Iterator[Output]:
    columns = _chosen(rows.columns, source.path)
    held = {name: rows.columns[column].to_pylist() for name, column in columns.items()}
    for at, number in enumerate(rows.numbers.tolist()):
        row = {name: values[at] for name, values in held.items()}
        if not isinstance(row.get("text"), str) or not row["text"].strip():
            tally.skip("no text", number, rows.show(at))
            continue
        yield _output(row, str(number))


def _chosen(columns: Iterable[str], path: str) -> dict[str, str]:
    by_name = {normal(column): column for column in columns}
    found: dict[str, str] = {}
    for name, usual in COLUMNS.items():
        free = [by_name[n] for n in usual if n in by_name and by_name[n] not in found.values()]
        if free:
            found[name] = free[0]
    if "text" not in found:
        raise ColumnError(
            f"no column is recognised as the text; columns seen: {listed(by_name.values())}",
            path=path, hint=f"Name it one of: {', '.join(COLUMNS['text'])}",
        )  # fmt: skip
    return found


def _output(row: Mapping[str, Any], number: str) -> Output:
    def told(name: str) -> str | None:
        value = row.get(name)
        return None if value is None or value == "" else str(value)

    service = told("service") or "unknown"
    account = told("account")
    if account is not None and not account.startswith(f"{service}:"):
        account = f"{service}:{account}"
    said = told("time")
    return Output(
        response=told("response") or number, text=row["text"], service=service, account=account,
        time=None if said is None else _instant(row["time"]), prompt=told("prompt"),
    )  # fmt: skip


def _instant(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return parse_time(value)


def _outputs_of_events(
    source: Source, options: ReadOptions, tallies: list[Tally]
) -> Iterator[Output]:
    reading = read_files([source], options)
    try:
        prompts: dict[str, str] = {}
        for batch in reading:
            for event in from_batch(batch):
                if event.action == "prompt" and event.text:
                    prompts[event.id] = event.text[:_LONGEST_PROMPT]
                elif event.action in _SAID and event.text:
                    yield Output(
                        response=event.attributes.get("native", event.id), text=event.text,
                        service=event.service, account=event.account, time=event.time,
                        prompt=prompts.get(event.parent or ""),
                    )  # fmt: skip
    finally:
        tallies.extend(reading.tallies)


def read_posts(
    paths: Sequence[str], options: ReadOptions, tallies: list[Tally], *,
    format: str | None = None, side_file: Path | None = None, progress: Progress | None = None,
) -> Iterator[list[Post]]:  # fmt: skip
    """Yield the posts of files in batches, by any reader; reposts say nothing of their own.

    Raises:
        InputError: a file does not exist or is empty, or there are no events at all.
        ColumnError: a table lacks the account or the time.
    """
    reading = read_files(paths, replace(options, native=True, batch_rows=16_384), format=format,
                         side_file=side_file, progress=progress)  # fmt: skip
    try:
        for batch in reading:
            posts = [post for event in _texts(batch) if (post := _post(event)) is not None]
            if posts:
                yield posts
    finally:
        tallies.extend(reading.tallies)


def _texts(batch: pa.RecordBatch) -> Iterator[Event]:
    return from_batch(batch)


def _post(event: Event) -> Post | None:
    if event.action not in _POSTED or event.surface == "ai":
        return None
    text = event.text or event.attributes.get("bio")
    if not text:
        return None
    subject = event.attributes.get("subject")
    return Post(
        post=event.attributes.get("native", event.id),
        text=f"{subject}\n{text}" if subject else text,
        service=event.service,
        account=event.account,
        time=event.time,
        actor=event.attributes.get("person"),
        url=event.attributes.get("url"),
    )
