"""Accounts by number, and which of them are one person, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.traces.columns import attribute

SAME_PERSON = ("person", "credential")
"""Attributes by which accounts declare or show that they are one person."""

MOST_PERSONS = 500_000


class People:
    """The codes of accounts, and ``root``: the actor of each, which is the code of one of them."""

    def __init__(self, *, most_persons: int = MOST_PERSONS) -> None:
        self._codes: dict[str, int] = {}
        self._names: list[str] = []
        self._persons: dict[str, int] = {}
        self._most_persons = most_persons
        self._root = np.arange(1_024, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def root(self) -> NDArray[np.int32]:
        """The actor of each account."""
        return self._root[: len(self._names)]

    def name(self, code: int) -> str:
        """Return an account's name."""
        return self._names[code]

    def codes(self, events: pa.RecordBatch) -> NDArray[np.int32]:
        """Return the code of the account of each event, and join those that are one person."""
        unique = events.column("account").dictionary_encode()
        found = [self._code(name) for name in unique.dictionary.to_pylist()]
        codes: NDArray[np.int32] = np.array(found, np.int32)[unique.indices.to_numpy()]
        for name in SAME_PERSON:
            keys = attribute(events, name)
            values = (f"{name}\x1f{value}" for value in keys.values.to_pylist())
            self._join(zip(codes[keys.rows].tolist(), values, strict=True))
        return codes

    def keep(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Forget all accounts but these (ascending); return the new code by the old one, or -1."""
        new = np.full(len(self._names), -1, np.int32)
        new[codes] = np.arange(len(codes), dtype=np.int32)
        # An actor is named by an account of it that stays.
        _, first, of = np.unique(self.root[codes], return_index=True, return_inverse=True)
        self._names = [self._names[code] for code in codes.tolist()]
        self._codes = {name: code for code, name in enumerate(self._names)}
        self._root = np.arange(max(1_024, 2 * len(codes)), dtype=np.int32)
        self._root[: len(codes)] = first[of]
        kept = ((person, int(new[code])) for person, code in self._persons.items())
        self._persons = {person: code for person, code in kept if code >= 0}
        return new

    def actor(self, account: str) -> str:
        """Return the account that stands for the person behind one."""
        code = self._codes.get(account)
        return account if code is None else self._names[int(self._root[code])]

    def same(self, accounts: Sequence[str]) -> int:
        """Return how many actors stand behind these accounts."""
        known = [self._codes[a] for a in accounts if a in self._codes]
        return len({int(self._root[c]) for c in known}) + len(set(accounts)) - len(set(known))

    def _code(self, name: str) -> int:
        code = self._codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
            if code >= len(self._root):
                grown = np.arange(2 * len(self._root), dtype=np.int32)
                grown[: len(self._root)] = self._root
                self._root = grown
        return code

    def _join(self, uses: Iterable[tuple[int, str]]) -> None:
        for code, person in uses:
            first = self._persons.setdefault(person, code)
            one, other = int(self._root[first]), int(self._root[code])
            if one != other:
                self._root[: len(self._names)][self.root == other] = one
        while len(self._persons) > self._most_persons:
            del self._persons[next(iter(self._persons))]
