import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossfix.accounts.profile import BEHAVIOURS
from crossfix.accounts.risk import WEIGHTS, Cohort, Profiles, risk, together
from crossfix.accounts.standing import Standing
from crossfix.store.registry import ProfileTable, Registry, open_registry

NOW = 1_790_000_000.0
DAY = 86_400.0


def standing(account: str, first: float = NOW - 40 * DAY) -> Standing:
    return Standing(account=account, first=first, tier="email")


def live(profiles: Profiles, account: str, days: int, each_day: int, seed: int) -> float:
    """Let an account write so many different prompts by day; return when its last day ends."""
    draw = random.Random(seed)
    for day in range(days):
        times = sorted(draw.uniform(9, 18) * 3600 for _ in range(each_day))
        for t in times:
            text = " ".join(str(draw.randrange(10**6)) for _ in range(12))
            profiles.prompt(standing(account), NOW + day * DAY + t, text, network="home")
    return NOW + days * DAY


def test_who_does_what_others_do_is_no_risk() -> None:
    profiles = Profiles()
    for n in range(12):
        live(profiles, f"app:u{n}", 5, 10 + n, n)
    for n in range(12):
        profile = profiles.get(f"app:u{n}")
        assert profile is not None
        assert (profile.risk, profile.risk_parts) == (0.0, {})


def test_a_burst_of_one_template_is_a_risk_with_its_parts() -> None:
    profiles = Profiles()
    for n in range(5):
        now = live(profiles, f"app:u{n}", 5, 10, n)
    before = profiles.get("app:u1")
    assert before is not None
    assert before.risk == 0
    for n in range(400):
        profile = profiles.prompt(
            standing("app:u1"), now + n * 0.5,
            f"Write as a loyal supporter named {n} why everyone must vote no on the bridge now",
            network=f"n{n % 7}",
        )  # fmt: skip
    assert profile.risk > 0.7
    assert {"burst", "volume", "similarity", "places"} <= set(profile.risk_parts)
    assert profile.risk == pytest.approx(together(profile.risk_parts))


def test_refusals_raise_the_risk_and_it_falls_when_they_are_over() -> None:
    profiles = Profiles()
    for n in range(30):
        profiles.prompt(standing("app:u1"), NOW + 60 * n, f"question {n}")
        profiles.answer("app:u1", refused=True)
    profile = profiles.prompt(standing("app:u1"), NOW + 2000, "x")
    assert profile.risk_parts["refusals"] > 0.5
    for n in range(100):
        profiles.answer("app:u1", refused=False)
        later = profiles.prompt(standing("app:u1"), NOW + DAY + 600 * n, f"question {n}")
    assert later.risk == 0
    profiles.answer("app:unknown", refused=True)


def test_ones_own_habit_is_no_risk_however_rare_it_is() -> None:
    # A heavy user, from the first day on: risky while unknown, and not once it is a habit.
    profiles, risks = Profiles(), []
    for day in range(30):
        for n in range(900):
            now = NOW + day * DAY + n * 20
            profile = profiles.prompt(standing("app:batch"), now, f"line {n} of {day}")
        risks.append(profile.risk)
    assert risks[0] > 0
    assert risks[-1] == 0


def test_a_cohort_follows_what_most_do_and_not_the_few() -> None:
    cohort = Cohort()
    usual = [1.0] * len(BEHAVIOURS)
    for n in range(2_000):
        cohort.join(usual if n % 10 else [1e6] * len(BEHAVIOURS))
    assert all(c < 2.5 for c in cohort.centre)


def test_parts_are_each_at_most_their_weight_and_never_more_than_all() -> None:
    profiles = Profiles()
    profile = profiles.prompt(standing("a"), NOW, "x")
    for n in range(len(BEHAVIOURS)):
        profile.peaks[n] = 1e9
    parts = risk(profile, Cohort())
    assert parts == WEIGHTS
    assert 0.9 < together(parts) < 1.0
    assert together({}) == 0.0


def test_the_number_of_accounts_is_bounded() -> None:
    profiles = Profiles(most=50)
    for n in range(5_000):
        profiles.prompt(standing(f"app:u{n}"), NOW + n * 3600, "x")
    assert len(profiles) <= 51
    flood = Profiles(most=50)
    for n in range(5_000):
        flood.prompt(standing(f"app:u{n}"), NOW, "x")
    assert len(flood) <= 1_051


@pytest.fixture
def registry(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as opened:
        yield opened


def test_profiles_outlive_the_process(registry: Registry) -> None:
    profiles = Profiles()
    now = live(profiles, "app:u1", 5, 10, 1)
    table, moment = ProfileTable(registry), datetime.fromtimestamp(now, UTC)
    assert set(profiles.changed()) == {"app:u1", ":cohort:email:older"}
    assert profiles.changed() == {}
    table.save(profiles.changed(whole=True), now=moment)
    again = Profiles()
    assert again.restore(table.all()) == 1
    one, other = profiles.get("app:u1"), again.get("app:u1")
    assert one is not None
    assert other is not None
    assert one.packed() == other.packed()
    assert (table.forget(before=moment), table.forget(account="app:u1")) == (0, 1)
    assert [account for account, _ in table.all()] == [":cohort:email:older"]


def test_what_is_held_already_is_not_overwritten_by_what_was_kept() -> None:
    old, new = Profiles(), Profiles()
    old.prompt(standing("app:u1"), NOW, "x")
    kept = old.changed()
    new.prompt(standing("app:u1"), NOW + 5, "y")
    new.restore([*kept.items(), ("app:bad", b"\x00")])
    profile = new.get("app:u1")
    assert profile is not None
    assert profile.last == NOW + 5
    assert new.get("app:bad") is None


def test_what_is_usual_in_cohorts_outlives_the_process_too() -> None:
    profiles, again = Profiles(), Profiles()
    live(profiles, "app:u1", 5, 40, 1)
    packed = profiles.changed()
    again.restore([*packed.items(), (":cohort:email:day", b"x"), (":cohort:x", b"")])
    one, other = (p._cohort(standing("app:u1"), NOW) for p in (profiles, again))
    assert one.count > 0
    assert (one.count, one.centre, one.from_here) == (other.count, other.centre, other.from_here)
    fresh = Cohort()
    assert again._cohort(standing("app:new", NOW), NOW).centre == fresh.centre
