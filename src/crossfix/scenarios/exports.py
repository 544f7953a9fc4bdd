"""A world as its services would export it, for those who want files as they find them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from crossfix.scenarios.chats import write_chats
from crossfix.scenarios.world import World
from crossfix.scenarios.writing import POSTS, Report, batches, write_truth

Row = dict[str, Any]


def write_exports(world: World, out: Path, report: Report = lambda posts: None) -> list[Path]:
    """Write the world's posts in the formats of their services, its chats with a model, its truth.

    Makes ``x.csv``, ``facebook.jsonl``, ``telegram.json`` (an export of one group), ``web.jsonl``
    where there are comments, ``chats.jsonl`` (calls of an AI service), ``labels.csv`` and
    ``world.json``; returns their paths.
    """
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files = _Exports(out, stack)
        for table in batches(world):
            for row in table.to_pylist():
                files.write(row)
            report(table.num_rows)
    chats, speakers = write_chats(world, out / "chats.jsonl")
    return [*files.paths, chats, *write_truth(world, out, speakers)]


class _Exports:
    """The open files of the services; each is made when its first post comes."""

    def __init__(self, out: Path, stack: ExitStack) -> None:
        self._out = out
        self._stack = stack
        self._writers: dict[str, Any] = {}
        self.paths: list[Path] = []

    def write(self, row: Row) -> None:
        service = str(row["service"])
        if service not in self._writers:
            name, kind = _KINDS.get(service, ("web.jsonl", _Lines))
            self.paths.append(self._out / name)
            file = self._stack.enter_context(
                (self._out / name).open("w", encoding="utf-8", newline="")
            )
            self._writers[service] = self._stack.enter_context(kind(file))
        self._writers[service].write(row)


class _Export:
    """One file being written; leaving it ends the file as its format wants."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.begin()

    def __enter__(self) -> _Export:
        return self

    def __exit__(self, *failure: object) -> None:
        self.end()

    def begin(self) -> None:
        """Write what stands before the first post."""

    def end(self) -> None:
        """Write what stands after the last post."""

    def write(self, row: Row) -> None:
        """Write one post."""
        raise NotImplementedError


class _Csv(_Export):
    """Posts as a table; lists are separated by spaces."""

    def begin(self) -> None:
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(POSTS.names)

    def write(self, row: Row) -> None:
        self._rows.writerow([_cell(row[name]) for name in POSTS.names])


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if hasattr(value, "strftime") else value


class _Lines(_Export):
    """Posts as JSON, one a line; what is absent is left out."""

    def write(self, row: Row) -> None:
        held = {k: _plain(v) for k, v in row.items() if v is not None and v != []}
        self._file.write(json.dumps(held, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    return _cell(value) if hasattr(value, "strftime") else value


class _Telegram(_Export):
    """The export of one public group, as Telegram Desktop makes it."""

    def begin(self) -> None:
        self._numbers: dict[str, int] = {}
        self._authors: dict[str, str] = {}
        self._file.write('{"name": "Town square", "type": "public_supergroup", "id": 4711,\n')
        self._file.write(' "messages": [\n')

    def end(self) -> None:
        self._file.write("\n ]}\n")

    def write(self, row: Row) -> None:
        number = len(self._numbers) + 1
        self._numbers[row["post_id"]] = number
        self._authors[row["post_id"]] = row["account"]
        message: Row = {
            "id": number,
            "type": "message",
            "date": row["created_at"].strftime("%Y-%m-%dT%H:%M:%S"),
            "date_unixtime": str(int(row["created_at"].timestamp())),
            "from": row["display_name"],
            "from_id": row["account"],
        }
        if row["retweet_of"]:
            message["forwarded_from"] = self._authors[row["retweet_of"]]
        if row["in_reply_to_id"]:
            message["reply_to_message_id"] = self._numbers[row["in_reply_to_id"]]
        parts = list(_parts(row["text"]))
        message |= {"text": parts, "text_entities": [_entity(part) for part in parts]}
        comma = ",\n" if number > 1 else ""
        self._file.write(comma + json.dumps(message, ensure_ascii=False))


def _parts(text: str) -> Iterator[str | Row]:
    """Cut a text into plain pieces and the words that Telegram marks."""
    kinds = {"https://": "link", "#": "hashtag", "@": "mention"}
    plain: list[str] = []
    for word in text.split(" "):
        kind = next((k for sign, k in kinds.items() if word.startswith(sign)), None)
        if kind is None:
            plain.append(word)
            continue
        yield " ".join([*plain, ""])
        yield {"type": kind, "text": word}
        plain = [""]
    yield " ".join(plain)


def _entity(part: str | Row) -> Row:
    return {"type": "plain", "text": part} if isinstance(part, str) else part


_KINDS: dict[str, tuple[str, type[_Export]]] = {
    "x": ("x.csv", _Csv),
    "facebook": ("facebook.jsonl", _Lines),
    "telegram": ("telegram.json", _Telegram),
}
