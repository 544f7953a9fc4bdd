import csv
from datetime import UTC, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import rankdata

from crossfix.accounts.behaviour import collect
from crossfix.campaigns.inauthenticity import of_accounts, of_campaign
from crossfix.events.readers import ReadOptions, read_files


@pytest.mark.accept
@pytest.mark.realdata
def test_real_operations_score_above_real_people_and_people_stay_low(data_dir):
    folder = data_dir / "campaign_twitter"
    options = ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC), service="x")
    known = collect(read_files([folder / "posts.parquet"], options))
    truth = {r["account"]: r for r in pq.read_table(folder / "labels.parquet").to_pylist()}
    labels = [truth[name.partition(":")[2]] for name in known.accounts.to_pylist()]
    operation = np.array([bool(r["is_operation"]) for r in labels])
    scores = of_accounts(known)
    active = known.events >= 20
    mine = operation[active]
    rank = rankdata(scores.score[active])[mine].sum()
    pairs = mine.sum() * (~mine).sum()
    assert (rank - mine.sum() * (mine.sum() + 1) / 2) / pairs >= 0.88
    assert (scores.score[~operation] >= 0.5).mean() <= 0.001
    for name in ("left_troll", "russian_a"):
        members = [i for i, r in enumerate(labels) if r["operation"] == name]
        assert of_campaign(known, scores, np.array(members, np.int32))[0] >= 0.5
    owners = [i for i, r in enumerate(labels) if r["role"] == "owner"]
    assert of_campaign(known, scores, np.array(owners, np.int32))[0] < 0.2


@pytest.mark.accept
@pytest.mark.parametrize("seed", [1, 2])
def test_newsrooms_and_fans_of_a_generated_world_stay_low(tmp_path, seed):
    from crossfix.scenarios.registry import build
    from crossfix.scenarios.writing import write_world

    posts, labels, *_ = write_world(build("operations", 100_000, seed), tmp_path)
    known = collect(read_files([posts], ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC))))
    with labels.open(encoding="utf-8", newline="") as file:
        truth = {f"{r['service']}:{r['account']}": r for r in csv.DictReader(file)}
    scores = of_accounts(known)
    rows = [truth[name] for name in known.accounts.to_pylist()]
    benign = np.array([r["is_operation"] == "0" for r in rows])
    assert (scores.score[benign] >= 0.5).mean() <= 0.001

    def level(kind: str) -> float:
        members = np.array([i for i, r in enumerate(rows) if r["kind"] == kind], np.int32)
        return of_campaign(known, scores, members)[0]

    assert max(level("fans"), level("newsroom")) < 0.45
    assert min(level("fast"), level("amplify"), level("partial")) >= 0.5
