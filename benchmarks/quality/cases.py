"""Worlds after published cases, and honest look-alikes, through the real hunt and origin.

Each case is a group of accounts that use models among ordinary people who talk about the same
things, use the same models and at times post what these wrote. A batch is one answer of a model of
which three accounts or more posted parts.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import header
from benchmarks.measure import cost_of
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.outcome import Outcome, hunted, read_labels
from benchmarks.quality.score import Flags
from crossfix.content.encoders.wheels import FOLDER
from crossfix.scenarios.cases import CASES, build
from crossfix.scenarios.cases.exports import TRUTH, write_case

OURS = frozenset({"operator", "poster", "client", "reader", "site"})
"""Roles of those who belong to a group, not of those whom it meets."""
LEAST_SIGHTINGS = 3
LOGS = ("atlas.jsonl", "meridian.jsonl")


@dataclass(frozen=True)
class Result:
    """What came of one case: of its group's accounts those in a campaign, and in one of its own."""

    group: int
    inside: int
    own: int
    campaigns: int
    false: int
    ordinary: int
    scores: tuple[float, float]
    enforced: int
    batches: int
    traced: int
    fan_outs: int
    false_fan_outs: int


def main() -> int:
    """Generate, hunt, trace and print; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("models", type=Path, nargs="?", help="the folder of installed encoders")
    parser.add_argument("--size", type=int, default=1_500, help="ordinary posts and calls")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12])
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    given = parser.parse_args()
    print(header(given.seeds[0]), f"\nseeds: {given.seeds}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if given.models:
            (data / FOLDER).parent.mkdir(parents=True)
            (data / FOLDER).symlink_to(given.models.resolve())
        results = {
            (name, seed): _one(name, given.size, seed, data)
            for name in given.cases for seed in given.seeds
        }  # fmt: skip
    _show(results)
    return _aims(results)


def _one(name: str, size: int, seed: int, data: Path) -> Result:
    """Run one case through the commands and compare with its truth."""
    print(f"\n{name}, seed {seed}:", end="")
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world"
        paths = write_case(build(name, size, seed), world)
        files = [path for path in paths if path.name not in TRUTH]
        outcome = hunted(files, read_labels(world / "labels.csv"), "--data", str(data))
        traced = Path(folder) / "traced"
        command = [sys.executable, "-m", "crossfix", "origin", "--out", str(traced),
                   "--data", str(data)]  # fmt: skip
        for path in files:
            command += ["--outputs" if path.name in LOGS else "--posts", str(path)]
        print(cost_of(command), flush=True)
        return _compared(name, outcome, world / "chains.csv", traced / "sightings.csv")


def _compared(name: str, outcome: Outcome, chains: Path, sightings: Path) -> Result:
    ours = np.isin(outcome.role.astype(str), sorted(OURS)) & (outcome.kind == name)
    own = false = 0
    scores = (0.0, 0.0)
    for campaign, said in outcome.campaigns.items():
        members = outcome.campaign == campaign
        mine = int((members & ours).sum())
        false += 2 * mine < int(members.sum())
        if mine * 2 >= int(members.sum()):
            own += mine
            scores = max(scores, said)
    batches, traced, fan_outs, false_fan_outs = _batches(chains, sightings)
    ordinary = ~ours
    return Result(
        int(ours.sum()), int((outcome.grouped & ours).sum()), own, len(outcome.campaigns), false,
        int((outcome.grouped & ordinary).sum()), scores, int((outcome.to_enforce & ours).sum()),
        batches, traced, fan_outs, false_fan_outs,
    )  # fmt: skip


def _batches(chains: Path, sightings: Path) -> tuple[int, int, int, int]:
    """Count batches of three accounts or more, those traced to three, fan-outs, false ones."""
    with chains.open(encoding="utf-8", newline="") as file:
        steps = [row for row in csv.DictReader(file) if row["into"] == "post"]
    true = {(row["source"], post) for row in steps
            for post in (row["target"], row["target_native"])}  # fmt: skip
    planted: dict[str, set[str]] = defaultdict(set)
    for row in steps:
        if row["group"]:
            planted[row["source"]].add(row["target_account"])
    right: dict[str, set[str]] = defaultdict(set)
    wide: dict[str, set[str]] = defaultdict(set)
    with sightings.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wide[row["response"]].add(row["account"])
            if (row["response"], row["post"]) in true:
                right[row["response"]].add(row["account"])
    batches = [source for source, accounts in planted.items() if len(accounts) >= LEAST_SIGHTINGS]
    found = [source for source in batches if len(right[source]) >= LEAST_SIGHTINGS]
    fans = [source for source, accounts in wide.items() if len(accounts) >= LEAST_SIGHTINGS]
    false = [source for source in fans if len(right[source]) < len(wide[source]) / 2]
    return len(batches), len(found), len(fans), len(false)


def _show(results: Mapping[tuple[str, int], Result]) -> None:
    table(
        ("case", "seed", "its accounts", "in a campaign", "in one of its own", "coordination",
         "inauthenticity", "at both thresholds", "batches", "traced"),
        [(name, seed, r.group, r.inside, r.own, *r.scores, r.enforced, r.batches, r.traced)
         for (name, seed), r in results.items()],
    )  # fmt: skip
    table(
        ("case", "seed", "campaigns", "mostly of others", "others in one", "fan-outs",
         "mostly false"),
        [(name, seed, r.campaigns, r.false, r.ordinary, r.fan_outs, r.false_fan_outs)
         for (name, seed), r in results.items()],
    )  # fmt: skip


def _aims(results: Mapping[tuple[str, int], Result]) -> int:
    planted = [r for (name, _), r in results.items() if CASES[name].is_operation]
    honest = [r for (name, _), r in results.items() if not CASES[name].is_operation]
    everybody = [*planted, *honest]
    aims = Aims()
    aims.least("operations with a campaign of their own", _share(planted, "own", 3), 1.0)
    aims.least("planted batches traced to three accounts",
               _ratio(everybody, "traced", "batches"), 0.95)  # fmt: skip
    aims.most("honest accounts at both thresholds", _ratio(honest, "enforced", "group"), 0.01)
    aims.most("campaigns mostly of others, a world",
              sum(r.false for r in everybody) / max(1, len(everybody)), 0)  # fmt: skip
    aims.most("fan-outs mostly false, a world",
              sum(r.false_fan_outs for r in everybody) / max(1, len(everybody)), 0)  # fmt: skip
    return aims.close()


def _share(results: Sequence[Result], name: str, least: int) -> float:
    reached: Flags = np.array([getattr(r, name) >= least for r in results], np.bool_)
    return float(reached.mean()) if len(reached) else float("nan")


def _ratio(results: Sequence[Result], part: str, whole: str) -> float:
    return sum(getattr(r, part) for r in results) / max(1, sum(getattr(r, whole) for r in results))


if __name__ == "__main__":
    sys.exit(main())
