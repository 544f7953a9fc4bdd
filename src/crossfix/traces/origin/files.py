"""Outputs and posts as people have them in files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from crossfix.errors import InputError
from crossfix.events import Event, from_batch
from crossfix.events.readers import ReadOptions, Source, Tally, choose, read_files
from crossfix.events.readers.read import Progress
from crossfix.events.readers.refused import SideFile
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader, table_in
from crossfix.traces.origin.output import Output, Post
from crossfix.traces.origin.output_table import chosen, output_of

_LONGEST_PROMPT = 40_000

_POSTED = frozenset({"post", "reply", "message", "send", "profile", "visit", "complaint"})
_SAID = frozenset({"completion", "tool_call"})


def read_outputs(
    paths: Sequence[str], options: ReadOptions, tallies: list[Tally], *,
    side_file: SideFile | None = None,
) -> Iterator[Output]:  # fmt: skip
    """Yield the outputs of files: tables with a text a row, or any log of an AI service.

    Args:
        options: its ``map`` names columns of tables, by the fields of an output.
        side_file: where refused rows go.

    Raises:
        InputError: a file does not exist or is empty, or there are no outputs at all.
        ColumnError: a table has no column for the text, or not the one that was named.
        SettingError: outputs have no such field.
    """
    count = 0
    side = side_file or SideFile(None)
    for source in _sources(paths):
        for output in _outputs_in(source, options, tallies, side):
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


def _outputs_in(
    source: Source, options: ReadOptions, tallies: list[Tally], side: SideFile
) -> Iterator[Output]:
    if source.empty:
        raise InputError("the file is empty", path=source.path)
    table = table_in(source)
    if table is None or not isinstance(reader := choose(source), TableReader):
        yield from _outputs_of_events(source, options, tallies, side)
        return
    tally = Tally(source.path, reader.name, refuse=side.of(source.path))
    tallies.append(tally)
    with side:
        for rows in table[0].rows(source, tally, options.batch_rows):
            for output in _outputs_of(rows, source, options.map, tally):
                tally.read += 1
                yield output


def _outputs_of(
    rows: Rows, source: Source, mapped: Mapping[str, str], tally: Tally
) -> Iterator[Output]:
    columns = chosen(rows.columns, mapped, source.path)
    tally.note("columns: " + ", ".join(f"{k} = {v}" for k, v in columns.items()))
    held = {name: rows.columns[column].to_pylist() for name, column in columns.items()}
    for at, number in enumerate(rows.numbers.tolist()):
        output = output_of({name: values[at] for name, values in held.items()}, number)
        if output is None:
            tally.skip("no text", number, rows.show(at))
        else:
            yield output


def _outputs_of_events(
    source: Source, options: ReadOptions, tallies: list[Tally], side: SideFile
) -> Iterator[Output]:
    reading = read_files([source], replace(options, map={}), side_file=side)
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
    format: str | None = None, side_file: SideFile | None = None, progress: Progress | None = None,
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
