from collections import defaultdict
from math import log2, sqrt

import numpy as np
import pytest
from hypothesis import given, settings

from crossfix.network.pair import Pairs
from crossfix.network.reliability import KindWeights, kind_weights
from crossfix.network.strength import FAINT, PRIOR_KEYS, Ties, ties

from .trace_rows import ACCOUNTS, FAMILIES, KINDS, POSTS, Row, paired, rows_of

WEIGHTS = kind_weights(KINDS, FAMILIES)
REPOST, HASHTAG, TAGS, TEXT, CREDENTIAL = range(len(KINDS))


def tied(rows: list[Row], accounts: int = ACCOUNTS, weights: KindWeights = WEIGHTS, **more) -> Ties:
    return ties(paired(rows), weights, accounts, **more)


def weight_of(found: Ties, a: int, b: int) -> float:
    at = np.flatnonzero((found.a == a) & (found.b == b))
    return float(found.weight[at].sum())


def stratum(row: dict[str, int]) -> tuple[int, int]:
    return row["kind"], min(int(log2(row["accounts"])), 20)


def slow(pairs: Pairs, weights: KindWeights, actor: list[int]) -> dict[tuple[int, int], tuple]:
    """Weigh every shared key by itself, keep one for each act, add up."""
    rows = pairs.table.to_pylist()
    keys: dict[tuple[int, int], int] = defaultdict(int)
    for d in pairs.degrees.to_pylist():
        at = int(weights.family[d["kind"]]), d["account"]
        keys[at] = max(keys[at], d["keys"])
    by_pair = defaultdict(list)
    for row in rows:
        a, b, weight = row["account_a"], row["account_b"], weights.weight[row["kind"]]
        if weight == 0 or actor[a] == actor[b]:
            continue
        alike = [r for r in rows if stratum(r) == stratum(row)]
        near = sum(r["delta"] <= row["delta"] for r in alike) / len(alike)
        family = int(weights.family[row["kind"]])
        busy = sqrt((keys[family, a] + PRIOR_KEYS) * (keys[family, b] + PRIOR_KEYS))
        often = sqrt(row["times_a"] * row["times_b"])
        value = weight / ((row["accounts"] - 1) * near + 1) / busy / often
        by_pair[a, b].append((value, row))
    found = {}
    for who, valued in by_pair.items():
        for side in ("event_a", "event_b"):
            best: dict[int, tuple] = {}
            for one in valued:
                if one[1][side] not in best or one[0] > best[one[1][side]][0] * (1 + 1e-12):
                    best[one[1][side]] = one
            valued = [one for one in valued if any(one is kept for kept in best.values())]
        total = sum(value for value, _ in valued)
        acts = any(not weights.occasional[row["kind"]] for _, row in valued)
        if total > FAINT and (acts or len(valued) > 1):
            found[who] = (total, len(valued))
    return found


@settings(deadline=None, max_examples=60)
@given(POSTS)
def test_ties_are_those_of_weighing_every_shared_key_by_itself(posts) -> None:
    pairs = paired(rows_of(posts))
    actor = [0, 0, *range(2, ACCOUNTS)]
    found = ties(pairs, WEIGHTS, ACCOUNTS, np.array(actor, np.int32))
    expected = slow(pairs, WEIGHTS, actor)
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == sorted(expected)
    for i, who in enumerate(sorted(expected)):
        total, occasions = expected[who]
        assert found.weight[i] == pytest.approx(total)
        assert found.occasions[i] == occasions


def test_two_accounts_of_one_person_have_no_tie() -> None:
    rows = [(a, REPOST, key, 10 * key, 3 * key + a) for key in range(3) for a in range(3)]
    found = tied(rows, actor=np.array([0, 0, 1, 2, 3, 4], np.int32))
    assert weight_of(found, 0, 1) == 0
    assert weight_of(found, 0, 2) > 0
    assert weight_of(found, 1, 2) > 0


def test_the_tags_of_one_pair_of_posts_count_once() -> None:
    def of(tags: int) -> Ties:
        # Two posts an account; the first carries `tags` tags, the second always one.
        return tied([
            *((a, HASHTAG, tag, a, a) for a in (0, 1) for tag in range(tags)),
            *((a, HASHTAG, 99, 500 + a, 10 + a) for a in (0, 1)),
        ])  # fmt: skip

    one, many = of(1), of(8)
    assert one.occasions.tolist() == many.occasions.tolist() == [2]
    assert weight_of(many, 0, 1) <= weight_of(one, 0, 1)


def test_the_link_and_the_words_of_the_same_two_posts_are_one_occasion() -> None:
    both = tied([(a, kind, 1, a, a) for a in (0, 1) for kind in (REPOST, TEXT)])
    alone = tied([(a, REPOST, 1, a, a) for a in (0, 1)])
    assert both.occasions.tolist() == [1]
    assert weight_of(both, 0, 1) == pytest.approx(weight_of(alone, 0, 1))


@pytest.mark.parametrize("kind", [HASHTAG, TAGS])
def test_one_tag_in_common_is_no_tie_and_two_occasions_are(kind: int) -> None:
    once = [(a, kind, 1, a, a) for a in (0, 1)]
    assert len(tied(once)) == 0
    assert len(tied([*once, *((a, kind, 2, 900 + a, 10 + a) for a in (0, 1))])) == 1


def test_one_credential_alone_is_no_tie() -> None:
    assert len(tied([(a, CREDENTIAL, key, a, a) for a in (0, 1) for key in (1, 2)])) == 0


def test_the_repost_kind_can_be_switched_off() -> None:
    rows = [(a, REPOST, key, 10 * key, 2 * key + a) for key in range(3) for a in (0, 1)]
    off = kind_weights(KINDS, FAMILIES, frozenset({"repost"}))
    assert len(tied(rows)) == 1
    assert len(tied(rows, weights=off)) == 0


def test_a_rare_key_ties_more_than_a_popular_one_left_as_close() -> None:
    rows = [
        *((a, REPOST, 1, 0, a) for a in (0, 1)),
        *((a, REPOST, 2, 0, 10 + a) for a in range(2, 20)),
    ]
    found = tied(rows, accounts=20)
    assert weight_of(found, 0, 1) > 5 * weight_of(found, 2, 3)


def test_on_a_popular_key_the_close_are_tied_more_than_the_distant() -> None:
    rows = [(a, REPOST, 1, 3_600 * a, a) for a in range(16)]
    rows += [(16, REPOST, 1, 3_600 * 3 + 5, 16)]
    found = tied(rows, accounts=17)
    assert weight_of(found, 3, 16) > 3 * weight_of(found, 0, 15)


def test_busy_accounts_are_tied_less_by_the_same_act() -> None:
    shared = [(a, REPOST, 1, a, a) for a in (0, 1)]
    busy = [
        (a, REPOST, 1_000 + 100 * a + n, n, 100 * (a + 1) + n) for a in (0, 1) for n in range(80)
    ]
    assert weight_of(tied(shared), 0, 1) > 3 * weight_of(tied([*shared, *busy]), 0, 1)


def test_posting_one_key_again_and_again_weakens_the_tie() -> None:
    once = [(a, REPOST, 1, a, a) for a in (0, 1)]
    burst = [*once, *((0, REPOST, 1, 100 + n, 10 + n) for n in range(30))]
    assert weight_of(tied(once), 0, 1) > 3 * weight_of(tied(burst), 0, 1)


def test_nothing_is_tied_in_an_empty_input() -> None:
    assert len(tied([])) == 0
