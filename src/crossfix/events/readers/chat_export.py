"""What people get when they ask ChatGPT or Claude for their data: ``conversations.json``."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import xxhash

from crossfix.errors import CrossfixError
from crossfix.events.event import Action, Event
from crossfix.events.readers.batches import BAD_TIME, batches
from crossfix.events.readers.chat_turns import Call, text_of, turns_of
from crossfix.events.readers.json_fields import (
    RefusedError,
    first,
    ident,
    instant,
    member,
    members,
    some,
    string,
)
from crossfix.events.readers.json_records import (
    LONGEST_RECORD,
    events_of_each,
    records,
    sample,
    share,
)
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.x_archive import at_the_top

_WITHIN = (("conversations", "*"),)
_FILE = "conversations.json"
_SPOKEN = frozenset({"text", "multimodal_text", "code", "execution_output", "tether_quote"})


class ChatExport(Reader):
    """Reads the conversations of one person's export, alone or in its zip or folder.

    The owner is who user.json names; a bare conversations.json does not say who, so that its
    events belong to an account named after its first conversation.
    """

    name = "chat-export"

    def recognises(self, source: Source) -> float:
        """Return .95 for an export's conversations, or an archive that holds such a file."""
        file: Source | None = source
        try:
            if source.directory or source.zipped:
                paths = [file.path.lower() for file in source.members()]
                file = _inside(source).get(_FILE) if _FILE in at_the_top(paths) else None
            return 0.95 * share(sample(file, _WITHIN) or _cut(file), _fits) if file else 0.0
        except CrossfixError:
            return 0.0

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield prompts, completions and tool calls, with the branches of edited prompts."""
        said = service_of(options.service) if options.service else None
        yield from batches(_events(source, said, tally), options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return an archive of ChatGPT's and the conversations of Claude's."""
        return [("chatgpt.zip", _example_zip()), ("conversations.json", _example_claude())]


def _fits(value: Any) -> bool:
    return isinstance(member(value, "mapping"), dict) or (
        isinstance(member(value, "chat_messages"), list) and string(value, "uuid") is not None
    )


def _cut(source: Source) -> list[Any]:
    """Return what the head shows of a first conversation that is longer than the head."""
    head = source.head[:4096]
    if b'"mapping"' in head and b'"create_time"' in head:
        return [{"mapping": {}}]
    if b'"chat_messages"' in head and b'"uuid"' in head:
        return [{"chat_messages": [], "uuid": "-"}]
    return []


def _inside(source: Source) -> dict[str, Source]:
    try:
        files = [file for file in source.members() if file.name in (_FILE, "user.json")]
    except CrossfixError:
        return {}
    # The outermost of several: parts of an export may hold copies.
    files.sort(key=lambda file: len(PurePosixPath(file.path).parts), reverse=True)
    return {file.name: file for file in files}


def _events(source: Source, said: str | None, tally: Tally) -> Iterator[tuple[int, Event]]:
    owner = None
    if source.directory or source.zipped:
        files = _inside(source)
        if _FILE not in files:
            tally.skip("no conversations.json in the archive", 1, "")
            return
        if "user.json" in files:
            owner = _owner(files["user.json"], tally)
        source = files[_FILE]
        tally.note("of an archive only conversations.json and user.json are read")
    elif (beside := Path(source.path).with_name("user.json")).is_file():
        owner = _owner(Source.of(beside), tally)
    make = _Maker(owner, said, tally)
    found = records(source, tally, within=_WITHIN, max_record=LONGEST_RECORD)
    yield from events_of_each(((n, value) for n, _, value in found), make, tally)


def _owner(user: Source, tally: Tally) -> str | None:
    return next((first(value, "id", "email") for _, _, value in records(user, tally)), None)


class _Maker:
    """Turns conversations into events; remembers who the owner is."""

    def __init__(self, owner: str | None, said: str | None, tally: Tally) -> None:
        self._owner = owner
        self._said = said
        self._tally = tally

    def __call__(self, conversation: Any) -> Iterator[Event]:
        native = first(conversation, "conversation_id", "uuid", "id")
        if not _fits(conversation) or native is None:
            raise RefusedError("not a conversation")
        mapped = isinstance(member(conversation, "mapping"), dict)
        service = Service(self._said or ("openai" if mapped else "anthropic"), "ai")
        owner = self._owner or first(conversation, "account.uuid", "user_id")
        if owner is None:
            owner = self._owner = f"export-{xxhash.xxh3_64_hexdigest(native.encode())}"
            self._tally.note("it does not say whose conversations these are: one unnamed account")
        if mapped:
            yield from _mapped(conversation, service, owner, native, self._tally)
        else:
            yield from _listed(conversation, service, owner, native, self._tally)


