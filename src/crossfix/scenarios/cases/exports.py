"""A case's world as files: what services, servers and mail programs would give a user."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import crossfix
from crossfix.events import Event
from crossfix.scenarios.cases.case_world import CaseWorld

Row = dict[str, Any]
TRUTH = ("labels.csv", "chains.csv", "world.json")
"""The files that a hunt never sees."""

_X_COLUMNS = (
    "post_id", "account", "created_at", "text", "language", "is_retweet", "retweet_of",
    "in_reply_to_id", "in_reply_to_user_id", "urls", "hashtags", "display_name",
    "account_created", "followers",
)  # fmt: skip


def write_case(world: CaseWorld, out: Path) -> list[Path]:
    """Write a world as its services would export it, and its truth; return the paths.

    Each AI service has its own kind of log (``atlas.jsonl``, ``meridian.jsonl``), each platform
    its own export; mails are one mbox, pages a file each below ``pages``, reports of abuse events
    as JSON. ``labels.csv`` says what is true about accounts, ``chains.csv`` which completion
    became which post, ``world.json`` what the world was made from.
    """
    out.mkdir(parents=True, exist_ok=True)
    by_kind: dict[str, list[Event]] = {}
    for event in world.events:
        by_kind.setdefault(_kind(event), []).append(event)
    paths = []
    for kind, (name, write) in _WRITERS.items():
        if kind in by_kind:
            write(world, by_kind[kind], out / name)
            paths.append(out / name)
    return [*paths, *_truth(world, out)]


def _kind(event: Event) -> str:
    if event.action == "complaint":
        return "complaint"
    return event.service.partition(":")[0]


def _lines(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _calls(events: list[Event]) -> list[tuple[str, Event, Event]]:
    """Return calls: the id, the prompt and the completion."""
    prompts = {event.id: event for event in events if event.action == "prompt"}
    answers = (event for event in events if event.action == "completion")
    return [(a.attributes["native"].partition("#")[0], prompts[a.parent or ""], a) for a in answers]


def _atlas(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write calls as chat logs have them."""
    _lines(path, (
        {"id": native, "object": "chat.completion", "created": int(prompt.time.timestamp()),
         "model": prompt.attributes["model"], "provider": "atlas", "user": _own(prompt.account),
         "ip": prompt.attributes["ip"],
         "messages": [{"role": "user", "content": prompt.text}],
         "choices": [{"index": 0, "message": {"role": "assistant", "content": answer.text},
                      "finish_reason": "stop"}]}
        for native, prompt, answer in _calls(events)
    ))  # fmt: skip


def _meridian(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write calls as LiteLLM logs them."""
    _lines(path, (
        {"id": native, "call_type": "acompletion", "status": "success",
         "startTime": prompt.time.timestamp(), "endTime": answer.time.timestamp(),
         "model": prompt.attributes["model"], "custom_llm_provider": "meridian",
         "end_user": _own(prompt.account),
         "requester_ip_address": prompt.attributes["ip"],
         "messages": [{"role": "user", "content": prompt.text}],
         "response": {"id": native, "choices": [
             {"finish_reason": "stop",
              "message": {"role": "assistant", "content": answer.text}}]},
         "metadata": {}}
        for native, prompt, answer in _calls(events)
    ))  # fmt: skip


def _own(account: str) -> str:
    return account.partition(":")[2]


def _parents(world: CaseWorld) -> dict[str, Event]:
    return {event.id: event for event in world.events}


def _x(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write posts as a table."""
    known = _parents(world)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, _X_COLUMNS, lineterminator="\n")
        rows.writeheader()
        for event in events:
            parent = known.get(event.parent or "")
            said = event.attributes
            rows.writerow({
                "post_id": said["native"], "account": _own(event.account),
                "created_at": event.time.strftime("%Y-%m-%dT%H:%M:%SZ"), "text": event.text,
                "language": event.language, "is_retweet": str(event.action == "repost").lower(),
                "retweet_of": _own(event.target or "") if event.action == "repost" else "",
                "in_reply_to_id": parent.attributes["native"] if parent else "",
                "in_reply_to_user_id": _own(parent.account) if parent else "",
                "urls": " ".join(event.urls), "hashtags": " ".join(event.hashtags),
                "display_name": said["display_name"], "account_created": said["created"],
                "followers": said["followers"],
            })  # fmt: skip


