"""Marks that an event leaves and another account could leave too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.events import Event

Family = Literal["repost", "text", "link", "tag", "address", "media", "infrastructure", "profile",
                 "rhythm", "origin", "given"]  # fmt: skip
"""Kinds of one family depend on each other (the URL inside the same text is one signal)."""

TRACES: pa.Schema = pa.schema(
    [
        pa.field("account", pa.int32(), nullable=False),
        pa.field("kind", pa.int8(), nullable=False),
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("time", pa.int64(), nullable=False),
        pa.field("event", pa.int64(), nullable=False),
    ]
)
"""The columns of traces: codes of account and kind, hash of the key, UTC microseconds, row of the
event. One row a (account, kind, key, event)."""


@dataclass(frozen=True)
class Keys:
    """The keys that one extractor found in a batch of events.

    ``rows`` (int64) are row numbers in the batch, ascending, one entry a key; ``values`` (Arrow
    strings, as long) are the canonical keys, as a person could read them where that is possible.
    """

    rows: NDArray[np.int64]
    values: pa.Array


@dataclass(frozen=True)
class Example:
    """An event and the keys that it must leave."""

    event: Event
    keys: tuple[str, ...]


class Extractor(ABC):
    """A kind of trace.

    ``kind`` is its name in outputs, ``family`` groups kinds that depend on each other.
    """

    kind: ClassVar[str]
    family: ClassVar[Family]
    phrase: ClassVar[str]
    """How a sentence says it: "shared the same link"."""

    attribute: ClassVar[str | None] = None
    """The attribute without which an event leaves no key of the kind, if there is one."""

    @abstractmethod
    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the keys in a batch of events (columns of `crossfix.events.SCHEMA`)."""

    @abstractmethod
    def examples(self) -> list[Example]:
        """Return events and the keys that they must leave; tests, demo and docs use them."""

    def readable(self, event: Event, value: str) -> str:
        """Return a key that this event left as a person should read it."""
        return value


class Clusterer(ABC):
    """A kind of trace whose keys show only when all events are known.

    Batches are added in order; ``finish`` returns the keys, with rows counted over all batches.
    """

    kind: ClassVar[str]
    family: ClassVar[Family]
    phrase: ClassVar[str]

    @abstractmethod
    def add(self, events: pa.RecordBatch) -> None:
        """Take in the next batch."""

    @abstractmethod
    def finish(self) -> Keys:
        """Return one key an event at most: the cluster that it belongs to."""


class Later:
    """A kind of trace that is found in a second look, when all events are read and kept.

    It is named here; `crossfix.campaigns.later` knows who finds it.
    """

    kind: ClassVar[str]
    family: ClassVar[Family]
    phrase: ClassVar[str]
