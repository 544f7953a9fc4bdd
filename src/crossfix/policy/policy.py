"""A usage rule as code, and what it says of one event."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Literal, get_args

import msgspec

from crossfix.policy.expression import Expression

Status = Literal["draft", "shadow", "live"]
Level = Literal["informational", "low", "medium", "high", "critical"]
EffectKind = Literal["flag", "throttle", "challenge", "block", "watch", "limit", "label", "notify"]

STATUSES: tuple[Status, ...] = get_args(Status)
LEVELS: tuple[Level, ...] = get_args(Level)
EFFECTS: tuple[EffectKind, ...] = get_args(EffectKind)
ANSWERING: tuple[EffectKind, ...] = ("flag", "throttle", "challenge", "block")
"""The effects that answer the request at hand, mildest first; the others last for a time."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What follows when a policy's condition holds.

    ``throttle`` allows ``requests`` in ``seconds`` and no more; ``challenge`` asks for ``tier``;
    ``watch``, ``limit`` and ``label`` last for ``seconds``; ``notify`` tells the operators.
    """

    kind: EffectKind
    requests: int | None = None
    seconds: float | None = None
    tier: str | None = None
    label: str | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A policy whose condition holds for an event.

    ``policy`` is its id. A hit of a ``shadow`` policy is to be recorded and to have no effect.
    ``evidence`` has every value that the condition asked for, under the words it was asked with;
    it holds no text of the event.
    """

    policy: str
    version: int
    status: Status
    effects: tuple[Effect, ...]
    evidence: dict[str, str]

    @property
    def shadow(self) -> bool:
        """Whether the hit is to have no effect."""
        return self.status == "shadow"


@dataclass(frozen=True)
class When:
    """Which events a policy looks at; empty sets stand for all."""

    actions: frozenset[str]
    surfaces: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """Events of an inline test: ``repeat`` of them, ``every`` seconds, ``after`` those before.

    ``{n}`` in a text value stands for the number of the repetition, from 1.
    """

    values: dict[str, object]
    repeat: int = 1
    every: float = 1.0
    after: float = 1.0
    expect: bool | None = None
    line: int = 0


@dataclass(frozen=True)
class Case:
    """An inline test: whether the policy holds for any of its events."""

    name: str
    steps: tuple[Step, ...]
    expect: bool
    line: int = 0


@dataclass(frozen=True)
class Policy:
    """One policy as it was read and found right.

    ``text`` is what users read, by language; ``digest`` the SHA-256 of the file.
    """

    id: str
    title: str
    condition: str
    expression: Expression
    when: When
    effects: tuple[Effect, ...]
    status: Status = "draft"
    level: Level = "medium"
    version: int = 1
    description: str = ""
    text: dict[str, str] = field(default_factory=dict)
    author: str = ""
    date: datetime.date | None = None
    modified: datetime.date | None = None
    tags: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tests: tuple[Case, ...] = ()
    path: str = ""
    digest: str = ""
