"""Whether a condition can hold by what a classifier says and nothing else: classifiers err.

A condition is read as the ways in which it can hold, each being what it rests on: a classifier's
score, another sign (words, another check, behaviour, risk), both, or only circumstances, such as
the model or the hour, that speak against nobody.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from itertools import product
from typing import Literal

from crossfix.policy.expression import (
    Arithmetic,
    Attribute,
    Compare,
    Constant,
    Expression,
    Field,
    Found,
    Leaf,
    Not,
    Rank,
    Score,
    Search,
    Size,
    Together,
    Window,
    leaves,
)
from crossfix.policy.policy import EffectKind, Policy

HARSH: tuple[EffectKind, ...] = ("throttle", "block", "limit")
"""The effects that need another sign beside a score; `flag` and `challenge` do not."""

_CIRCUMSTANCE, _SCORE, _SIGN = 0, 1, 2
_SIGNS = frozenset({"risk", "state", "labels", "urls", "hashtags", "mentions"})
_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
          "==": operator.eq, "!=": operator.ne}  # fmt: skip
_Sign = Literal["<", "<=", ">", ">=", "==", "!=", "in", "not in"]
_FLIPPED: dict[_Sign, _Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NAN = float("nan")
_MOST_WINDOWS = 6

Ways = frozenset[int]


def by_score_alone(policy: Policy) -> EffectKind | None:
    """Return the harsh effect of a policy that a classifier's score alone can bring about."""
    harsh = next((e.kind for e in policy.effects if e.kind in HARSH), None)
    return harsh if harsh is not None and holds_by_score(policy.expression) else None


def holds_by_score(condition: Expression) -> bool:
    """Return whether a condition can hold by a classifier's findings in one event alone."""
    return _SCORE in _ways(condition, True)


def _ways(node: Expression, holds: bool) -> Ways:
    """Return on what it can rest that a part holds, or that it does not."""
    if isinstance(node, Not):
        return _ways(node.part, not holds)
    if isinstance(node, Together):
        parts = [_ways(part, holds) for part in node.parts]
        return _all(parts) if (node.word == "and") == holds else frozenset[int]().union(*parts)
    if isinstance(node, Compare):
        return _compared(node, holds)
    if isinstance(node, Constant):
        return frozenset({_CIRCUMSTANCE} if bool(node.value) == holds else ())
    return _all([_said(leaf) for leaf in leaves(node)]) if holds else frozenset({_CIRCUMSTANCE})


def _all(parts: Iterable[Ways]) -> Ways:
    ways: Ways = frozenset({_CIRCUMSTANCE})
    for part in parts:
        ways = frozenset(a | b for a in ways for b in part)
    return ways


def _compared(node: Compare, holds: bool) -> Ways:
    asked = list(leaves(node))
    if any(_of_classifier(leaf) for leaf in asked):
        return frozenset({_CIRCUMSTANCE if _low(node, holds) else _SCORE})
    windows = list(dict.fromkeys(leaf for leaf in asked if isinstance(leaf, Window)))
    if windows:
        return _counted(node, windows, holds)
    if (not holds and node.sign in ("in", "==")) or (holds and node.sign in ("not in", "!=")):
        return frozenset({_CIRCUMSTANCE})
    left, right = _at_first(node.left, {}), _at_first(node.right, {})
    if left is not None and right is not None and node.sign in _HOLDS:
        return frozenset({_CIRCUMSTANCE if _HOLDS[node.sign](left, right) == holds else _SIGN})
    if isinstance(node.left, Arithmetic) or isinstance(node.right, Arithmetic):
        return frozenset({_CIRCUMSTANCE})  # length may make up for what is not there
    if any(isinstance(x, Constant) and x.value in ("", "active") for x in (node.left, node.right)):
        return frozenset({_CIRCUMSTANCE})
    return _all([_said(leaf) for leaf in asked])


def _counted(node: Compare, windows: list[Window], holds: bool) -> Ways:
    """Return what a comparison of features rests on: what holds for one event shows nothing yet.

    Each feature either counts the one event, or does not because of its own condition.
    """
    found: set[int] = set()
    for counts in product((0.0, 1.0), repeat=min(len(windows), _MOST_WINDOWS)):
        met = dict(zip(windows, counts, strict=False))
        left, right = _at_first(node.left, met), _at_first(node.right, met)
        asked = [(w.where, met.get(w, 1.0) > 0) for w in windows if w.where is not None]
        ways = _all([_ways(where, counted) for where, counted in asked])
        if left is None or right is None or node.sign not in _HOLDS:
            found |= ways & {_SCORE} or {_SIGN}
        elif _HOLDS[node.sign](left, right) == holds:
            found |= ways
    return frozenset(found) or frozenset({_SIGN})  # it takes several events


def _at_first(node: Expression, met: dict[Window, float]) -> float | None:
    """Return a number's value where nothing else speaks against an account, at its first event.

    ``met`` is what features count then; ``None`` stands for what is not known.
    """
    if isinstance(node, Constant):
        return None if isinstance(node.value, str) else float(node.value)
    if isinstance(node, Rank) and node.name == "state":
        return -1.0
    if isinstance(node, Score | Size) or (isinstance(node, Attribute) and node.amount):
        return 0.0
    if isinstance(node, Field) and node.name == "risk":
        return 0.0
    if isinstance(node, Window):
        if node.kind in ("interval_entropy", "similar_share"):
            return _NAN  # it has no value before there are several events
        return met.get(node) if node.kind in ("count", "distinct") else None
    if isinstance(node, Arithmetic):
        left, right = _at_first(node.left, met), _at_first(node.right, met)
        if left is None or right is None:
            return None
        if node.sign == "/":
            return left / right if right else _NAN
        return {"+": left + right, "-": left - right, "*": left * right}[node.sign]
    return None


def _of_classifier(leaf: Leaf) -> bool:
    if isinstance(leaf, Found):
        return leaf.check == "classifier"
    return isinstance(leaf, Score) and leaf.check in ("classifier", "")


def _low(node: Compare, holds: bool) -> bool:
    """Return whether the comparison asks for a low score, which speaks against nobody."""
    sign = node.sign
    if isinstance(node.left, Constant) and isinstance(node.right, Score):
        sign = _FLIPPED.get(sign, sign)
    elif not (isinstance(node.left, Score) and isinstance(node.right, Constant)):
        return False
    return sign in (("<", "<=") if holds else (">", ">="))


def _said(leaf: Leaf) -> Ways:
    if _of_classifier(leaf):
        return frozenset({_SCORE})
    if isinstance(leaf, Search | Found | Score | Attribute | Window):
        return frozenset({_SIGN})
    return frozenset({_SIGN if _named(leaf) in _SIGNS else _CIRCUMSTANCE})


def _named(leaf: Field | Rank | Size) -> str:
    return leaf.of if isinstance(leaf, Size) else leaf.name


def why(kind: EffectKind) -> str:
    """Return the sentence that says what is wrong with a harsh effect by a score alone."""
    return (
        f"{kind} could follow from a classifier's score alone; ask for another sign beside it, "
        "or let it flag or challenge"
    )
