"""From rows of a table to events, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.event import ACTIONS, SCHEMA
from crossfix.events.readers import cells
from crossfix.events.readers.account_names import accounts_of, handles, services_before
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT
from crossfix.events.readers.clocks import joined, split_time, whole_time
from crossfix.events.readers.columns import (
    POSTS,
    Layout,
    assign,
    links_of_many,
    listed,
    missing,
    normal,
)
from crossfix.events.readers.ids import event_ids, parent_ids
from crossfix.events.readers.mail_address import (
    EMAIL,
    SENDER_COLUMNS,
    Senders,
    addresses,
    addresses_in,
    senders,
)
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.services import service_in, service_of, surface_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.timecolumn import TimeColumn

Mask = npt.NDArray[np.bool_]

DELETED_ACCOUNT = "account was deleted"
UNKNOWN = "unknown"
MOSTLY = 0.5
"""Share of the senders that are addresses from which a table is one of mails."""

_STRING = pa.string()
_RETWEET = r"^RT @(?P<name>\w{1,30}):? ?"
_GONE = pa.array(["[deleted]", "[removed]"])
_ACTIONS = {
    **{action: action for action in ACTIONS},
    **dict.fromkeys(("retweet", "retweeted", "share", "shared", "reblog", "forward"), "repost"),
    **dict.fromkeys(("replied_to", "comment", "answer"), "reply"),
    **dict.fromkeys(("favorite", "favourite", "upvote"), "like"),
}
_HINTS = (("tweet", "x"), ("subreddit", "reddit"), ("toot", "mastodon"))


class Conversion:
    """Turns the rows of one file into events and remembers what it decided about them."""

    def __init__(self, layout: Layout, source: Source, options: ReadOptions, tally: Tally) -> None:
        self._layout = layout
        self._source = source
        self._options = options
        self._tally = tally
        self._times = TimeColumn(options.now, tally)
        self._chosen: dict[str, str] = {}
        self._split: tuple[str, str] | None = None
        self._known: set[str] = set()
        self._fallback: str | None = None
        self._of_mails: bool | None = None
        self._before: bool | None = None

    def events(self, rows: Rows) -> pa.RecordBatch | None:
        """Return the events of these rows; rows without account or time are refused.

        Raises:
            ColumnError: the table has no column for the account or the time.
        """
        self._choose(rows)
        kept, times = self._accepted(rows)
        if not kept.any():
            return None
        if self._of_mails is None:
            self._of_mails = self._holds_mails(rows)
        if not kept.all():
            rows, times = rows.take(kept), times.filter(pa.array(kept))
        return self._build(rows, times)

    def _choose(self, rows: Rows) -> None:
        """Assign columns; in JSON, columns may appear late, and what was assigned then stays."""
        new = rows.columns.keys() - self._known
        if not new:
            return
        first = not self._known
        mapped = "attributes.url" in self._options.map
        self._known |= new
        order = list(rows.columns)
        held = [*order, *sorted(self._known - set(order))]
        path = self._source.path
        found = assign(held, self._layout, self._options.map, path)
        self._chosen = {**found, **self._chosen}
        if first and self._layout is POSTS and not mapped and "account" in found:
            self._links(rows)
        if error := missing(self._chosen, held, path):
            raise error
        if first:
            self._clock(rows)
            names = ", ".join(f"{k} = {v}" for k, v in self._chosen.items())
            self._tally.note(f"columns: {names}"[:1000])
            used = {*self._chosen.values(), *(self._split or ())}
            if unused := [name for name in held if name not in used]:
                self._tally.note(f"columns not used: {listed(unused)}")

    def _links(self, rows: Rows) -> None:
        """See whether addresses are what was shared, where their column does not say it."""
        address, account = self._column(rows, "attributes.url"), self._column(rows, "account")
        if address is None or account is None:
            return
        if links_of_many(self._chosen, cells.native(address), cells.native(account)):
            self._tally.note(
                f"several accounts give the same {self._chosen['urls']}: it was read as what they "
                f"link to, not as their posts' address (--map attributes.url=... says otherwise)"
            )

    def _clock(self, rows: Rows) -> None:
        """See whether the day stands in one column and the time of the day in another."""
        time = self._chosen["time"]
        if "time" not in self._options.map and time in rows.columns:
            self._split = split_time(rows.columns, time)
            if self._split is None:
                self._chosen["time"] = whole_time(rows.columns, time)
        if self._split is not None:
            day, clock = self._split
            self._tally.note(f"times are the day in {day!r} with the time of the day in {clock!r}")

    def _said_times(self, rows: Rows) -> pa.Array:
        """Return the times as they are written."""
        if self._split is not None and all(name in rows.columns for name in self._split):
            return joined(*(rows.columns[name] for name in self._split))
        said = self._column(rows, "time")
        return pa.nulls(len(rows), _STRING) if said is None else said

    def _column(self, rows: Rows, name: str) -> pa.Array | None:
        column = self._chosen.get(name)
        return rows.columns.get(column) if column is not None else None

    def _accepted(self, rows: Rows) -> tuple[Mask, pa.Array]:
        nothing = pa.nulls(len(rows), _STRING)
        times, refused = self._times.read(self._said_times(rows))
        said = self._column(rows, "account")
        natives = cells.native(nothing if said is None else said)
        reasons = {
            NO_ACCOUNT: np.asarray(pc.is_null(natives)),
            DELETED_ACCOUNT: np.asarray(pc.is_in(natives, _GONE)),
            **refused,
        }
        lost = np.zeros(len(rows), bool)
        for reason, mask in reasons.items():
            for index in np.flatnonzero(mask & ~lost).tolist():
                self._tally.skip(reason, int(rows.numbers[index]), rows.show(index))
            lost |= mask
        unread = refused.get(BAD_TIME)
        if unread is not None and unread.sum() > len(rows) // 2:
            self._tally.note(f"most values of {self._chosen['time']!r} are no times")
        return ~lost, times

    def _holds_mails(self, rows: Rows) -> bool:
        """Tell whether these are mails, by what the column of their senders is called and holds."""
        if normal(self._chosen["account"]) not in SENDER_COLUMNS:
            return False
        values = cells.native(self._column(rows, "account"))
        return addresses_in(values) >= MOSTLY

    def _service(self, rows: Rows) -> pa.Array:
        """Return the service of each row, a dictionary array."""
        said = self._options.service
        fallback = service_of(said) if said else None
        if fallback is None:
            column = self._column(rows, "platform")
            if column is not None:
                return self._of_platforms(cells.native(column).dictionary_encode())
            if self._layout.service is None and self._said_before(rows):
                names = cells.native(self._column(rows, "account"))
                return self._of_platforms(services_before(names).dictionary_encode())
            fallback = self._layout.service or self._inferred()
        codes = pa.array(np.zeros(len(rows), np.int32))
        return pa.DictionaryArray.from_arrays(codes, pa.array([fallback]))

    def _said_before(self, rows: Rows) -> bool:
        """Tell whether accounts say their service, as ``x:bob`` does: all of the first rows."""
        if self._before is None:
            heads = services_before(cells.native(self._column(rows, "account")))
            self._before = not self._of_mails and heads.null_count == 0
            if self._before:
                self._tally.note("the services stand before the accounts' names, as in x:bob")
        return self._before

    def _of_platforms(self, coded: pa.DictionaryArray) -> pa.DictionaryArray:
        names = [service_of(name) or UNKNOWN for name in coded.dictionary.to_pylist()]
        if coded.null_count:
            names.append(self._layout.service or self._inferred())
        codes = pc.fill_null(coded.indices, len(names) - 1)
        place = {name: index for index, name in enumerate(dict.fromkeys(names))}
        into = np.array([place[name] for name in names], np.int32)
        return pa.DictionaryArray.from_arrays(into[np.asarray(codes)], pa.array(list(place)))

    def _inferred(self) -> str:
        if self._fallback is None:
            self._fallback = self._infer()
        return self._fallback

    def _infer(self) -> str:
        """Return the service that column names or the file's name give away, and say so."""
        names = " ".join(map(normal, self._known))
        said = "--service says another"
        if self._of_mails:
            self._tally.note(f"service {EMAIL!r} was inferred from the senders' addresses; {said}")
            return EMAIL
        for hint, hinted in _HINTS:
            if hint in names:
                self._tally.note(f"service {hinted!r} was inferred from the column names; {said}")
                return hinted
        if (named := service_in(self._source.stem)) is not None:
            self._tally.note(f"service {named!r} was inferred from the file's name; {said}")
            return named
        self._tally.note("nothing tells which service this is of: say --service NAME")
        return UNKNOWN

    def _build(self, rows: Rows, times: pa.Array) -> pa.RecordBatch:
        coded = self._service(rows)
        service = coded.cast(_STRING)
        surfaces = pa.array([surface_of(name) for name in coded.dictionary.to_pylist()])
        native = cells.native(self._column(rows, "account"))
        sent = senders(native) if self._of_mails else None
        native = handles(native) if sent is None else pc.coalesce(sent.mailbox, native)
        account = accounts_of(native, service)
        text, prefixed = _unprefixed(self._text(rows, "text"))
        own, repost_of = self._native(rows, "id"), self._native(rows, "repost_of")
        parent, reply_to = self._native(rows, "parent"), self._native(rows, "reply_to")
        repost = self._reposts(rows) | np.asarray(pc.is_valid(prefixed))
        repost |= np.asarray(pc.is_valid(repost_of))
        parent = _unless(parent, repost | _same(parent, own))
        reply = np.asarray(pc.or_(pc.is_valid(parent), pc.is_valid(reply_to))) & ~repost
        action = self._actions(rows, repost, reply, "post" if sent is None else "send")
        answered = _joined(service, reply_to)
        original = pc.binary_join_element_wise(service, repost_of, ":")
        target = pc.if_else(pa.array(repost), original, _unless(answered, ~reply))
        reposted = pc.coalesce(self._native(rows, "reposted_account"), prefixed)
        attributes = self._attributes(rows)
        if sent is not None:
            attributes |= _of_senders(sent, attributes)
        if self._options.native:
            attributes["native"] = own
        attributes["reposted_account"] = _unless(_joined(service, reposted), ~repost)
        made = {
            "id": event_ids(service, own, account, times, action, text),
            "time": times, "received": times, "service": service,
            "surface": surfaces.take(coded.indices), "account": account, "action": action,
            "conversation": self._native(rows, "conversation"), "text": text,
            "language": self._native(rows, "language"), "urls": self._list(rows, "urls"),
            "hashtags": self._list(rows, "hashtags"),
            "mentions": _named(self._list(rows, "mentions"), service),
            "media": self._list(rows, "media"), "target": target,
            "parent": parent_ids(service, parent), "attributes": _maps(attributes, len(rows)),
        }  # fmt: skip
        return pa.RecordBatch.from_arrays([made[name] for name in SCHEMA.names], schema=SCHEMA)

    def _native(self, rows: Rows, name: str) -> pa.Array:
        column = self._column(rows, name)
        return pa.nulls(len(rows), _STRING) if column is None else cells.native(column)

    def _text(self, rows: Rows, name: str) -> pa.Array:
        column = self._column(rows, name)
        if column is None:
            return pa.nulls(len(rows), _STRING)
        text = cells.text_of(column)
        empty = pc.fill_null(pc.equal(text, ""), True)
        return pc.if_else(empty, pa.scalar(None, _STRING), text)

    def _reposts(self, rows: Rows) -> Mask:
        column = self._column(rows, "is_repost")
        return np.zeros(len(rows), bool) if column is None else cells.truth(column)

    def _actions(self, rows: Rows, repost: Mask, reply: Mask, usual: str) -> pa.Array:
        reply = reply & (usual == "post")  # an answer by mail is sent like any other
        action = pc.if_else(pa.array(repost), "repost", pc.if_else(pa.array(reply), "reply", usual))
        column = self._column(rows, "action")
        if column is None:
            return action
        coded = pc.utf8_lower(cells.native(column)).dictionary_encode()
        words = [_ACTIONS.get(word) for word in coded.dictionary.to_pylist()]
        said = pa.array(words, _STRING).take(coded.indices)
        # What the text and the ids show is surer than a word such as "post".
        said = pc.if_else(pc.equal(said, "post"), action, said)
        return pc.coalesce(said, action)

    def _list(self, rows: Rows, name: str) -> pa.Array:
        column = self._column(rows, name)
        if column is None or column.null_count == len(column):
            offsets = pa.array(np.zeros(len(rows) + 1, np.int32))
            return pa.ListArray.from_arrays(offsets, pa.array([], _STRING))
        return cells.lists(column, _CLEANERS[name], urls=name == "urls")

    def _attributes(self, rows: Rows) -> dict[str, pa.Array]:
        prefix = "attributes."
        names = [name for name in self._chosen if name.startswith(prefix)]
        return {name.removeprefix(prefix): self._native(rows, name) for name in names}


