"""What accounts said and showed, as it is kept: encrypted with a key of each account."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec
import pyarrow as pa
import zstandard

from crossfix.config.sealing import NONCE_BYTES, Seal, derived, keyed_hash
from crossfix.events.attributes import OWN_RECORDS
from crossfix.store.registry.data_keys import DataKeyTable, StoredDataKey

if TYPE_CHECKING:
    from crossfix.events import Event
    from crossfix.store.log import EventLog
    from crossfix.store.log.event_log import Mark, Wanted
    from crossfix.store.registry import Registry

Content = Literal["keep", "hash", "drop"]

MOST_KEYS = 50_000
"""How many keys are held in memory."""

_KEY_BYTES = 32
_ID_BYTES = 8
_MOST_TEXT = 16 * 1024 * 1024
_SEALED = ("conversation", "text", "urls", "hashtags", "mentions", "media", "target", "attributes")


class _Said(msgspec.Struct, array_like=True):
    """The fields of an event that are sealed together; their order is that of ``_SEALED``."""

    conversation: str | None
    text: str | None
    urls: list[str]
    hashtags: list[str]
    mentions: list[str]
    media: list[str]
    target: str | None
    attributes: list[tuple[str, str]]

    def personal(self) -> bool:
        """Tell whether there is anything to seal."""
        told = self.conversation, self.text, self.target
        return (
            any(one is not None for one in told)
            or any((self.urls, self.hashtags, self.mentions, self.media))
            or any(name not in OWN_RECORDS for name, _ in self.attributes)
        )

    def bare(self, sealed: str) -> _Said:
        """Return what stands in the columns instead."""
        records = [pair for pair in self.attributes if pair[0] in OWN_RECORDS]
        return _Said(None, sealed, [], [], [], [], None, records)


_packed = msgspec.msgpack.Encoder().encode
_unpacked = msgspec.msgpack.Decoder(_Said).decode


class Vault:
    """Seals what events say with a key of their account and opens it again.

    Text, links, hashtags, mentions, media, conversation, target and attributes go into one sealed
    piece, which stands where the text stood. In the clear stay times, service, account, action,
    language and the attributes in `OWN_RECORDS`.

    A key of an account is by chance, and is kept in the registry sealed with a key of the
    installation. Who destroys it destroys everything that was sealed with it, wherever copies are.
    A sealed piece begins with a mark that nobody outside can guess, so that no text that somebody
    wrote is taken for one; it opens only in the event that it was sealed in.

    Args:
        registry: where the keys are kept.
        secret: the secret key of this installation.
        random: makes bytes by chance.
        clock: gives the moment at which a key is made.
    """

    def __init__(
        self,
        registry: Registry,
        secret: bytes,
        random: Callable[[int], bytes] = os.urandom,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._table = DataKeyTable(registry)
        self._secret = secret
        self._wrap = Seal(derived(secret, "data keys"))
        self._mark = f"sealed-{keyed_hash(secret, 'sealed texts', 'mark')[:16]}:"
        self._random = random
        self._clock = clock
        self._by_account: dict[str, tuple[bytes, Seal]] = {}
        self._by_id: dict[str, Seal | None] = {}
        self._pack = zstandard.ZstdCompressor(level=1, write_content_size=True)
        self._unpack = zstandard.ZstdDecompressor()

    def sealed(self, events: pa.Table, content: Content) -> pa.Table:
        """Return events with what they say sealed.

        What was written to and by models is hashed or dropped first where ``content`` says so,
        and leaves no links, hashtags or mentions behind either. One key hashes all, so that equal
        texts stay equal.
        """
        said = list(map(_Said, *(events[name].to_pylist() for name in _SEALED)))
        if content != "keep":
            for one, surface in zip(said, events["surface"].to_pylist(), strict=True):
                if surface == "ai":
                    self._less(one, content)
        ids, accounts = events["id"].to_pylist(), events["account"].to_pylist()
        telling = [n for n, one in enumerate(said) if one.personal()]
        self._fetch({accounts[n] for n in telling})
        for n in telling:
            key = self._by_account[accounts[n]]
            said[n] = said[n].bare(self._close(_packed(said[n]), key, ids[n]))
        return _with(events, said)

    def opened(self, events: pa.RecordBatch) -> pa.RecordBatch:
        """Return events as they were; those whose key is destroyed say nothing.

        The columns ``id`` and ``text`` must be there.
        """
        texts = events["text"].to_pylist()
        begun = [n for n, t in enumerate(texts) if t is not None and t.startswith(self._mark)]
        if not begun:
            return events
        parts = {n: b64decode(texts[n][len(self._mark) :]) for n in begun}
        self._learn({part[:_ID_BYTES].hex() for part in parts.values()})
        ids = events["id"].to_pylist()
        plain = {n: self._open(part, ids[n]) for n, part in parts.items()}
        said = {n: None if p is None else _unpacked(p) for n, p in plain.items()}
        for place, field in enumerate(events.schema):
            if field.name in _SEALED:
                values = events[field.name].to_pylist()
                for n, one in said.items():
                    if one is not None:
                        values[n] = getattr(one, field.name)
                    elif field.name == "text":
                        values[n] = None
                events = events.set_column(place, field, pa.array(values, field.type))
        return events

    def sealed_texts(self, texts: Sequence[tuple[str, str]], bound: str) -> list[str]:
        """Return texts sealed, each given with its account, as belonging to ``bound``."""
        self._fetch({account for account, _ in texts})
        return [
            self._close(text.encode("utf-8", "replace"), self._by_account[account], bound)
            for account, text in texts
        ]

    def opened_texts(self, sealed: Sequence[str], bound: str) -> list[str | None]:
        """Return what `sealed_texts` was given, or nothing where the key is destroyed.

        What was never sealed is returned as it is.
        """
        given: list[str | None] = list(sealed)
        parts = {n: b64decode(text[len(self._mark) :])
                 for n, text in enumerate(sealed) if text.startswith(self._mark)}  # fmt: skip
        self._learn({part[:_ID_BYTES].hex() for part in parts.values()})
        for n, part in parts.items():
            plain = self._open(part, bound)
            given[n] = None if plain is None else plain.decode()
        return given

    def _less(self, said: _Said, content: Content) -> None:
        """Take from what was said to or by a model what is not to be kept of it."""
        if said.text is not None:
            hashed = "hash:" + keyed_hash(self._secret, "hashed texts", said.text)
            said.text = hashed if content == "hash" else None
        said.urls, said.hashtags, said.mentions = [], [], []

    def _close(self, plain: bytes, key: tuple[bytes, Seal], bound: str) -> str:
        packed = self._pack.compress(plain)
        sealed = key[1].close(packed, self._random(NONCE_BYTES), bound.encode())
        return self._mark + b64encode(key[0] + sealed).decode()

    def _open(self, part: bytes, bound: str) -> bytes | None:
        seal = self._by_id.get(part[:_ID_BYTES].hex())
        packed = None if seal is None else seal.open(part[_ID_BYTES:], bound.encode())
        if packed is None:
            return None
        plain: bytes = self._unpack.decompress(packed, max_output_size=_MOST_TEXT)
        return plain

    def _fetch(self, accounts: Collection[str]) -> None:
        # Asked each time: another process may have destroyed a key, which must not be used again.
        if len(self._by_account) > MOST_KEYS:
            self._by_account.clear()
        keys = self._table.wanted(accounts, self._made, now=self._clock())
        for account, key in keys.items():
            held = self._by_account.get(account)
            id = bytes.fromhex(key.id)
            if held is None or held[0] != id:
                self._by_account[account] = (id, self._unwrapped(key))

    def _learn(self, ids: Collection[str]) -> None:
        self._by_id = {}  # as above
        for id, key in self._table.of_ids(ids).items():
            self._by_id[id] = self._unwrapped(key)

    def _made(self, account: str) -> StoredDataKey:
        id = self._random(_ID_BYTES)
        wrapped = self._wrap.close(self._random(_KEY_BYTES), self._random(NONCE_BYTES), id)
        return StoredDataKey(id=id.hex(), account=account, wrapped=wrapped)

    def _unwrapped(self, key: StoredDataKey) -> Seal:
        plain = self._wrap.open(key.wrapped, bytes.fromhex(key.id))
        if plain is None:
            from crossfix.errors import IntegrityError

            raise IntegrityError(
                "A key of kept texts does not open with the secret key of this installation.",
                hint="Is privacy.key_file the file with which they were written?",
            )
        return Seal(plain)


class VaultLog:
    """An event log that seals what events say on their way in and opens it on their way out."""

    def __init__(
        self,
        log: EventLog,
        vault: Vault,
        content: Content = "keep",
        *,
        also_close: Registry | None = None,
    ) -> None:
        self._log = log
        self._vault = vault
        self._content: Content = content
        self._also_close = also_close

    def append(self, events: pa.RecordBatch | pa.Table) -> int:
        """Keep the events that are not yet here and return how many they were."""
        table = pa.Table.from_batches([events]) if isinstance(events, pa.RecordBatch) else events
        return self._log.append(self._vault.sealed(table, self._content))

    def append_events(self, events: Sequence[Event]) -> int:
        """Keep a few events that are not yet here and return how many they were."""
        from crossfix.events import to_batch

        return self.append(to_batch(events))

    def read(
        self, *, columns: Sequence[str] | None = None, **wanted: Any
    ) -> Iterator[pa.RecordBatch]:
        """Yield the events by (time, id), as `EventLog.read` does, as they were."""
        if columns is not None and not set(_SEALED) & set(columns):
            yield from self._log.read(columns=columns, **wanted)
            return
        read = None if columns is None else [*dict.fromkeys([*columns, "id", "text"])]
        for batch in self._log.read(columns=read, **wanted):
            found = self._vault.opened(batch)
            yield found if columns is None else found.select(list(columns))

    def arrived(
        self,
        mark: Mark | None,
        *,
        received: datetime | None = None,
        most: int | None = None,
        wanted: Wanted | None = None,
    ) -> tuple[Iterator[pa.RecordBatch], Mark]:
        """Return what has come since a mark, as `EventLog.arrived` does, as it was."""
        batches, after = self._log.arrived(mark, received=received, most=most, wanted=wanted)
        return map(self._vault.opened, batches), after

    def close(self) -> None:
        """Let go of the log."""
        self._log.close()
        if self._also_close is not None:
            self._also_close.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def _with(events: pa.Table, said: Sequence[_Said]) -> pa.Table:
    for name in _SEALED:
        place = events.schema.get_field_index(name)
        field = events.schema.field(place)
        values = pa.array([getattr(one, name) for one in said], field.type)
        events = events.set_column(place, field, values)
    return events
