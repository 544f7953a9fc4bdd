"""The hash of a trace's key: computed alike wherever a key is matched, stored or shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xxhash

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_JOIN = b"\x1f"


def key_hash(kind: str, value: str) -> int:
    """Return the 64-bit hash of a key: XXH3-64 of kind, the byte 0x1F and the value in UTF-8."""
    return xxhash.xxh3_64_intdigest(kind.encode() + _JOIN + value.encode())


def key_hashes(kind: str, values: pa.Array) -> NDArray[np.uint64]:
    """Return the hashes of a column of values (strings without nulls), as `key_hash` would."""
    import pyarrow as pa
    import pyarrow.compute as pc

    prefix = pa.scalar(kind.encode() + _JOIN)
    joined = pc.binary_join_element_wise(prefix, values.cast(pa.binary()), b"")
    digests = map(xxhash.xxh3_64_intdigest, joined.to_pylist())
    return np.fromiter(digests, dtype=np.uint64, count=len(values))


def digest(text: str) -> str:
    """Return the 128-bit digest (32 hex digits) that stands for a text in a key."""
    return xxhash.xxh3_128_hexdigest(text.encode())


def digests(texts: pa.Array) -> pa.Array:
    """Return the digests of a column of strings without nulls, as `digest` would."""
    import pyarrow as pa

    raw = texts.cast(pa.binary()).to_pylist()
    return pa.array(map(xxhash.xxh3_128_hexdigest, raw), pa.string(), size=len(raw))
