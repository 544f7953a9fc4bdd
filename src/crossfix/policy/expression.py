"""A condition after it was checked: a tree of these nodes, and of nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is written in the condition."""

    value: bool | int | float | str


@dataclass(frozen=True, slots=True)
class Several:
    """Texts that are written in the condition, to look for a value in."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the event or its account."""

    name: str
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of a value among its choices; -1 where it is none of them."""

    name: str
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Search:
    """Whether one RE2 pattern is found in a text, ``of`` naming which."""

    pattern: str
    of: str
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a check found something; with an empty name, anything."""

    check: str
    name: str
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Score:
    """The highest score of findings of a name; with an empty check, of any check."""

    name: str
    check: str
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as text or, where ``amount``, as a whole number."""

    name: str
    amount: bool
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Size:
    """How many values a set has."""

    of: str
    said: str = dataclasses.field(compare=False, default="")


_Kind = Literal["count", "distinct", "sum", "first_seen", "interval_entropy", "similar_share"]


@dataclass(frozen=True, slots=True)
class Window:
    """A feature over the past of a group; ``within`` in seconds (0 where all of it counts).

    ``actions`` are those that it takes in, ``where`` what these must fulfil besides.
    """

    kind: _Kind
    actions: frozenset[str]
    field: str
    within: float
    by: str
    where: Expression | None = None
    said: str = dataclasses.field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is not."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Together:
    """True where all parts are (``and``), or one of them is (``or``)."""

    word: Literal["and", "or"]
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; a comparison with what is unknown does not hold."""

    sign: Literal["<", "<=", ">", ">=", "==", "!=", "in", "not in"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A sum, difference, product or quotient; what is divided by 0 is unknown."""

    sign: Literal["+", "-", "*", "/"]
    left: Expression
    right: Expression


Expression: TypeAlias = (
    Constant | Several | Field | Rank | Search | Found | Score | Attribute | Size | Window | Not
    | Together | Compare | Arithmetic
)  # fmt: skip
Leaf: TypeAlias = Field | Rank | Search | Found | Score | Attribute | Size | Window

LEAVES = (Field, Rank, Search, Found, Score, Attribute, Size, Window)


def parts(node: Expression) -> tuple[Expression, ...]:
    """Return the nodes directly below a node; what a window counts is not below it."""
    if isinstance(node, Not):
        return (node.part,)
    if isinstance(node, Together):
        return node.parts
    if isinstance(node, Compare | Arithmetic):
        return (node.left, node.right)
    return ()


def leaves(node: Expression) -> Iterator[Leaf]:
    """Yield what a condition asks of the event, from left to right."""
    if isinstance(node, LEAVES):
        yield node
    for part in parts(node):
        yield from leaves(part)
