"""A world after a published case: events, and what is true about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crossfix.events import Event
from crossfix.scenarios.cases.parameters import Parameters

Role = Literal["person", "operator", "poster", "client", "reader", "target", "site"]


@dataclass(frozen=True)
class CaseAccount:
    """What is true about an account.

    ``account`` is ``service:native-id``. ``group`` names the campaign or, where ``is_operation``
    is false, the benign group; it is '' for people who belong to nothing. ``person`` is who acts.
    """

    account: str
    is_operation: bool
    group: str
    kind: str
    role: Role
    person: str
    language: str


@dataclass(frozen=True)
class Step:
    """One completion's way: into a post, or into the prompt of another service.

    ``source`` and ``target`` are ids of events; ``text`` is the part of the completion that went
    on, ``change`` what was done to it (``verbatim``, else names of changes joined by ``+``).
    """

    group: str
    source: str
    target: str
    into: Literal["post", "prompt"]
    text: str
    change: str


@dataclass(frozen=True)
class CaseWorld:
    """A finished world: events in order of time, its accounts, the chain of its outputs.

    ``documents`` holds the bytes of mails and pages by the id of their event.
    """

    name: str
    size: int
    seed: int
    parameters: Parameters
    events: tuple[Event, ...]
    accounts: tuple[CaseAccount, ...]
    steps: tuple[Step, ...]
    documents: Mapping[str, bytes]

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the names of the campaigns."""
        return tuple(sorted({a.group for a in self.accounts if a.is_operation}))

    @property
    def benign_groups(self) -> tuple[str, ...]:
        """Return the names of the groups that act alike for an honest reason."""
        return tuple(sorted({a.group for a in self.accounts if a.group and not a.is_operation}))
