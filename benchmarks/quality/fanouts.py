"""Fan-outs and chains in the hunt, on worlds after published cases and their honest look-alikes.

Seeds below 10 are for building. A batch is a response of which three accounts or more posted
parts; it is found if a campaign tells of it. A hop is a completion in another service's prompt.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from benchmarks.machine import header
from crossfix.campaigns.hunt import HuntOptions, hunt
from crossfix.campaigns.order import both_high
from crossfix.campaigns.result import HuntResult
from crossfix.events import to_batch
from crossfix.scenarios.cases.case_world import CaseWorld
from crossfix.scenarios.cases.registry import CASES, build

LEAST = 3
BATCH = 5_000


def hunted(world: CaseWorld) -> HuntResult:
    """Return what the hunt finds in a world, by wording alone."""
    events = list(world.events)
    batches = (to_batch(events[at : at + BATCH]) for at in range(0, len(events), BATCH))
    return hunt(batches, HuntOptions()).result


def batches(world: CaseWorld) -> set[str]:
    """Return the responses of groups of which `LEAST` accounts or more posted parts."""
    owner = {event.id: event.account for event in world.events}
    posters: dict[str, set[str]] = {}
    for step in world.steps:
        if step.into == "post" and step.group:
            posters.setdefault(step.source, set()).add(owner[step.target])
    return {source for source, who in posters.items() if len(who) >= LEAST}


def count(world: CaseWorld, result: HuntResult) -> Counter[str]:
    """Count what was planted, what was found and what is false."""
    of = {a.account: a for a in world.accounts}
    planted = batches(world)
    named = {e.attributes.get("native", e.id): e.id for e in world.events}
    told = {named[f.response] for c in result.campaigns for f in c.fan_outs}
    sources = {step.source for step in world.steps}
    answers = {e.parent: e.id for e in world.events if e.action == "completion"}
    hops = {(s.source, answers.get(s.target, "")) for s in world.steps if s.into == "prompt"}
    paths = {
        (named[a.id], named[b.id]) for c in result.campaigns for chain in c.chains
        for a, b in pairwise(chain.stops)
    }  # fmt: skip
    queue = [c for c in result.campaigns if both_high(c)]
    return Counter({
        "batches": len(planted), "batches found": len(planted & told),
        "false fan-outs": len(told - sources),
        "hops": len(hops), "hops found": len(hops & paths), "false hops": len(paths - hops),
        "members": sum(len(c.members) for c in result.campaigns),
        "bystanders among them": sum(
            not of[m.account].group for c in result.campaigns for m in c.members
            if m.account in of
        ),
        "campaigns": len(result.campaigns),
        "honest groups": len(world.benign_groups),
        "honest groups in the queue": len({
            of[m.account].group for c in queue for m in c.members
            if m.account in of and of[m.account].group in world.benign_groups
        }),
    })  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Print a line a case and their sum."""
    parser = argparse.ArgumentParser(prog="quality.fanouts", description=__doc__)
    parser.add_argument("--cases", nargs="*", default=list(CASES))
    parser.add_argument("--seeds", nargs="*", type=int, default=[11, 12])
    parser.add_argument("--size", type=int, default=2_000)
    told = parser.parse_args(arguments)
    print(header(min(told.seeds, default=0)))
    total: Counter[str] = Counter()
    for name in told.cases:
        for seed in told.seeds:
            world = build(name, size=told.size, seed=seed)
            found = count(world, hunted(world))
            total.update(found)
            print(f"{name} {seed}: {said(found.items())}", flush=True)
    print(f"all: {said(total.items())}")


def said(numbers: Iterable[tuple[str, int]]) -> str:
    """Say counts in a line."""
    return ", ".join(f"{n} {name}" for name, n in numbers)


if __name__ == "__main__":
    main()