def _mapped(
    conversation: Any, service: Service, account: str, native: str, tally: Tally
) -> Iterator[Event]:
    """Yield the messages of ChatGPT's tree, every branch, in the order of the file."""
    nodes = member(conversation, "mapping")
    began = instant(conversation, "create_time")
    known = {key for key, node in nodes.items() if _spoken(member(node, "message"))}
    for number, key in enumerate(nodes, 1):
        if key not in known:
            continue
        message = member(nodes, key, "message")
        time = instant(message, "create_time") or began
        if time is None:
            tally.skip(BAD_TIME, number, native)
            continue
        role = string(message, "author", "role")
        text = text_of(member(message, "content", "parts")) or string(message, "content", "text")
        recipient = string(message, "recipient") or "all"
        action: Action = "prompt" if role == "user" else "completion"
        if action == "completion" and recipient != "all":
            action = "tool_call"
        above = _above(nodes, key, known)
        yield service.event(
            f"{native}/{key}",
            account,
            action,
            time,
            conversation=native,
            text=text,
            parent=service.id(f"{native}/{above}") if above else None,
            attributes=some(
                model=first(message, "metadata.model_slug") if role != "user" else None,
                finish=string(message, "metadata", "finish_details", "type"),
                tool=recipient if action == "tool_call" else None,
            ),
        )


def _spoken(message: Any) -> bool:
    role = string(message, "author", "role")
    if role not in ("user", "assistant"):
        return False
    if string(message, "content", "content_type") not in _SPOKEN:
        return False
    return bool(text_of(member(message, "content", "parts")) or string(message, "content", "text"))


def _above(nodes: Any, key: str, known: set[str]) -> str | None:
    """Return the nearest message above that became an event; trees of enemies may be circular."""
    for _ in range(100):
        above = string(nodes, key, "parent")
        if above is None or above in known:
            return above
        key = above
    return None


def _listed(
    conversation: Any, service: Service, account: str, native: str, tally: Tally
) -> Iterator[Event]:
    """Yield the messages of Claude's list, each the child of the one before it."""
    began, parent = instant(conversation, "created_at"), None
    messages = members(conversation, "chat_messages")
    for number, message in enumerate(messages, 1):
        (turn,) = turns_of([message]) or (None,)
        time = instant(message, "created_at") or began
        if turn is None or time is None:
            tally.skip(BAD_TIME if turn else "no role", number, native)
            continue
        own = ident(message, "uuid") or str(number)
        action: Action = "prompt" if turn.role == "user" else "completion"
        calls = turn.calls if action == "completion" else ()
        spoken: list[tuple[Action, str | None, str, Call | None]] = []
        if turn.text:
            spoken.append((action, turn.text, own, None))
        for at, call in enumerate(calls):
            spoken.append(("tool_call", call.arguments, f"{own}#call{at}", call))
        for kind, text, name, tool in spoken:
            event = service.event(
                f"{native}/{name}",
                account,
                kind,
                time,
                conversation=native,
                text=text,
                parent=parent,
                attributes=some(tool=tool.name if tool else None),
            )
            yield event
            parent = event.id


def _example_zip() -> bytes:
    def node(key: str, above: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
        message = {
            "id": key, "author": {"role": role}, "create_time": 1_714_564_800.5 + len(key),
            "content": {"content_type": "text", "parts": [text]}, "recipient": "all", **more,
        }  # fmt: skip
        return {"id": key, "parent": above, "children": [], "message": message}

    answer = {"metadata": {"model_slug": "gpt-4o"}}
    mapping = {
        "root": {"id": "root", "parent": None, "children": ["q"], "message": None},
        "q": node("q", "root", "user", "Write a post about the ferry."),
        "an": node("an", "q", "assistant", "Late again.", **answer),
        "cal": node("cal", "an", "assistant", "search('ferry')", recipient="browser", **answer),
    }
    chat = {"title": "Ferry", "create_time": 1_714_564_800.1, "conversation_id": "c-9",
            "mapping": mapping, "current_node": "cal"}  # fmt: skip
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, value in (("conversations.json", [chat]), ("user.json", {"id": "user-7"})):
            info = zipfile.ZipInfo(name, (2024, 5, 2, 0, 0, 0))
            archive.writestr(info, json.dumps(value))
    return held.getvalue()


def _example_claude() -> bytes:
    said = [
        {"uuid": "m1", "sender": "human", "text": "Say it in French.",
         "created_at": "2024-05-01T10:00:00.000000Z"},
        {"uuid": "m2", "sender": "assistant", "created_at": "2024-05-01T10:00:05.000000Z",
         "text": "Encore en retard.", "content": [{"type": "text", "text": "Encore en retard."}]},
    ]  # fmt: skip
    chat = {"uuid": "c-10", "name": "Ferry", "created_at": "2024-05-01T09:59:00.000000Z",
            "account": {"uuid": "a-1"}, "chat_messages": said}  # fmt: skip
    return json.dumps([chat], indent=1).encode()
