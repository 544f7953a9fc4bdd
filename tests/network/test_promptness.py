from collections import defaultdict
from math import exp

import pytest
from hypothesis import given, settings

from crossfix.network.promptness import SCALE_SECONDS, Promptness, promptness
from crossfix.network.reliability import kind_weights
from crossfix.store.engine import Engine

from .trace_rows import ACCOUNTS, FAMILIES, KINDS, POSTS, Row, rows_of, table

WEIGHTS = kind_weights(KINDS, FAMILIES)


def measured(rows: list[Row], accounts: int = ACCOUNTS) -> Promptness:
    with Engine(threads=1) as engine:
        return promptness(table(rows), engine, WEIGHTS, accounts)


def slow(rows: list[Row]) -> dict[int, tuple[float, float]]:
    """Walk along every key from one account to the next."""
    first: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for account, kind, key, seconds, _ in rows:
        at = first[kind, key]
        at[account] = min(at.get(account, seconds), seconds)
    seen = defaultdict(list)
    for (kind, _), who in first.items():
        before = None
        for seconds, account in sorted((s, a) for a, s in who.items()):
            gap = 0 if before is None else seconds - before
            if len(who) > 1 and WEIGHTS.weight[kind] > 0:
                seen[account].append(
                    (WEIGHTS.weight[kind] / (len(who) - 1), exp(-gap / SCALE_SECONDS))
                )
            before = seconds
    return {
        a: (
            sum(w * p for w, p in them) / sum(w for w, _ in them),
            sum(w for w, _ in them) ** 2 / sum(w * w for w, _ in them),
        )
        for a, them in seen.items()
    }


@settings(deadline=None, max_examples=40)
@given(POSTS)
def test_promptness_is_that_of_walking_along_every_key(posts) -> None:
    rows = rows_of(posts)
    found, expected = measured(rows), slow(rows)
    for account in range(ACCOUNTS):
        prompt, keys = expected.get(account, (0.0, 0.0))
        assert found.prompt[account] == pytest.approx(prompt, abs=1e-12)
        assert found.keys[account] == pytest.approx(keys, abs=1e-12)


def test_the_first_and_the_quick_are_prompt_and_the_late_are_not() -> None:
    rows = [(0, 0, 1, 0, 0), (1, 0, 1, 5, 1), (2, 0, 1, 40_000, 2)]
    prompt = measured(rows).prompt
    assert prompt[0] == 1
    assert prompt[1] > 0.9
    assert prompt[2] < 0.01


def test_keys_that_nobody_else_left_say_nothing() -> None:
    found = measured([(a, 0, a, 0, a) for a in range(ACCOUNTS)])
    assert not found.keys.any()


def test_an_account_with_one_popular_and_one_rare_key_rests_on_little_more_than_one() -> None:
    rows = [(a, 0, 1, a, a) for a in range(60)] + [(0, 0, 2, 0, 100), (1, 0, 2, 1, 101)]
    assert measured(rows, 60).keys[0] == pytest.approx(1, abs=0.1)
