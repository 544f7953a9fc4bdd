"""Judging without remembering: what policies would say of an event that has not ended yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from crossfix.policy.expression import Window
from crossfix.policy.facts import Facts
from crossfix.policy.memory import Memory
from crossfix.policy.series import MOST_VALUES
from crossfix.policy.values import value_of


@contextmanager
def unremembered(memory: Memory, facts: Facts) -> Iterator[None]:
    """Have a memory be as it was when this ends, though an event was judged with it.

    The entries of the event's own groups are put back. It costs some microseconds for each
    feature: it is for events that are judged again and again as they grow, such as streams.
    """
    latest = memory.latest
    held = [
        (series, key, deepcopy(series.young.get(key)), deepcopy(series.old.get(key)))
        for window, series in memory.kept()
        for key in _keys(window, facts)
    ]
    try:
        yield
    finally:
        memory.latest = latest
        for series, key, young, old in held:
            _put_back(series.young, key, young)
            _put_back(series.old, key, old)


def _keys(window: Window, facts: Facts) -> list[object]:
    """Return the keys of a feature's series that an event can touch."""
    group = _called(facts, window.by)
    if window.kind != "first_seen":
        return [group]
    shown = _called(facts, window.field)
    values = shown[:MOST_VALUES] if isinstance(shown, tuple) else (shown,)
    return [(group, hash(value)) for value in values]


def _called(facts: Facts, name: str) -> Any:
    """Return what a group or value is called in a series: of a text its hash is kept."""
    return hash(facts.text) if name == "text" else value_of(facts, name)


def _put_back(entries: dict[Any, Any], key: object, entry: Any) -> None:
    if entry is None:
        entries.pop(key, None)
    else:
        entries[key] = entry
