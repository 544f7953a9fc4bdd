"""A policy's file, checked as a whole: every mistake is noted, with its place."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from crossfix.events.event import ACTIONS, SURFACES
from crossfix.policy.cases import read_cases
from crossfix.policy.condition import read_condition
from crossfix.policy.document import Document, Node, places, read_document
from crossfix.policy.effects import read_effects, unreachable
from crossfix.policy.expression import Expression
from crossfix.policy.lone_score import HARSH, holds_by_score, why
from crossfix.policy.mistake import Mistake, nearest
from crossfix.policy.policy import LEVELS, STATUSES, Policy, When
from crossfix.policy.reading import (
    choice,
    day,
    items,
    languages,
    line,
    mapping,
    paragraph,
    shaped,
    whole,
)
from crossfix.policy.vocabulary import FIELDS, FUNCTIONS, OUTWARD

_SLUG = shaped(r"[a-z0-9][a-z0-9-]{2,63}", "an id has 3 to 64 of a-z, 0-9 and -")
_TAG = shaped(
    r"[a-z][a-z0-9_-]*\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "a tag is written as disarm.T0084.001, atlas.AML.T0054, killchain.6 or attack.T1566",
)
_KEPT: dict[str, Any] = {
    "title": line, "id": _SLUG, "version": whole(1, 1_000_000), "status": choice(STATUSES),
    "level": choice(LEVELS), "description": paragraph, "text": languages, "author": line,
    "date": day, "modified": day, "tags": items(_TAG), "falsepositives": items(paragraph),
    "references": items(line),
}  # fmt: skip


_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


def _node(document: Document, node: Node) -> Node:
    return node


KEYS: dict[str, Any] = {**_KEPT, "when": _node, "let": _node, "condition": _node,
                        "effects": read_effects, "tests": read_cases}  # fmt: skip
"""The keys of a policy, and what reads each."""

NEEDED = ("title", "id", "status", "when", "condition", "effects")


def check_policy(path: str, data: bytes) -> tuple[Policy | None, list[Mistake]]:
    """Read one file's bytes; return the policy, or ``None`` with everything that is wrong."""
    document, root = read_document(path, data)
    if root is None:
        return None, document.mistakes
    found = mapping(document, root, KEYS, "a policy")
    if found is None:
        return None, document.mistakes
    given = {str(key.value) for key, _ in root.pairs()}
    for name in NEEDED:
        if name not in given:
            document.mistake(root.line, 0, f"the policy has no {name}")
    when = _when(document, found["when"]) if "when" in found else None
    actions = when.actions if when else frozenset(ACTIONS)
    expression = _conditions(document, found, actions)
    effects = found.get("effects", [])
    if when:
        unreachable(document, effects, actions)
    if expression is not None and holds_by_score(expression):
        for effect, node in effects:
            if effect.kind in HARSH:
                document.wrong(node, why(effect.kind))
    if document.mistakes or when is None or expression is None:
        return None, document.mistakes
    return Policy(
        **{k: v for k, v in found.items() if k in _KEPT},
        condition=found["condition"].value.strip(),
        expression=expression,
        when=when,
        effects=tuple(effect for effect, _ in effects),
        tests=found.get("tests", ()),
        path=path,
        digest=hashlib.sha256(data).hexdigest(),
    ), []


def _conditions(
    document: Document, found: dict[str, Any], actions: frozenset[str]
) -> Expression | None:
    """Read the named conditions in their order, then the one that uses them."""
    named: dict[str, Expression | None] = {}
    used: set[str] = set()
    keys: dict[str, Node] = {}
    let: Node | None = found.get("let")
    if let is not None and let.kind != "mapping":
        document.wrong(let, "let is a mapping of names and what they stand for")
    for key, node in let.pairs() if let is not None else ():
        name = str(key.value)
        if not _NAME.fullmatch(name) or name in FIELDS or name in FUNCTIONS or name == "text":
            document.wrong(key, "a name of one's own has a-z, 0-9 and _, and is no known word")
        elif name in named:
            document.wrong(key, f"{name} is given twice")
        else:
            keys[name] = key
            named[name], more = _condition(document, node, actions, named)
            used |= more
    if "condition" not in found:
        return None
    expression, more = _condition(document, found["condition"], actions, named)
    for name in keys.keys() - used - more:
        document.wrong(keys[name], f"{name} is never used")
    return expression


def _condition(
    document: Document,
    node: Node,
    actions: frozenset[str],
    named: dict[str, Expression | None],
) -> tuple[Expression | None, set[str]]:
    if node.kind != "text":
        document.wrong(node, 'a condition is text, as in count("prompt", within="10m") > 50')
        return None, set()
    at = places(document, node)

    def wrong(start: int, end: int, message: str) -> None:
        row, column = at[min(start, len(at) - 1)]
        last_row, last = at[min(end, len(at) - 1)]
        width = last - column if last_row == row else len(document.lines[row]) - column
        document.mistake(row, column, message, max(1, width))

    return read_condition(node.value, actions, wrong, named)


def _direction(document: Document, node: Node) -> frozenset[str] | None:
    word = choice(("in", "out"))(document, node)
    if word is None:
        return None
    outward = frozenset(OUTWARD)
    return outward if word == "out" else frozenset(ACTIONS) - outward


_WHEN: dict[str, Any] = {
    "actions": items(choice(ACTIONS)), "direction": _direction,
    "surfaces": items(choice(SURFACES)), "services": items(line),
}  # fmt: skip


def _when(document: Document, node: Node) -> When | None:
    if node.kind != "mapping":
        if node.kind == "text" and node.value == "any":
            return When(frozenset(ACTIONS))
        before = len(document.mistakes)
        chosen = items(choice(ACTIONS))(document, node)
        if not chosen and len(document.mistakes) == before:
            document.wrong(node, f"name the actions that it looks at{nearest('', ACTIONS)}")
        return When(frozenset(chosen)) if chosen and len(document.mistakes) == before else None
    before = len(document.mistakes)
    found = mapping(document, node, _WHEN, "when")
    if found is None or len(document.mistakes) > before:
        return None
    actions = frozenset(found.get("actions", ACTIONS)) & found.get("direction", frozenset(ACTIONS))
    if not actions:
        document.wrong(node, "none of these actions has this direction: it is never looked at")
        return None
    return When(actions, frozenset(found.get("surfaces", ())), frozenset(found.get("services", ())))
