"""Events that installations with logs of their own tell each other, in a Valkey or Redis server.

One stream holds what arrived anywhere in the last hour, sealed with the secret key that they share.
Who reads it knows events by their ids: what is told twice counts once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import pyarrow as pa

from crossfix.config.sealing import NONCE_BYTES, Seal, derived
from crossfix.errors import StoreError
from crossfix.events import SCHEMA
from crossfix.extras import need

KEEP_SECONDS = 3_600.0
"""How long the server holds what was told."""

MOST_ENTRIES = 50_000
ROWS = 2_000
"""Entries of the stream, and events of one entry, at most."""

_KEY = "crossfix:events"
_BOUND = b"shared events"
_TIMEOUT_SECONDS = 2.0
_AT_ONCE = 200
_LONGEST = 64 << 20


class SharedEvents:
    """One teller and hearer; it belongs to one thread.

    What another secret key sealed, or nobody did, is passed over and counted in ``refused``.

    Args:
        url: of the server.
        secret: the secret key that all of them have.
        random: makes bytes by chance.

    Raises:
        StoreError: the URL is none, or, from its methods, the server does not answer.
    """

    def __init__(
        self, url: str, secret: bytes, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        need("valkey")
        import valkey

        try:
            server: Any = valkey.Valkey.from_url(
                url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
            )
        except ValueError as e:
            raise StoreError(f"The URL of the server for shared events is wrong: {e}") from e
        self._server = server
        self._seal = Seal(derived(secret, "shared events"))
        self._random = random
        self._name = random(8).hex().encode()
        self.refused = 0

    def tell(self, batches: Iterable[pa.RecordBatch], now: float) -> None:
        """Tell the others of events, and let go of what is too old."""
        oldest = max(0, int((now - KEEP_SECONDS) * 1_000))
        with _refusals():
            for batch in batches:
                for first in range(0, batch.num_rows, ROWS):
                    plain = _packed(batch.slice(first, ROWS))
                    sealed = self._seal.close(plain, self._random(NONCE_BYTES), _BOUND)
                    entry = {b"from": self._name, b"events": sealed}
                    self._server.xadd(_KEY, entry, maxlen=MOST_ENTRIES, approximate=True)
            self._server.xtrim(_KEY, minid=oldest, approximate=False)
            self._server.pexpire(_KEY, int(KEEP_SECONDS * 1_000))

    def heard(self, mark: str | None) -> tuple[list[pa.RecordBatch], str]:
        """Return what others told since a mark, and the mark to ask with the next time.

        So many entries at once are returned at most: who is far behind asks again.
        """
        mark = mark or "0"
        found: list[pa.RecordBatch] = []
        with _refusals():
            answer = self._server.xread({_KEY: mark}, count=_AT_ONCE)
        for id, fields in answer[0][1] if answer else []:
            mark = id.decode()
            if fields.get(b"from") != self._name:
                found += self._opened(fields.get(b"events", b""))
        return found, mark

    def _opened(self, sealed: bytes) -> list[pa.RecordBatch]:
        plain = self._seal.open(sealed, _BOUND) if len(sealed) <= _LONGEST else None
        try:
            return [] if plain is None else _unpacked(plain)
        except pa.ArrowException:
            plain = None
        finally:
            self.refused += plain is None
        return []

    def close(self) -> None:
        """Let go of the connection."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _packed(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpacked(plain: bytes) -> list[pa.RecordBatch]:
    """Return the batches, if their columns are those of events."""
    with pa.ipc.open_stream(plain) as reader:
        if not reader.schema.equals(SCHEMA):
            raise pa.ArrowInvalid("these are no events")
        return list(reader)


@contextmanager
def _refusals() -> Iterator[None]:
    import valkey

    try:
        yield
    except (valkey.ValkeyError, OSError) as e:
        raise StoreError(f"The server for shared events does not answer: {e}") from e
