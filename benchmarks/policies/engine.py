"""A hundred policies with evidence: events a second on one core, beside another rules engine.

All policies look at the action of every event, so that none is spared. CPU time of this process,
the best of several rounds; evidence is gathered for every hit. Policies that look at one event
alone are also put to ezrules as Python rules of the same meaning, which gives no evidence and
does not look back in time; the goal is for these. What looking back costs is shown beside it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.machine import header
from benchmarks.policies.worlds import events, policies
from crossfix.policy import STARTER, Facts, Memory, Policy, compile_policies, load_policies

GOAL = 100_000.0
_SETTINGS = {"DB_ENDPOINT": "sqlite://", "APP_SECRET": "none", "ORG_ID": "1"}


def judged(made: Sequence[Policy]) -> Callable[[list[Facts]], int]:
    """Return what judges events with policies, and counts the hits."""
    ruleset = compile_policies(made)

    def run(asked: list[Facts]) -> int:
        memory, judge, hits = Memory(), ruleset.judge, 0
        for facts in asked:
            hits += len(judge(facts, memory))
        return hits

    return run


def per_second(run: Callable[[Any], int], asked: Sequence[Any], rounds: int) -> tuple[float, int]:
    """Return events a second of CPU, the best of some rounds, and the hits."""
    best, hits = float("inf"), 0
    run(asked[: len(asked) // 10])
    for _ in range(rounds):
        began = time.process_time()
        hits = run(asked)
        best = min(best, time.process_time() - began)
    return len(asked) / best, hits


def ezrules(made: Sequence[Policy]) -> Callable[[list[dict[str, Any]]], int]:
    """Return the same for ezrules: each condition as the Python that its rules are written in."""
    # It wants settings to be imported; its engine uses none of them.
    os.environ |= {f"EZRULES_{name}": value for name, value in _SETTINGS.items()}
    from ezrules.core.rule_engine import RuleEngineFactory

    engine = RuleEngineFactory.from_json(
        [{"rid": p.id, "logic": f"if {_python(p.condition)}:\n\treturn 'HIT'"} for p in made]
    )

    def run(asked: list[dict[str, Any]]) -> int:
        return sum(len(engine(one)["rule_results"]) for one in asked)

    return run


def _python(condition: str) -> str:
    found = re.sub(r"contains\(('[^']+')\)", r"(\1 in t['text'])", condition)
    found = re.sub(
        r"any_of\(('[^']+'), ('[^']+')\)", r"(\1 in t['text'] or \2 in t['text'])", found
    )
    found = found.replace("attribute('ip')", "t['ip']")
    return re.sub(r"\b(tokens|model|age_days|risk|key|organisation)\b", r"t['\1']", found)


def as_dictionaries(asked: Sequence[Facts]) -> list[dict[str, Any]]:
    """Return events as the dictionaries that other engines take."""
    names = ("text", "tokens", "model", "age_days", "risk", "key", "organisation")
    return [{n: getattr(f, n) for n in names} | {"ip": f.attributes["ip"]} for f in asked]


def main() -> int:
    """Measure and compare with the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(header(options.seed, "ezrules", "google-re2"))
    draw = random.Random(options.seed)
    asked = events(draw, options.count, options.words)
    single = policies(draw, 100, 0)
    mixed = policies(draw, 60, 40)
    found: dict[str, float] = {}

    def say(name: str, run: Callable[[Any], int], given: Sequence[Any]) -> None:
        found[name], hits = per_second(run, given, options.rounds)
        print(f"{name:<52}{found[name]:>12,.0f} events/s{hits:>10,} hits", flush=True)

    say("100 policies, 40 of them look back", judged(mixed), asked)
    say("100 policies on one event", judged(single), asked)
    say("the starter pack", judged(load_policies([STARTER])), asked)
    if importlib.util.find_spec("ezrules"):
        say("ezrules, the same 100 on one event", ezrules(single), as_dictionaries(asked))
        ratio = found["100 policies on one event"] / found["ezrules, the same 100 on one event"]
        print(f"crossfix with evidence does {ratio:.1f} times what ezrules does without")
    else:
        print("ezrules is not installed: pip install --group bench")
    reached = found["100 policies on one event"]
    print(f"goal: {GOAL:,.0f} events a second: {'reached' if reached >= GOAL else 'missed'}")
    return 0 if reached >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
