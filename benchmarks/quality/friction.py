"""Friction: how many good users ever meet the guard, and how soon planted abusers do.

A simulated month of one application behind the default plan and the starter pack, one guard, one
key. A good user has met friction with the first challenge, throttle or block of the month; an
abuser counts as limited with the first such answer within 50 requests. Prompts of good users are
real ones where the real data sets are at hand (half of them for building, the other half for
the figure); what abusers ask, and all habits, are generated.
"""

from __future__ import annotations

import argparse
import heapq
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.month_bad import ABUSERS, REAL, abusers
from benchmarks.quality.month_good import START, Ask, good_users
from crossfix.config import Settings
from crossfix.guard import Decision, Guard, Request
from crossfix.guard.assembly import assemble_guard
from crossfix.matching.opening import open_checks

WITHIN = 50
MET = ("throttle", "challenge", "block")
OLD_SECONDS = 100 * 86_400.0


class Outcome:
    """Who met what, and when for the first time."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.first: dict[str, int] = {}
        self.why: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def take(self, unit: str, decision: Decision) -> None:
        """Note one answer."""
        self.asked[unit] += 1
        if decision.answer in MET and unit not in self.first:
            self.first[unit] = self.asked[unit]
            reason = decision.reasons[0]
            self.why[unit] = f"{decision.answer}: {reason.policy or reason.code}"


def run(
    guard: Guard, months: Iterable[tuple[str, Iterator[Ask]]], outcome: Outcome
) -> dict[str, list[str]]:
    """Let everybody live their month, in order of time; return the units by kind."""
    units: dict[str, set[str]] = defaultdict(set)

    def noted(kind: str, asks: Iterator[Ask]) -> Iterator[Ask]:
        # What people do is made in bouts: put into order.
        for ask in sorted(asks, key=lambda a: a.time):
            units[kind].add(ask.unit)
            yield ask

    under_way: list[tuple[float, int, Request]] = []
    streams = [noted(kind, asks) for kind, asks in months]
    known: set[str] = set()
    for number, ask in enumerate(heapq.merge(*streams, key=lambda a: a.time)):
        while under_way and under_way[0][0] <= ask.time:
            ends, _, request = heapq.heappop(under_way)
            _end(guard, request, ends)
        if ask.account not in known:
            known.add(ask.account)
            if ask.action != "signup":  # the account is an old one
                guard.standings.first_seen([(ask.account, ask.time - OLD_SECONDS)])
        request = _request(number, ask)
        limits = guard.limiter.take(guard.asks(request, ask.time), ask.time)
        decision = guard.decide(request, ask.time, limits)
        outcome.take(ask.unit, decision)
        if limits.allowed:
            heapq.heappush(under_way, (ask.time + ask.lasts, number, request))
    return {kind: sorted(found) for kind, found in units.items()}


def _request(number: int, ask: Ask) -> Request:
    return Request(
        id=f"r{number}", service="app", account=ask.account, action=ask.action,
        model=ask.model, key=ask.key, organisation="shop", texts=(ask.text,) if ask.text else (),
        tokens=ask.tokens,
        attributes={"ip": ask.ip, "device": ask.device, "user_agent": ask.agent},
    )  # fmt: skip


def _end(guard: Guard, request: Request, now: float) -> None:
    """The model has answered: leases end."""
    guard.settle(request, guard.asks(request, now), now)


def prompts(held_out: bool) -> list[str]:
    """Return harmless prompts: real ones where the data are at hand."""
    real = _labelled("benign", held_out)
    if real:
        return real
    subjects = ("the tide", "old bridges", "sourdough", "chess", "the moon", "trade winds", "moss")
    frames = ("Explain {} to a child.", "Write a poem about {}.", "List five facts about {}.",
              "What should I read about {}?", "Summarise the history of {}.")  # fmt: skip
    return [frame.format(subject) for frame in frames for subject in subjects]


def _labelled(label: str, held_out: bool) -> list[str]:
    """Return real prompts with a label, every other one, or none where the data are absent."""
    path = Path(os.environ.get("CROSSFIX_DATA", "")) / "prompts" / "prompts.parquet"
    if not path.is_file():
        return []
    import pyarrow.parquet as pq

    rows = pq.read_table(path, columns=["text", "label"]).to_pylist()
    return sorted({r["text"] for r in rows if r["label"] == label})[held_out::2]


def main() -> int:
    """Simulate, and compare with the aims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--each", type=int, default=20, help="abusers of each kind")
    parser.add_argument("--seed", type=int, default=1_000, help="below 100: seeds for building")
    options = parser.parse_args()
    held_out = options.seed >= 100
    print(header(options.seed))
    words = prompts(held_out)
    settings = Settings()
    guard = assemble_guard(settings, look=open_checks(settings.checks, now=START).checks.look)
    outcome = Outcome()
    months = [
        *good_users(options.users, options.seed, words),
        *abusers(options.each, options.seed, held_out=held_out,
                 real=_labelled("jailbreak", held_out)),
    ]  # fmt: skip
    units = run(guard, months, outcome)
    bad_kinds = {*ABUSERS, REAL} & units.keys()
    good = [u for kind, found in units.items() if kind not in bad_kinds for u in found]
    bad = [u for kind in bad_kinds for u in units[kind]]
    met = [u for u in good if u in outcome.first]
    soon = [u for u in bad if outcome.first.get(u, WITHIN + 1) <= WITHIN]
    asked = sum(outcome.asked.values())
    whose = "held out" if held_out else "of building"
    print(f"{asked:,} requests, {len(good):,} good users, {len(bad):,} abusers, prompts {whose}")
    _tell(units, bad_kinds, outcome)
    aims = Aims()
    aims.most("share of good users who met friction", len(met) / len(good), 0.005)
    aims.least("share of abusers limited within 50", len(soon) / len(bad), 0.95)
    return aims.close()


def _tell(units: dict[str, list[str]], bad: set[str], outcome: Outcome) -> None:
    """Print by kind who met what, and everybody who was wronged or missed."""
    rows: list[tuple[object, ...]] = []
    for kind, found in sorted(units.items(), key=lambda x: (x[0] in bad, x[0])):
        firsts = sorted(outcome.first[u] for u in found if u in outcome.first)
        asked = sum(outcome.asked[u] for u in found)
        soon = sum(f <= WITHIN for f in firsts)
        middle = firsts[len(firsts) // 2] if firsts else "never"
        rows.append((kind, len(found), asked, len(firsts), soon if kind in bad else "", middle))
    table(("kind", "units", "requests", "met", "within 50", "median first"), rows)
    wrong = [
        (kind, u, outcome.asked[u], outcome.first.get(u, "never"), outcome.why.get(u, ""))
        for kind, found in units.items() for u in found
        if (outcome.first.get(u, WITHIN + 1) > WITHIN if kind in bad else u in outcome.first)
    ]  # fmt: skip
    if wrong:
        table(("kind", "wronged or missed", "requests", "first", "why"), list(wrong[:60]))


if __name__ == "__main__":
    raise SystemExit(main())
