"""All policies as one function an action: `compile_policies`, and `Ruleset.judge`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from crossfix.errors import InputError
from crossfix.events.event import ACTIONS
from crossfix.policy.emit import Emitter, late
from crossfix.policy.expression import Expression, Search, Window, leaves
from crossfix.policy.facts import Facts
from crossfix.policy.lone_score import by_score_alone, why
from crossfix.policy.memory import Memory, timeless
from crossfix.policy.patterns import joins, needed, search_all
from crossfix.policy.policy import Hit, Policy, Status
from crossfix.policy.rehearsal import unremembered
from crossfix.policy.values import shown

Judge = Callable[[Facts, float], list[Hit]]
JUDGED: tuple[Status, ...] = ("live", "shadow")


@dataclass(frozen=True, eq=False)
class Ruleset:
    """Policies that are judged together; ``policies`` in order of id."""

    policies: tuple[Policy, ...]
    windows: frozenset[Window]

    def judge(self, facts: Facts, memory: Memory) -> list[Hit]:
        """Return the policies that hold for an event, in order of id.

        The event is taken into the memory first, so that features count it; it is to be judged
        once. Hits of shadow policies are among the others, marked.
        """
        if memory.owner is not self:
            self.bind(memory)
        time = facts.time
        if time < memory.latest:
            time = memory.latest
        else:
            memory.latest = time
        judge = memory.table.get(facts.action)
        return judge(facts, time) if judge is not None else []

    def rehearse(self, facts: Facts, memory: Memory) -> list[Hit]:
        """Return the policies that would hold for an event as it is now, and remember nothing.

        It is for an event that still grows, as a stream does: once it is whole, it is judged.
        """
        if memory.owner is not self:
            self.bind(memory)
        with unremembered(memory, facts):
            return self.judge(facts, memory)

    def bind(self, memory: Memory) -> None:
        """Compile for a memory; what it remembers of features that are still asked stays."""
        memory.ask(self.windows)
        patterns = sorted({p for policy in self.policies for p in _patterns(policy.expression)})
        search = search_all(patterns)
        table: dict[str, Any] = {}
        for action in ACTIONS:
            judge = self._compiled(action, memory, patterns, search)
            if judge is not None:
                table[action] = judge
        memory.table, memory.owner = table, self

    def source(self, action: str) -> str:
        """Return the Python source that is made for an action, for people who want to see it."""
        patterns = sorted({p for policy in self.policies for p in _patterns(policy.expression)})
        memory = Memory()
        memory.ask(self.windows)
        emitter = Emitter(action, memory, search_all(patterns))
        return self._write(emitter, patterns)

    def _compiled(
        self, action: str, memory: Memory, patterns: list[str], search: Callable[[str], Any]
    ) -> Judge | None:
        emitter = Emitter(action, memory, search)
        source = self._write(emitter, patterns)
        if not source:
            return None
        module = compile(source, f"<policies for {action}>", "exec", dont_inherit=True)
        code = next(c for c in module.co_consts if isinstance(c, CodeType))
        names = {**emitter.names, "__builtins__": {}, "SHOW": shown, "HIT": Hit, "len_": len,
                 "NAN": float("nan"), "LIST": list, "BISECT": bisect_right}  # fmt: skip
        return FunctionType(code, names)

    def _write(self, emitter: Emitter, patterns: list[str]) -> str:
        action = emitter.action
        asked = [p for p in self.policies if action in p.when.actions]
        fed = sorted({timeless(w) for w in self.windows if action in w.actions}, key=_order)
        if not asked and not fed:
            return ""
        emitter.patterns.update({pattern: n for n, pattern in enumerate(patterns)})
        for policy in asked:
            emitter.use(policy.expression)
        for window in fed:
            emitter.use(window)
        first = [emitter.update(w) for w in fed if not late(w)]
        judged = [line for policy in asked for line in _judged(emitter, policy)]
        last = [emitter.update(w) for w in fed if late(w)]
        lines = ["hits = []", *(x for x in first if x), *judged, *(x for x in last if x)]
        if emitter.variables:
            lines.insert(0, " = ".join([*emitter.variables, "U"]))
        return "def judge(f, t):\n" + "".join(f"    {x}\n" for x in [*lines, "return hits"])


def _judged(emitter: Emitter, policy: Policy) -> Iterator[str]:
    conditions = []
    if policy.when.surfaces:
        conditions.append(f"f.surface in {emitter.bind('c', policy.when.surfaces)}")
    if policy.when.services:
        conditions.append(f"f.service in {emitter.bind('c', policy.when.services)}")
    conditions.append(emitter.say(policy.expression))
    given = {"policy": policy.id, "version": policy.version, "status": policy.status}
    words = [f"{name}={emitter.bind('c', value)}" for name, value in given.items()]
    words.append(f"effects={emitter.bind('e', policy.effects, policy.id)}")
    words.append(f"evidence={emitter.evidence(policy.expression)}")
    yield f"if {' and '.join(conditions)}:"
    yield f"    hits.append(HIT({', '.join(words)}))"


def _order(window: Window) -> tuple[str, str, float, str]:
    return window.kind, window.field, window.within, window.said


def _patterns(expression: Expression) -> Iterator[str]:
    for leaf in leaves(expression):
        if isinstance(leaf, Search) and leaf.of == "text":
            yield from (leaf.pattern,) if joins(leaf.pattern) else needed(leaf.pattern)
        elif isinstance(leaf, Window) and leaf.where is not None:
            yield from _patterns(leaf.where)


def compile_policies(policies: Iterable[Policy], statuses: Collection[Status] = JUDGED) -> Ruleset:
    """Return the ruleset of the policies that have one of these statuses.

    Raises:
        InputError: a classifier's score alone would refuse or throttle.
    """
    kept = sorted((p for p in policies if p.status in statuses), key=lambda p: p.id)
    for policy in kept:
        if (harsh := by_score_alone(policy)) is not None:
            raise InputError(f"In the policy {policy.id}, {why(harsh)}.")
    windows = {leaf for p in kept for leaf in leaves(p.expression) if isinstance(leaf, Window)}
    return Ruleset(tuple(kept), frozenset(windows))
