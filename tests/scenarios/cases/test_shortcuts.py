"""Nothing that has to do with no coordination tells an operation's accounts from others."""

from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import rankdata

from crossfix.events import Event
from crossfix.scenarios.cases import CASES, build

SEEDS = range(4)
OPERATIONS = [name for name, case in CASES.items() if case.is_operation and name != "lawfirms"]


def words(posts: list[Event]) -> float:
    own = [len(e.text.split()) for e in posts if e.action != "repost" and e.text]
    return float(np.mean(own)) if own else 0.0


BASELINES: dict[str, Callable[[str, list[Event]], float]] = {
    "length of the name": lambda account, _: len(account),
    "digits in the name": lambda account, _: sum(c.isdigit() for c in account),
    "number of posts": lambda _, posts: len(posts),
    "words a post": lambda _, posts: words(posts),
    "hour of the day": lambda _, posts: float(np.mean([e.time.hour for e in posts])),
    "second of the minute": lambda _, posts: float(np.mean([e.time.second for e in posts])),
    "links": lambda _, posts: float(np.mean([bool(e.urls) for e in posts])),
    "followers": lambda _, posts: float(posts[0].attributes.get("followers", 0)),
}


@pytest.fixture(scope="module")
def accounts() -> list[tuple[bool, str, list[Event]]]:
    """Accounts of X in the worlds of all operations: whether planted, and what they posted."""
    found = []
    for name in OPERATIONS:
        for seed in SEEDS:
            world = build(name, 300, seed)
            posts: dict[str, list[Event]] = defaultdict(list)
            for event in world.events:
                if event.action in ("post", "reply", "repost", "complaint"):
                    posts[event.account].append(event)
            found += [
                (a.is_operation, a.account, posts[a.account])
                for a in world.accounts
                if a.account.startswith("x:") and a.role in ("person", "poster")
                and a.account in posts
            ]  # fmt: skip
    return found


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_does_not_tell_planted_accounts_from_others(
    name: str, accounts: list[tuple[bool, str, list[Event]]]
) -> None:
    planted = np.array([is_planted for is_planted, _, _ in accounts])
    scores = np.array([BASELINES[name](account, posts) for _, account, posts in accounts])
    ranks = rankdata(scores)
    n = int(planted.sum())
    auc = (ranks[planted].sum() - n * (n + 1) / 2) / (n * (len(planted) - n))
    assert n > 100
    assert 0.3 < auc < 0.7


def test_languages_are_as_common_among_planted_accounts_as_among_others(
    accounts: list[tuple[bool, str, list[Event]]],
) -> None:
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for is_planted, _, posts in accounts:
        counts[is_planted][posts[0].language or ""] += 1
    for language in ("en", "de", "es", "fr"):
        planted, others = (counts[k][language] / counts[k].total() for k in (True, False))
        assert abs(planted - others) < 0.25
