from itertools import chain

import pytest
from benchmarks.quality.friction import Outcome, prompts, run
from benchmarks.quality.month_bad import ABUSERS, COUNT, abusers
from benchmarks.quality.month_good import DAY, DAYS, KINDS, START, Ask, good_users

from crossfix.guard import Guard, Limit, Plan, Planned, Ruling

WORDS = prompts(held_out=False)


def asks(seed: int, count: int = 30) -> list[Ask]:
    return list(chain.from_iterable(month for _, month in good_users(count, seed, WORDS)))


def test_the_same_seed_makes_the_same_month_and_another_another() -> None:
    assert asks(1) == asks(1)
    assert asks(1) != asks(2)


def test_a_month_is_a_month_and_everybody_has_one_account() -> None:
    made = asks(3, 60)
    assert all(START <= a.time < START + (DAYS + 3) * DAY for a in made)
    assert len({a.unit for a in made}) == len({a.account for a in made}) > 50
    assert abs(sum(share for _, share in KINDS.values()) - 1.0) < 1e-9


def test_a_class_signs_up_from_one_address_within_one_lesson() -> None:
    joined = [a for a in asks(4, 30) if a.action == "signup" and a.ip.startswith("198.18.")]
    assert len(joined) == 25
    times = sorted(a.time for a in joined)
    assert times[-1] - times[0] < 3600
    assert len({a.device for a in joined}) == 25


def test_what_is_measured_was_not_looked_at_while_building() -> None:
    def texts(held_out: bool, kind: str) -> set[str]:
        return {a.text for k, month in abusers(3, 9, held_out=held_out) if k == kind
                for a in month}  # fmt: skip

    for kind in ("persona mill", "lure writer", "political voices", "jailbreaker",
                 "translation farm"):  # fmt: skip
        shared = texts(False, kind) & texts(True, kind)
        assert len(shared) <= 5, "the harmless prompts in between alone are the same"
    if len(WORDS) > 100:  # real prompts are at hand
        assert not set(WORDS) & set(prompts(held_out=True))


@pytest.mark.parametrize(("answer", "met"), [("block", True), ("flag", False)])
def test_the_outcome_says_who_met_what_and_when_first(answer: str, met: bool) -> None:
    def rules(facts):  # type: ignore[no-untyped-def]
        return [Ruling(policy="p", answer=answer, text="t")]  # type: ignore[arg-type]

    outcome = Outcome()
    months = list(abusers(1, 7, held_out=False))
    units = run(Guard(rules=rules), months, outcome)
    assert set(units) == set(ABUSERS)
    everybody = {u for found in units.values() for u in found}
    assert set(outcome.asked) == everybody
    assert all(n == COUNT for n in outcome.asked.values())
    if met:
        assert outcome.first == dict.fromkeys(everybody, 1)
        assert set(outcome.why.values()) == {"block: p"}
    else:
        assert outcome.first == {}


def test_leases_end_when_answers_do() -> None:
    plan = Plan(
        limits=(Limit(scope="account", counted="concurrent", limit=3, period_seconds=1e6),),
        tiers={},
    )
    outcome = Outcome()
    slow = [Ask(START + n * 10.0, "u", "app:u", "x", "192.0.2.1", "d", lasts=25.0)
            for n in range(50)]  # fmt: skip
    run(Guard(plan=Planned(plan)), [("k", iter(slow))], outcome)
    assert outcome.first == {}
    slower = [Ask(a.time, "v", "app:v", "x", "192.0.2.1", "d", lasts=45.0) for a in slow]
    run(Guard(plan=Planned(plan)), [("k", iter(slower))], outcome)
    assert outcome.first == {"v": 4}
