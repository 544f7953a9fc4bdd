"""Texts of events as they are kept: encrypted with a key of their account, hashed or dropped."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import pyarrow as pa
import zstandard

from crossfix.config.sealing import NONCE_BYTES, Seal, derived, keyed_hash
from crossfix.store.registry.data_keys import DataKeyTable, StoredDataKey

if TYPE_CHECKING:
    from crossfix.events import Event
    from crossfix.store.log import EventLog
    from crossfix.store.log.event_log import Mark
    from crossfix.store.registry import Registry

Content = Literal["keep", "hash", "drop"]

MOST_KEYS = 50_000
"""How many keys are held in memory."""

_KEY_BYTES = 32
_ID_BYTES = 8
_MOST_TEXT = 16 * 1024 * 1024
_DERIVED = ("urls", "hashtags", "mentions")


class Vault:
    """Seals texts with a key of their account and opens them again.

    A key of an account is by chance, and is kept in the registry sealed with a key of the
    installation. Who destroys it destroys every text that was sealed with it, wherever copies are.
    A sealed text begins with a mark that nobody outside can guess, so that no text that somebody
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
        """Return events with their texts sealed.

        What was written to and by models is hashed or dropped instead where ``content`` says so,
        and leaves no links, hashtags or mentions behind either. One key hashes all, so that equal
        texts stay equal.
        """
        if content == "keep":
            return _with_texts(events, self._closed(events))
        private = [surface == "ai" for surface in events["surface"].to_pylist()]
        given = events["text"].to_pylist()
        public = [None if p else t for p, t in zip(private, given, strict=True)]
        texts = self._closed(_with_texts(events, public))
        if content == "hash":
            for n, text in enumerate(given):
                if private[n] and text is not None:
                    texts[n] = "hash:" + keyed_hash(self._secret, "hashed texts", text)
        table = _with_texts(events, texts)
        for name in _DERIVED:
            place, old = table.schema.get_field_index(name), table[name].to_pylist()
            left = [[] if p else kept for p, kept in zip(private, old, strict=True)]
            field = table.schema.field(place)
            table = table.set_column(place, field, pa.array(left, field.type))
        return table

    def opened(self, events: pa.RecordBatch) -> pa.RecordBatch:
        """Return events with their texts as they were; those whose key is destroyed have none."""
        texts = events["text"].to_pylist()
        begun = [n for n, t in enumerate(texts) if t is not None and t.startswith(self._mark)]
        if not begun:
            return events
        parts = {n: b64decode(texts[n][len(self._mark) :]) for n in begun}
        self._learn({part[:_ID_BYTES].hex() for part in parts.values()})
        ids = events["id"].to_pylist()
        for n, part in parts.items():
            texts[n] = self._open(part, ids[n])
        place = events.schema.get_field_index("text")
        field = events.schema.field(place)
        return events.set_column(place, field, pa.array(texts, field.type))

    def _closed(self, events: pa.Table) -> list[str | None]:
        ids, accounts = events["id"].to_pylist(), events["account"].to_pylist()
        texts = events["text"].to_pylist()
        self._fetch({a for a, t in zip(accounts, texts, strict=True) if t is not None})
        return [
            None if text is None else self._close(text, self._by_account[account], id)
            for id, account, text in zip(ids, accounts, texts, strict=True)
        ]

    def _close(self, text: str, key: tuple[bytes, Seal], event: str) -> str:
        packed = self._pack.compress(text.encode("utf-8", "surrogatepass"))
        sealed = key[1].close(packed, self._random(NONCE_BYTES), event.encode())
        return self._mark + b64encode(key[0] + sealed).decode()

    def _open(self, part: bytes, event: str) -> str | None:
        seal = self._by_id.get(part[:_ID_BYTES].hex())
        packed = None if seal is None else seal.open(part[_ID_BYTES:], event.encode())
        if packed is None:
            return None
        plain = self._unpack.decompress(packed, max_output_size=_MOST_TEXT)
        return plain.decode("utf-8", "surrogatepass")

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
    """An event log whose texts are sealed on their way in and opened on their way out."""

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
        """Yield the events by (time, id), as `EventLog.read` does, with texts as they were."""
        if columns is not None and "text" not in columns:
            yield from self._log.read(columns=columns, **wanted)
            return
        read = None if columns is None else [*dict.fromkeys([*columns, "id"])]
        for batch in self._log.read(columns=read, **wanted):
            found = self._vault.opened(batch)
            yield found if columns is None else found.select(list(columns))

    def arrived(
        self, mark: Mark | None, *, received: datetime | None = None
    ) -> tuple[list[pa.RecordBatch], Mark]:
        """Return what has come since a mark, as `EventLog.arrived` does, with plain texts."""
        batches, after = self._log.arrived(mark, received=received)
        return [self._vault.opened(batch) for batch in batches], after

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


def _with_texts(events: pa.Table, texts: Sequence[str | None]) -> pa.Table:
    place = events.schema.get_field_index("text")
    field = events.schema.field(place)
    return events.set_column(place, field, pa.array(texts, field.type))
