"""The slow, obvious twin of compiled policies: it keeps and looks through every event."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import re2

from crossfix.policy import Facts, Policy, values
from crossfix.policy import expression as x
from crossfix.policy.vocabulary import FIELDS

UNKNOWN = float("nan")


class Twin:
    """Judges as `Ruleset.judge` does."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies = sorted(policies, key=lambda p: p.id)
        self.past: list[tuple[float, Facts]] = []

    def judge(self, facts: Facts) -> list[tuple[str, dict[str, str]]]:
        now = max([facts.time, *(t for t, _ in self.past)])
        self.past.append((now, facts))
        hits = []
        for policy in self.policies:
            when = policy.when
            if policy.status == "draft" or facts.action not in when.actions:
                continue
            if when.surfaces and facts.surface not in when.surfaces:
                continue
            if when.services and facts.service not in when.services:
                continue
            if self.value(policy.expression, facts, now):
                hits.append((policy.id, self.evidence(policy, facts, now)))
        return hits

    def evidence(self, policy: Policy, facts: Facts, now: float) -> dict[str, str]:
        answer = {}
        for leaf in x.leaves(policy.expression):
            word = isinstance(leaf, x.Rank)
            value = getattr(facts, leaf.name) if word else self.value(leaf, facts, now)
            answer[leaf.said] = values.shown(value)
        return answer

    def value(self, node: Any, facts: Facts, now: float) -> Any:
        ask = lambda part: self.value(part, facts, now)  # noqa: E731
        match node:
            case x.Constant():
                return node.value
            case x.Several():
                return node.values
            case x.Not():
                return not ask(node.part)
            case x.Together(word="and"):
                return all(ask(part) for part in node.parts)
            case x.Together():
                return any(ask(part) for part in node.parts)
            case x.Compare():
                return compared(node.sign, ask(node.left), ask(node.right))
            case x.Arithmetic():
                return worked_out(node.sign, ask(node.left), ask(node.right))
            case x.Window():
                return self.window(node, facts, now)
            case _:
                return leaf_value(node, facts, now)

    def window(self, node: x.Window, facts: Facts, now: float) -> Any:
        """Look through the whole past."""
        unknown = 0 if node.kind in ("count", "sum", "distinct") else UNKNOWN
        group = values.value_of(facts, node.by)
        if not group:
            return unknown
        since = now - node.within if node.within else -math.inf
        inside = [
            (t, f)
            for t, f in self.past
            if t > since
            and f.action in node.actions
            and values.value_of(f, node.by) == group
            and (node.where is None or self.value(node.where, f, t))
        ]
        return getattr(self, node.kind)(node, facts, now, inside)

    def count(self, node: x.Window, facts: Facts, now: float, inside: list[Any]) -> int:
        return len(inside)

    def sum(self, node: x.Window, facts: Facts, now: float, inside: list[Any]) -> int:
        return sum(values.amount_of(f, node.field) for _, f in inside)

    def distinct(self, node: x.Window, facts: Facts, now: float, inside: list[Any]) -> int:
        return len({v for _, f in inside for v in many(values.value_of(f, node.field))})

    def first_seen(self, node: x.Window, facts: Facts, now: float, inside: list[Any]) -> float:
        since = [
            now - min(t for t, f in inside if value in many(values.value_of(f, node.field)))
            for value in many(values.value_of(facts, node.field))
        ]
        return min(since, default=UNKNOWN)

    def interval_entropy(
        self, node: x.Window, facts: Facts, now: float, inside: list[Any]
    ) -> float:
        times = [t for t, _ in inside][-65:]
        if len(times) < 9:
            return UNKNOWN
        bins = Counter(
            round(4 * math.log2(max(b - a, 0.001))) for a, b in itertools.pairwise(times)
        )
        total = sum(bins.values())
        return -sum(n / total * math.log2(n / total) for n in bins.values())

    def similar_share(self, node: x.Window, facts: Facts, now: float, inside: list[Any]) -> float:
        # All texts that a window of any length would keep, for only the last 32 of these count.
        kept = [
            (t, f)
            for t, f in self.past[:-1]
            if f.text
            and f.action in node.actions
            and values.value_of(f, node.by) == values.value_of(facts, node.by)
            and (node.where is None or self.value(node.where, f, t))
        ][-32:]
        texts = [f.text for t, f in kept if t > now - node.within]
        if len(texts) < 3:
            return UNKNOWN
        return sum(alike(facts.text, text) for text in texts) / len(texts)


def many(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if value else ()


def alike(one: str, other: str) -> bool:
    """Half of the words in common; texts of the tests have fewer words than a sketch holds."""
    a, b = set(one.lower().split()), set(other.lower().split())
    return bool(a or b) and 2 * len(a & b) >= max(len(a), len(b))


def compared(sign: str, left: Any, right: Any) -> bool:
    if any(isinstance(v, float) and math.isnan(v) for v in (left, right)):
        return False
    return {
        "<": lambda: left < right, "<=": lambda: left <= right, ">": lambda: left > right,
        ">=": lambda: left >= right, "==": lambda: left == right, "!=": lambda: left != right,
        "in": lambda: left in right, "not in": lambda: left not in right,
    }[sign]()  # fmt: skip


def worked_out(sign: str, left: Any, right: Any) -> Any:
    if sign == "/":
        return left / right if right else UNKNOWN
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[sign]()


def leaf_value(node: Any, facts: Facts, now: float) -> Any:
    match node:
        case x.Field(name="words"):
            return len(facts.text.split())
        case x.Field(name="length"):
            return len(facts.text)
        case x.Field(name="script"):
            return values.script(facts.text)
        case x.Field(name="hour"):
            return values.hour(now)
        case x.Field(name="weekday"):
            return values.weekday(now)
        case x.Field():
            return getattr(facts, node.name)
        case x.Rank():
            choices = FIELDS[node.name].choices
            word = getattr(facts, node.name)
            return choices.index(word) if word in choices else -1
        case x.Search():
            text = str(values.value_of(facts, node.of)).encode("utf-8", "replace").decode()
            options = re2.Options()
            options.case_sensitive = False
            return re2.compile(node.pattern, options=options).search(text) is not None
        case x.Found():
            return any(f.check == node.check and node.name in ("", f.name) for f in facts.findings)
        case x.Score():
            fits = [f for f in facts.findings if f.name == node.name]
            return max((f.score for f in fits if node.check in ("", f.check)), default=0.0)
        case x.Attribute(amount=True):
            text = facts.attributes.get(node.name, "")
            return int(text) if text.isascii() and text.isdigit() else 0
        case x.Attribute():
            return values.value_of(facts, node.name)
        case x.Size():
            return len(getattr(facts, node.of))
    raise AssertionError(node)
