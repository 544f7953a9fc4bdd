import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.rhythm import SECOND, clock_step, rhythm

MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND


def measured(*times: list[int], step: int = SECOND):
    code = np.repeat(np.arange(len(times), dtype=np.int32), [len(t) for t in times])
    time = np.array([x for t in times for x in sorted(t)], np.int64)
    hours = np.zeros((len(times), 24), np.uint32)
    np.add.at(hours, (code, time // HOUR % 24), 1)
    return rhythm(code, time, len(times), np.full(len(times), step, np.int64), hours=hours)


def person(seed: int, n: int = 300) -> list[int]:
    """Bursts at random times of sixteen hours of the day."""
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 60, n)
    start = days * DAY + (rng.uniform(7, 23, n) * HOUR).astype(np.int64)
    return sorted((start + (rng.lognormal(4, 2, n) * SECOND).astype(np.int64)).tolist())


def test_a_timer_stands_out_from_people_in_every_measure():
    jitter = np.random.default_rng(1).integers(-5, 5, 300) * SECOND
    timer = (np.arange(300) * 2 * HOUR + jitter).tolist()
    r = measured(timer, person(2), person(3))
    assert r.modal_share[0] > 0.95 > 0.15 > r.modal_share[1:].max()
    assert r.burstiness[0] < -0.9 < 0 < r.burstiness[1:].min()
    assert r.minute_entropy[0] < 0.3 < 0.9 < r.minute_entropy[1:].min()
    assert r.rest_share[0] > 0.2 > 0.05 > r.rest_share[1:].max()


def test_a_clock_of_whole_minutes_makes_nobody_a_timer():
    times = [t // MINUTE * MINUTE for t in person(4)]
    assert clock_step(np.array(times)) == MINUTE
    r = measured(times, step=MINUTE)
    assert math.isnan(r.second_entropy[0])
    assert r.modal_share[0] < 0.2


def test_too_few_events_tell_nothing():
    r = measured([0], [0, HOUR, 2 * HOUR], [])
    for column in (r.modal_share, r.burstiness, r.minute_entropy, r.second_entropy, r.rest_share):
        assert np.isnan(column).all()


@pytest.mark.parametrize("step", [SECOND, MINUTE, HOUR, DAY])
def test_the_step_of_a_clock_is_found(step):
    times = np.random.default_rng(5).integers(1, 100_000, 1000) * step
    assert clock_step(times) == step


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.lists(st.integers(0, 30 * DAY), min_size=0, max_size=90), min_size=1, max_size=4)
)
def test_columns_equal_what_a_loop_over_accounts_finds(times):
    r = measured(*times)
    for i, mine in enumerate(times):
        mine = sorted(mine)
        gaps = np.diff(np.array(mine, float))
        if len(gaps) < 20:
            assert math.isnan(r.burstiness[i])
        elif gaps.any():
            mean, spread = gaps.mean(), gaps.std()
            assert r.burstiness[i] == pytest.approx((spread - mean) / (spread + mean))
        slots = Counter(t // MINUTE % 60 for t in mine)
        if len(mine) < 60:
            assert math.isnan(r.minute_entropy[i])
        else:
            p = np.array(list(slots.values())) / len(mine)
            raw = -(p * np.log(p)).sum() + (len(slots) - 1) / (2 * len(mine))
            assert r.minute_entropy[i] == pytest.approx(min(raw / math.log(60), 1.0))
