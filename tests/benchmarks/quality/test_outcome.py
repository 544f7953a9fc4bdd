import json

import numpy as np
import pytest
from benchmarks.quality.aims import Aims
from benchmarks.quality.constants import constants
from benchmarks.quality.outcome import calibration, communities, read_labels, read_outcome

HEAD = "account,campaign,score,coordination,inauthenticity,links,display_name,url"


def label(account: str, operation: str = "", role: str = "person") -> dict[str, str]:
    return {"account": account, "operation": operation, "kind": operation or role, "role": role,
            "person": f"p-{account}"}  # fmt: skip


@pytest.fixture
def found(tmp_path):
    """Campaign one: four of operation `a`, one person. Campaign two: three newsroom pages."""
    rows = [f"x:a{i},one,0.9,1,0.1,2,," for i in range(4)]
    rows += ["x:p0,one,0.7,1,0.6,1,,", "x:p1,,0.1,0,0.9,0,,"]
    rows += [f"x:n{i},two,0.6,1,{0.5 if i else 0.1},2,," for i in range(3)]
    rows += ["x:b0,,0.2,0,0.1,0,,"]
    (tmp_path / "accounts.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    campaigns = [
        {"id": "one", "coordination": 0.9, "inauthenticity": 0.4},
        {"id": "two", "coordination": 0.8, "inauthenticity": 0.2},
    ]
    (tmp_path / "campaigns.jsonl").write_text(
        "".join(json.dumps(c) + "\n" for c in campaigns), encoding="utf-8"
    )
    labels = [label(f"a{i}", "a", "operation") for i in range(4)]
    labels += [label("p0"), label("p1"), label("b0", "b", "operation")]
    labels += [label(f"n{i}", role="page") for i in range(3)]
    return read_outcome(tmp_path, labels)


def test_purity_counts_accounts_of_operations_in_campaigns_that_are_mostly_theirs(found) -> None:
    c = communities(found)
    assert (c.campaigns, c.pure, c.benign_campaigns, c.benign_members) == (2, 1, 1, 4)
    assert c.share == c.own == 4 / 5
    assert communities(found, least=0.81).share == 0.0


def test_only_members_of_campaigns_that_are_high_on_both_scores_are_to_be_enforced(found) -> None:
    chosen = found.account[found.to_enforce].tolist()
    assert chosen == ["x:p0", "x:n1", "x:n2"]


def test_who_is_in_a_campaign_high_on_both_scores_is_hit_with_it(found) -> None:
    found.campaigns["one"] = (0.9, 0.5)
    hit = found.account[found.beside].tolist()
    assert hit == ["x:a0", "x:a1", "x:a2", "x:a3", "x:p0", "x:n1", "x:n2"]
    assert found.account[found.to_enforce].tolist() == ["x:p0", "x:n1", "x:n2"]


def test_calibration_says_who_stands_above_each_score(found) -> None:
    half, high = calibration("made", found)
    assert half == ("made", 0.5, 8, 4, 3, 0, 0, 1, 7 / 8)
    assert high == ("made", 0.8, 4, 4, 0, 0, 0, 0, 1.0)


def test_an_account_without_a_label_is_an_error(tmp_path) -> None:
    (tmp_path / "accounts.csv").write_text(f"{HEAD}\nx:u,,0.1,0,0,0,,\n", encoding="utf-8")
    (tmp_path / "campaigns.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(KeyError):
        read_outcome(tmp_path, [label("v")])


def test_labels_are_told_apart_by_service_where_they_name_one(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "account,service,operation,kind,role,person\n1,x,,ordinary,person,p\n"
        "1,y,o,fast,operation,q\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "accounts.csv").write_text(
        f"{HEAD}\nx:1,,0.1,0,0,0,,\ny:1,,0.2,0,0,0,,\n", encoding="utf-8"
    )
    (tmp_path / "campaigns.jsonl").write_text("", encoding="utf-8")
    assert read_outcome(tmp_path, read_labels(path)).operation.tolist() == ["", "o"]


def test_a_missed_aim_is_named_and_fails(capsys) -> None:
    aims = Aims()
    aims.least("precision", 0.95, 0.9)
    assert aims.close() == 0
    aims.most("fans in front", 0.02, 0.01)
    aims.least("recall", float("nan"), 0.5)
    assert aims.close() == 1
    said = capsys.readouterr()
    assert said.err == "missed: fans in front; recall\n"
    assert said.out.count("MISSED") == 2


def test_the_constants_of_the_ranking_are_read_from_where_they_are() -> None:
    from crossfix.network import rank

    assert constants()["rank"]["HALF"] == rank.HALF
    assert all(np.isfinite(list(numbers.values())).all() for numbers in constants().values())
