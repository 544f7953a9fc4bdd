"""Loose guards of the main figures; the benchmarks of `benchmarks/quality` print them exactly."""

import numpy as np
import pytest
from benchmarks.quality.audience import with_followers
from benchmarks.quality.labelled import activity
from benchmarks.quality.outcome import communities, hunted, read_labels
from benchmarks.quality.planted import fans_first, per_tactic, planted
from benchmarks.quality.score import average_precision, precision_at_recall
from benchmarks.quality.worlds import generated


@pytest.mark.realdata
def test_planted_campaigns_are_found_and_fans_are_not(data_dir) -> None:
    outcome = planted(data_dir / "campaign_ids_german_elections" / "events.parquet", seed=11)
    assert outcome.positive.sum() == 108
    assert average_precision(outcome.score, outcome.positive) >= 0.97
    assert min(per_tactic(outcome).values()) >= 0.95
    assert fans_first(outcome) <= 0.03
    assert outcome.to_enforce[~outcome.positive].mean() <= 0.001


def test_a_world_of_people_who_live_for_themselves_has_no_campaign() -> None:
    outcome = generated("ordinary", 8000, seed=12)
    assert len(outcome.account) > 100
    assert not outcome.campaigns


@pytest.mark.accept
@pytest.mark.realdata
def test_real_operations_rank_above_real_people(data_dir) -> None:
    folder = data_dir / "campaign_twitter"
    labels = read_labels(folder / "labels.parquet")
    outcome = hunted([folder / "posts.parquet"], labels)
    assert (len(outcome.account), outcome.positive.sum()) == (39_353, 96)
    assert average_precision(outcome.score, outcome.positive) >= 0.82
    assert precision_at_recall(outcome.score, outcome.positive, 0.6) >= 0.95
    active = activity(folder / "posts.parquet", outcome)[0] >= 20
    assert average_precision(outcome.score[active], outcome.positive[active]) >= 0.82
    found = communities(outcome)
    assert found.share >= 0.6
    assert found.benign_members <= 10
    assert outcome.to_enforce[~outcome.positive].mean() <= 0.001


@pytest.mark.accept
@pytest.mark.realdata
def test_an_audience_is_not_taken_for_the_operation(data_dir) -> None:
    outcome = with_followers(data_dir / "campaign_twitter", 10_800, 300, seed=13)
    audience = outcome.role == "audience"
    assert audience.sum() == 300
    assert average_precision(outcome.score, outcome.positive) >= 0.7
    assert np.mean(outcome.grouped[audience]) <= 0.1
