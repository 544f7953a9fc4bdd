"""A decision with what it was made from, and what its maker needs of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from crossfix.content.finding import Finding
from crossfix.guard.decision import Decision
from crossfix.guard.ruling import Ruling
from crossfix.policy.facts import Facts
from crossfix.store.counters import Ask

OUT = frozenset({"completion", "refusal", "tool_call"})
"""What a model did: it meets no limits, and its text is looked at as leaving."""


class Settling(Protocol):
    """Where limits were charged, as far as the end of a call needs it."""

    def settle(self, changes: Sequence[tuple[Ask, int]], now: float) -> None:
        """Charge what was used in the end."""

    def release(self, leases: Sequence[Ask], now: float) -> None:
        """Give leases back."""


class Considered(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with what it was made from, for the record.

    ``facts`` is the event as policies saw it, ``None`` where the request was refused before;
    ``rulings`` are those of live policies, ``shadow`` those of policies on trial.
    """

    decision: Decision
    facts: Facts | None = None
    findings: tuple[Finding, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    shadow: tuple[Ruling, ...] = ()
