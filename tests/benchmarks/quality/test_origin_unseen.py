"""Rewordings that nothing was fitted to."""

from datetime import datetime

from benchmarks.quality.origin_fit import rewordings
from benchmarks.quality.origin_unseen import MADE, report, written

from crossfix.traces.origin import segments


def test_what_is_reported_on_is_not_among_what_is_fitted() -> None:
    outputs, copies, others = written()
    fitted = {s["text"] for row in rewordings() for s in row["segments"]}
    assert not fitted & {s.text for row in outputs for s in segments(row["text"])}
    assert len(copies) == 18
    assert len(others) == 15


def test_every_post_comes_after_its_output_and_each_from_an_account_of_its_own() -> None:
    _, copies, others = written()
    posts = copies + others
    assert all(
        datetime.fromisoformat(post["time"]) > datetime.fromisoformat(MADE) for post in posts
    )
    assert len({post["account"] for post in posts}) == len({post["post"] for post in posts}) == 33


def test_a_copy_counts_only_where_it_is_traced_to_its_own_output() -> None:
    _, copies, others = written()
    all_found = [{"post": row["post"], "response": row["response"]} for row in copies]
    assert report(all_found, copies, others, 100_000) == 0
    astray = [{**row, "response": "another"} for row in all_found]
    assert report(astray, copies, others, 100_000) == 1
    false = [*all_found, {"post": "u7", "response": "u01"}]
    assert report(false, copies, others, 1_000_000) == 0
    assert report(false, copies, others, 10_000) == 1
    assert report([*all_found, {**all_found[0], "post": others[0]["post"]}], copies, others, 1) == 1
