import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.cohort import Expectation, stands_out

USUAL = Expectation(centre=0.0, spread=1.0, floor=0.1)


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.randoms())
def test_the_score_rises_with_the_value_and_not_with_the_order(values, random):
    column, cohort = np.array(values), np.zeros(len(values), np.int32)
    scores = stands_out(column, cohort, USUAL)
    order = np.argsort(column, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    shuffled = random.sample(range(len(values)), len(values))
    assert np.allclose(stands_out(column[shuffled], cohort, USUAL), scores[shuffled])


def test_unknown_stays_unknown_and_does_not_touch_the_others():
    with_hole = stands_out(np.array([1.0, np.nan, 9.0]), np.zeros(3, np.int32), USUAL)
    without = stands_out(np.array([1.0, 9.0]), np.zeros(2, np.int32), USUAL)
    assert np.isnan(with_hole[1])
    assert with_hole[[0, 2]].tolist() == without.tolist()


def test_each_service_is_its_own_cohort():
    values = np.concatenate([np.zeros(500), np.full(500, 10.0)])
    cohort = np.repeat(np.array([0, 1], np.int32), 500)
    assert stands_out(values, cohort, USUAL).max() < 0.1
    together = stands_out(np.append(np.zeros(500), 10.0), np.zeros(501, np.int32), USUAL)
    assert together[-1] > 0.9


def test_one_percent_of_outliers_stands_out_and_ordinary_people_do_not():
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(5, 2, 2000), np.full(20, 30.0)])
    scores = stands_out(values, np.zeros(2020, np.int32), USUAL)
    assert scores[2000:].min() > 0.9
    assert np.mean(scores[:2000] >= 0.5) < 0.001
