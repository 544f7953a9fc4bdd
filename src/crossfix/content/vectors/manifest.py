"""The list of what an index is made of: one small file, replaced whole, with its own checksum."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import numpy as np
import xxhash

from crossfix.content.vectors.centres import Centres
from crossfix.content.vectors.segment import Entry
from crossfix.errors import IntegrityError

FILE = "index.json"


class Manifest(msgspec.Struct, frozen=True):
    """What the index holds. ``trained`` is from how many vectors its cells were made, ``next`` the
    number of the next file, ``since`` the time before which nothing is answered."""

    encoder: str
    dimensions: int
    trained: int = 0
    next: int = 0
    centres: str = ""
    since: int = -(2**63)
    segments: tuple[Entry, ...] = ()


def read_manifest(folder: Path) -> Manifest | None:
    """Read the list; None where there is none.

    Raises:
        IntegrityError: it is not what was written.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        checksum, _, body = path.read_bytes().partition(b"\n")
        if xxhash.xxh3_64_hexdigest(body).encode() == checksum:
            return msgspec.json.decode(body, type=Manifest)
    except (OSError, msgspec.MsgspecError):
        pass
    raise IntegrityError("the list of the vector index is damaged", path=str(path))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a new list in the place of the old one; after a crash there is one or the other."""
    body = msgspec.json.encode(manifest)
    put(folder / FILE, xxhash.xxh3_64_hexdigest(body).encode() + b"\n" + body)


def write_centres(folder: Path, name: str, centres: Centres) -> None:
    """Write the centres of cells, with a checksum at the end."""
    body = np.concatenate([centres.middle[None], centres.vectors]).astype("<f4").tobytes()
    put(folder / name, body + xxhash.xxh3_64_digest(body))


def read_centres(folder: Path, name: str, dimensions: int) -> Centres:
    """Read the centres of cells.

    Raises:
        IntegrityError: they are not what was written.
    """
    path = folder / name
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise IntegrityError("the cells of the vector index are gone", path=str(path)) from e
    body = raw[:-8]
    if xxhash.xxh3_64_digest(body) != raw[-8:] or len(body) % (4 * dimensions):
        raise IntegrityError("the cells of the vector index are damaged", path=str(path))
    rows = np.frombuffer(body, "<f4").reshape(-1, dimensions)
    return Centres(rows[0].copy(), rows[1:].copy())


def put(path: Path, body: bytes) -> None:
    """Write a file and put it in its place at once."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
