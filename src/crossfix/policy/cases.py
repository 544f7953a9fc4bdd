"""The inline tests of a policy, read from its file."""

from __future__ import annotations

from typing import Any

from crossfix.events.attributes import RESERVED
from crossfix.policy.document import Document, Node
from crossfix.policy.duration import LONGEST_WINDOW
from crossfix.policy.policy import Case, Step
from crossfix.policy.reading import choice, lasting, line, mapping, whole
from crossfix.policy.vocabulary import ANSWERS, CHECKS, FIELDS

MOST_EVENTS = 5_000
MOST_CASES = 50
_COMPUTED = ("words", "length", "script", "hour", "weekday", "risk", "age_days", "tokens")
_STEP: dict[str, Any] = {
    "repeat": whole(1, MOST_EVENTS), "every": lasting(LONGEST_WINDOW),
    "after": lasting(LONGEST_WINDOW), "expect": choice(("hit", "none")),
}  # fmt: skip


def _text(document: Document, node: Node) -> str | None:
    if node.kind not in ("text", "number"):
        document.wrong(node, "here stands text")
        return None
    return str(node.value)


def _number(document: Document, node: Node) -> float | None:
    if node.kind != "number":
        document.wrong(node, "here stands a number")
        return None
    return node.value  # type: ignore[no-any-return]


def _texts(document: Document, node: Node) -> tuple[str, ...] | None:
    nodes = node.value if node.kind == "list" else [node]
    return tuple(t for t in (_text(document, one) for one in nodes) if t is not None)


def _findings(document: Document, node: Node) -> tuple[dict[str, Any], ...] | None:
    reads = {"check": choice(CHECKS), "name": _text, "score": _number}
    nodes = node.value if node.kind == "list" else [node]
    found = [mapping(document, one, reads, "a finding") for one in nodes]
    if any(not one or not {"check", "name"} <= set(one) for one in found):
        document.wrong(node, "a finding has a check and a name")
        return None
    return tuple(one for one in found if one)


def _values() -> dict[str, Any]:
    reads: dict[str, Any] = {"text": _text, "findings": _findings}
    for name, word in FIELDS.items():
        if name in ("words", "length", "script", "hour", "weekday"):
            continue
        kind = {"number": _number, "text": _text, "set": _texts}[word.type]
        reads[name] = choice(word.choices) if word.choices else kind
    reads["answer"] = choice(ANSWERS)
    for name in RESERVED:
        reads.setdefault(name, _text)
    return reads


_EVENT = {**_values(), **_STEP}


def read_cases(document: Document, node: Node) -> tuple[Case, ...] | None:
    """Read the tests of a policy."""
    if node.kind != "list" or not node.value or len(node.value) > MOST_CASES:
        document.wrong(node, f"tests are a list of 1 to {MOST_CASES}")
        return None
    return tuple(case for case in (_case(document, one) for one in node.value) if case)


def _case(document: Document, node: Node) -> Case | None:
    reads = {"name": line, "events": _steps, "expect": choice(("hit", "none"))}
    found = mapping(document, node, reads, "a test")
    if found is None:
        return None
    given = {str(key.value) for key, _ in node.pairs()}
    for name in ("name", "events", "expect"):
        if name not in given:
            document.wrong(node, f"the test has no {name}")
    if len(found) < 3:
        return None
    return Case(found["name"], found["events"], found["expect"] == "hit", node.line + 1)


def _steps(document: Document, node: Node) -> tuple[Step, ...] | None:
    if node.kind != "list" or not node.value:
        document.wrong(node, "events are a list of at least one")
        return None
    steps = [step for step in (_step(document, one) for one in node.value) if step]
    if sum(step.repeat for step in steps) > MOST_EVENTS:
        document.wrong(node, f"a test has at most {MOST_EVENTS:,} events")
        return None
    return tuple(steps)


def _step(document: Document, node: Node) -> Step | None:
    found = mapping(document, node, _EVENT, "an event")
    if found is None:
        return None
    if not any(key.value == "action" for key, _ in node.pairs()):
        document.wrong(node, "the event has no action")
        return None
    expect = found.get("expect")
    return Step(
        values={k: v for k, v in found.items() if k not in _STEP},
        repeat=found.get("repeat", 1),
        every=found.get("every", 1.0),
        after=found.get("after", 1.0),
        expect=None if expect is None else expect == "hit",
        line=node.line + 1,
    )