def _mastodon(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write statuses as Mastodon's API gives them, one a line."""
    known = _parents(world)
    by_native = {event.attributes.get("native"): event for event in events}

    def status(event: Event) -> Row:
        parent = known.get(event.parent or "")
        row: Row = {
            "uri": event.attributes["native"], "created_at": event.time.isoformat(),
            "account": _mastodon_account(event), "language": event.language,
            "content": _markup(event.text or ""), "mentions": [], "media_attachments": [],
            "tags": [{"name": tag} for tag in event.hashtags],
        }  # fmt: skip
        if parent:
            row["in_reply_to_account_id"] = _own(parent.account)
            row["mentions"] = [{"id": _own(parent.account), "url": _profile(parent.account)}]
        if event.action == "repost":
            row["reblog"] = status(by_native[_own(event.target or "")])
            row["content"] = ""
        return row

    _lines(path, map(status, events))


def _mastodon_account(event: Event) -> Row:
    return {
        "acct": _own(event.account), "url": _profile(event.account),
        "display_name": event.attributes["display_name"],
        "created_at": event.attributes["created"],
        "followers_count": int(event.attributes["followers"]), "note": "",
    }  # fmt: skip


def _profile(account: str) -> str:
    handle, _, host = _own(account).partition("@")
    return f"https://{host}/@{handle}"


def _markup(text: str) -> str:
    """Return a text as Mastodon marks it up: links are anchors."""
    words = []
    for word in text.split(" "):
        said = html.escape(word)
        words.append(f'<a href="{said}">{said}</a>' if word.startswith("https://") else said)
    return f"<p>{' '.join(words)}</p>"


def _bluesky(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write records as Jetstream sends them."""
    known = _parents(world)
    _lines(path, (_jetstream(event, known) for event in events))


def _jetstream(event: Event, known: dict[str, Event]) -> Row:
    uri, _, cid = event.attributes["native"].partition("@")
    _, collection, key = uri.removeprefix("at://").split("/")
    record: Row = {"$type": collection, "createdAt": event.time.isoformat()}
    if event.action == "profile":
        record |= {"displayName": event.attributes["display_name"],
                   "createdAt": event.attributes["created"]}  # fmt: skip
    elif event.action == "repost":
        record["subject"] = {"uri": _own(event.target or "")}
    else:
        record |= {"text": event.text, "langs": [event.language], "tags": list(event.hashtags)}
        if parent := known.get(event.parent or ""):
            place = {"uri": parent.attributes["native"]}
            record["reply"] = {"parent": place, "root": place}
    commit = {"operation": "create", "collection": collection, "rkey": key, "record": record}
    if cid:
        commit["cid"] = cid
    return {"did": _own(event.account), "time_us": round(event.time.timestamp() * 1e6),
            "kind": "commit", "commit": commit}  # fmt: skip


def _telegram(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write chats as Telegram Desktop exports all of them."""
    chats: dict[str, list[Row]] = {}
    for event in events:
        chat, _, number = event.attributes["native"].partition("/")
        chats.setdefault(chat, []).append({
            "id": int(number), "type": "message", "date": event.time.strftime("%Y-%m-%dT%H:%M:%S"),
            "date_unixtime": str(int(event.time.timestamp())),
            "from": event.attributes.get("display_name", "?"), "from_id": _own(event.account),
            "text": event.text, "text_entities": [],
        })  # fmt: skip
    listed = [
        {"name": f"Chat {chat}", "type": "personal_chat", "id": int(chat), "messages": rows}
        for chat, rows in chats.items()
    ]
    whole = {"about": "Exported chats", "chats": {"about": "", "list": listed}}
    path.write_text(json.dumps(whole, ensure_ascii=False) + "\n", encoding="utf-8")


def _youtube(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write comments as YouTube's API lists them."""
    items = [
        {"kind": "youtube#commentThread", "id": event.attributes["native"], "snippet": {
            "videoId": event.conversation, "topLevelComment": {
                "id": event.attributes["native"], "snippet": {
                    "textOriginal": event.text,
                    "authorDisplayName": event.attributes["display_name"],
                    "authorChannelId": {"value": _own(event.account)},
                    "publishedAt": event.time.strftime("%Y-%m-%dT%H:%M:%SZ")}}}}
        for event in events
    ]  # fmt: skip
    whole = {"kind": "youtube#commentThreadListResponse", "items": items}
    path.write_text(json.dumps(whole, ensure_ascii=False) + "\n", encoding="utf-8")


def _complaints(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write reports of abuse as an application would send them."""
    _lines(path, (
        {"id": event.attributes["native"], "time": event.time.isoformat(),
         "service": event.service, "account": event.account, "action": "complaint",
         "text": event.text, "language": event.language, "target": event.target}
        for event in events
    ))  # fmt: skip


def _web(world: CaseWorld, events: list[Event], out: Path) -> None:
    """Write pages, a file each, and visits as lines of a server's log."""
    out.mkdir(exist_ok=True)
    visits = []
    for event in events:
        if event.action == "visit":
            visits.append(world.documents[event.id].decode())
        else:
            name = f"{event.account.rpartition(':')[2]}-{event.id[:8]}.html"
            (out / name).write_bytes(world.documents[event.id])
    if visits:
        (out / "access.log").write_text("\n".join(visits) + "\n", encoding="utf-8")


def _mails(world: CaseWorld, events: list[Event], path: Path) -> None:
    """Write mails as one mbox."""
    with path.open("wb") as file:
        for event in events:
            when = format_datetime(event.time).encode()
            raw = world.documents[event.id].replace(b"\nFrom ", b"\n>From ")
            file.write(b"From MAILER-DAEMON " + when + b"\n" + raw.rstrip(b"\n") + b"\n\n")


_WRITERS: dict[str, tuple[str, Callable[[CaseWorld, list[Event], Path], None]]] = {
    "atlas": ("atlas.jsonl", _atlas),
    "meridian": ("meridian.jsonl", _meridian),
    "x": ("x.csv", _x),
    "mastodon": ("mastodon.jsonl", _mastodon),
    "bluesky": ("bluesky.jsonl", _bluesky),
    "telegram": ("telegram.json", _telegram),
    "youtube": ("youtube.json", _youtube),
    "complaint": ("complaints.jsonl", _complaints),
    "web": ("web", _web),
    "email": ("mails.mbox", _mails),
}


def _truth(world: CaseWorld, out: Path) -> list[Path]:
    """Write what is true."""
    labels, chains, facts = (out / name for name in TRUTH)
    with labels.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("account", "service", "is_operation", "operation", "kind", "role",
                       "person", "group"))  # fmt: skip
        for a in world.accounts:
            service, own = _parts(a.account)
            rows.writerow((own, service, int(a.is_operation), a.group if a.is_operation else "",
                           a.kind, a.role, a.person, a.group))  # fmt: skip
    known = _parents(world)
    with chains.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("group", "source", "source_service", "source_account", "into", "target",
                       "target_native", "target_account", "change", "text"))  # fmt: skip
        for step in world.steps:
            source, target = known[step.source], known[step.target]
            rows.writerow((step.group, source.id, source.service, source.account, step.into,
                           target.id, target.attributes.get("native", ""), target.account,
                           step.change, step.text))  # fmt: skip
    made = {
        "crossfix": crossfix.__version__, "case": world.name, "size": world.size,
        "seed": world.seed, "parameters": asdict(world.parameters),
        "events": len(world.events), "accounts": len(world.accounts), "steps": len(world.steps),
        "operations": list(world.operations), "benign_groups": list(world.benign_groups),
    }  # fmt: skip
    facts.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return [labels, chains, facts]


def _parts(account: str) -> tuple[str, str]:
    """Return service and native name; the services of the web have a colon of their own."""
    service, _, own = account.partition(":")
    if service == "web":
        host, _, own = own.partition(":")
        service = f"web:{host}"
    return service, own
