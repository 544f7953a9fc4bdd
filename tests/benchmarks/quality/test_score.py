import numpy as np
import pytest
from benchmarks.quality.score import (
    average_precision,
    bootstrap,
    curve,
    precision_at_recall,
    recall_at_precision,
)
from hypothesis import given, settings
from hypothesis import strategies as st

rankings = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40).map(
    lambda rows: (np.array([s for s, _ in rows], float), np.array([p for _, p in rows]))
)


def slow_average_precision(score, positive) -> float:
    """For each positive: of all accounts that score as high or higher, the share of positives."""
    each = []
    for own, is_positive in zip(score, positive, strict=True):
        if is_positive:
            above = [p for s, p in zip(score, positive, strict=True) if s >= own]
            each.append(sum(above) / len(above))
    return sum(each) / len(each) if each else float("nan")


@settings(deadline=None)
@given(rankings)
def test_average_precision_is_the_mean_precision_at_each_positive(ranking) -> None:
    expected = slow_average_precision(*ranking)
    assert average_precision(*ranking) == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)
@given(rankings, st.randoms(use_true_random=False))
def test_the_order_of_equal_scores_changes_no_figure(ranking, random) -> None:
    score, positive = ranking
    order = list(range(len(score)))
    random.shuffle(order)
    for figure in (
        average_precision,
        lambda s, p: precision_at_recall(s, p, 0.7),
        lambda s, p: recall_at_precision(s, p, 0.9),
    ):
        expected = figure(score, positive)
        assert figure(score[order], positive[order]) == pytest.approx(expected, nan_ok=True)


def test_equal_scores_for_all_give_the_share_of_positives() -> None:
    positive = np.array([True, False, False, False])
    assert average_precision(np.zeros(4), positive) == 0.25
    assert average_precision(np.array([3.0, 2, 1, 0]), positive) == 1.0
    assert average_precision(np.array([0.0, 1, 2, 3]), positive) == 0.25


def test_precision_at_recall_is_read_at_the_first_threshold_that_reaches_it() -> None:
    score = np.array([5.0, 4, 3, 2, 1])
    positive = np.array([True, False, True, True, False])
    assert precision_at_recall(score, positive, 1 / 3) == 1.0
    assert precision_at_recall(score, positive, 0.5) == pytest.approx(2 / 3)
    assert precision_at_recall(score, positive, 1.0) == 0.75
    assert recall_at_precision(score, positive, 0.9) == pytest.approx(1 / 3)
    assert recall_at_precision(score, positive, 0.75) == 1.0
    assert recall_at_precision(score, ~positive, 0.9) == 0.0


@settings(deadline=None)
@given(rankings, st.floats(0.05, 1))
def test_figures_at_a_level_agree_with_trying_every_threshold(ranking, level) -> None:
    score, positive = ranking
    if not positive.any():
        return
    tried = [
        (positive[score >= t].mean(), positive[score >= t].sum() / positive.sum())
        for t in sorted(set(score), reverse=True)
    ]
    first = next(p for p, r in tried if r >= level - 1e-12)
    assert precision_at_recall(score, positive, level) == pytest.approx(first)
    most = max((r for p, r in tried if p >= level - 1e-12), default=0.0)
    assert recall_at_precision(score, positive, level) == pytest.approx(most)


def test_the_bootstrap_is_the_same_for_the_same_seed_and_holds_the_figure() -> None:
    rng = np.random.default_rng(4)
    positive = rng.random(600) < 0.2
    score = np.round(rng.normal(positive * 1.0), 1)
    one = bootstrap(score, positive, seed=1, resamples=1000)
    assert one == bootstrap(score, positive, seed=1, resamples=1000)
    assert one != bootstrap(score, positive, seed=2, resamples=1000)
    low, high = one
    assert low < average_precision(score, positive) < high
    assert 0.02 < high - low < 0.3


def test_the_bootstrap_agrees_with_resampling_one_by_one() -> None:
    rng = np.random.default_rng(5)
    positive = rng.random(80) < 0.3
    score = np.round(rng.normal(positive * 1.0), 1)
    low, high = bootstrap(score, positive, seed=3, resamples=1500)
    each = []
    for _ in range(1500):
        drawn = rng.integers(80, size=80)
        each.append(slow_average_precision(score[drawn], positive[drawn]))
    slow = np.nanquantile(each, [0.025, 0.975])
    assert (low, high) == pytest.approx(slow, abs=0.03)


def test_a_bootstrap_leaves_out_draws_without_a_positive() -> None:
    low, high = bootstrap(np.array([2.0, 1.0]), np.array([True, False]), seed=1, resamples=1000)
    assert 0 < low <= high == 1.0


def test_a_curve_counts_accounts_at_each_distinct_score() -> None:
    points = curve(np.array([1.0, 2.0, 2.0, 0.0]), np.array([True, False, True, False]))
    assert points.found.tolist() == [2, 3, 4]
    assert points.right.tolist() == [1, 2, 2]
    assert points.precision.tolist() == [0.5, 2 / 3, 0.5]
    assert points.recall.tolist() == [0.5, 1, 1]
