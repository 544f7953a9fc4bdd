"""The inline tests of a policy, run: what was expected, and what came instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from crossfix.content.finding import Finding
from crossfix.policy.facts import Facts
from crossfix.policy.memory import Memory
from crossfix.policy.policy import Case, Hit, Policy, Step
from crossfix.policy.ruleset import compile_policies

START = 1_767_614_400.0
"""When tests begin: Monday, 5 January 2026, 12:00 UTC."""

_FIELDS = frozenset(Facts.__struct_fields__)


@dataclass(frozen=True)
class Trial:
    """The outcome of one inline test; ``failures`` in words, none where it passed.

    ``first`` is the number of the first event that was hit, counted from 1.
    """

    policy: str
    case: str
    path: str
    line: int
    failures: tuple[str, ...]
    first: int | None
    evidence: dict[str, str]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def try_policy(policy: Policy) -> list[Trial]:
    """Run the inline tests of a policy, each on its own with an empty memory."""
    return [_try(policy, case) for case in policy.tests]


def _try(policy: Policy, case: Case) -> Trial:
    rules, memory = compile_policies([replace(policy, status="live")]), Memory()
    failures: list[str] = []
    first, evidence = None, dict[str, str]()
    number = 0
    for step, events in _events(case):
        hit: Hit | None = None
        for facts in events:
            number += 1
            hits = rules.judge(facts, memory)
            hit = hits[0] if hits else None
            if hit and first is None:
                first, evidence = number, hit.evidence
        if step.expect is not None and step.expect != (hit is not None):
            failures.append(f"line {step.line}: {_said(step.expect)} at event {number}")
    if case.expect != (first is not None):
        said = f"{_said(case.expect)}" + (f" from event {first}" if first else "")
        failures.append(said)
    return Trial(policy.id, case.name, policy.path, case.line, tuple(failures), first,
                 evidence)  # fmt: skip


def _said(expected: bool) -> str:
    return "expected a hit, there is none" if expected else "expected no hit, there is one"


def _events(case: Case) -> Iterator[tuple[Step, list[Facts]]]:
    now = START
    for step in case.steps:
        events = []
        for n in range(1, step.repeat + 1):
            now += step.after if n == 1 else step.every
            events.append(facts_from(step.values, now, n))
        yield step, events


def facts_from(values: dict[str, object], time: float, n: int) -> Facts:
    """Return the event that a test writes down; ``{n}`` in its texts becomes a number."""
    fields: dict[str, Any] = {"service": "app", "surface": "ai", "account": "app:tester"}
    attributes: dict[str, str] = {}
    for name, value in values.items():
        if name == "findings":
            found: Any = value
            fields[name] = tuple(Finding(**one) for one in found)
        elif name in _FIELDS:
            fields[name] = _numbered(value, n)
        else:
            attributes[name] = str(_numbered(value, n))
    return Facts(time=time, attributes=attributes, **fields)


def _numbered(value: object, n: int) -> object:
    if isinstance(value, str):
        return value.replace("{n}", str(n))
    if isinstance(value, tuple):
        return tuple(_numbered(one, n) for one in value)
    return value