def _of_senders(sent: Senders, known: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Return the attributes that a mail's sender gives, beside those that columns say."""
    found = {"sender": sent.address, "email_domain": sent.domain, "display_name": sent.name}
    for name in found.keys() & known.keys():
        found[name] = pc.coalesce(known[name], found[name])
    if "reply_to" in known:
        found["reply_to"] = addresses(known["reply_to"])
    return found


def _unless(column: pa.Array, mask: Mask) -> pa.Array:
    return pc.if_else(pa.array(mask), pa.scalar(None, _STRING), column)


def _same(one: pa.Array, other: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(pc.equal(one, other), False))


def _joined(service: pa.Array, names: pa.Array) -> pa.Array:
    return accounts_of(pc.utf8_lower(names), service)


def _unprefixed(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the texts without ``RT @name:`` and the names, null where there was none."""
    starts = pc.fill_null(pc.starts_with(text, "RT @"), False)
    if not pc.any(starts).as_py():
        return text, pa.nulls(len(text), _STRING)
    rows = np.flatnonzero(np.asarray(starts))
    some = text.take(pa.array(rows))
    names = pc.struct_field(pc.extract_regex(some, _RETWEET), "name")
    bare = pc.replace_substring_regex(some, _RETWEET, "")
    return pc.replace_with_mask(text, starts, bare), pc.replace_with_mask(
        pa.nulls(len(text), _STRING), starts, names
    )


def _named(mentions: pa.Array, service: pa.Array) -> pa.Array:
    """Return lists of handles as lists of accounts of each row's service."""
    if not len(mentions.values):
        return mentions
    parents = pc.list_parent_indices(mentions)
    joined = pc.binary_join_element_wise(service.take(parents), mentions.flatten(), ":")
    return pa.ListArray.from_arrays(mentions.offsets, joined)


def _maps(attributes: Mapping[str, pa.Array], count: int) -> pa.Array:
    """Return nullable columns as one column of maps that hold what is not null."""
    names = [name for name, column in attributes.items() if column.null_count < count]
    if not names:
        empty = pa.array([], _STRING)
        return pa.MapArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), empty, empty)
    held = np.column_stack([np.asarray(pc.is_valid(attributes[name])) for name in names])
    row, column = np.nonzero(held)
    offsets = np.concatenate(([0], np.cumsum(held.sum(axis=1)))).astype(np.int32)
    values = pa.chunked_array([attributes[name] for name in names]).combine_chunks()
    keys = pa.array(names).take(pa.array(column))
    items = values.take(pa.array(column * count + row))
    return pa.MapArray.from_arrays(pa.array(offsets), keys, items)


def _hashtag(word: str) -> str:
    return word.strip().lstrip("#＃").lower()[:280]


def _mention(word: str) -> str:
    return re.sub(r"^@", "", word.strip()).lower()[:280]


def _url(word: str) -> str:
    return word.strip()[:4096]


_CLEANERS = {"urls": _url, "hashtags": _hashtag, "mentions": _mention, "media": _url}
