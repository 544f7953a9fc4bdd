from datetime import timedelta

import numpy as np
import pytest

from crossfix.campaigns.together import (
    born_together,
    born_with,
    everyone,
    infrastructure,
    infrastructure_of_others,
    infrastructure_share,
    named_alike,
    named_as_others,
    same_texts,
    texts_of_others,
)

from .campaign_world import START, behaviour, codes, person, text


def made(prefix: str, days: list[float]) -> dict[str, dict[str, str]]:
    return {
        f"x:{prefix}{i}": {"created": (START - timedelta(days=d)).isoformat()}
        for i, d in enumerate(days)
    }


def world(attributes: dict[str, dict[str, str]], n: int = 3):
    rng = np.random.default_rng(3)
    return behaviour({name: person(rng, n) for name in attributes}, attributes)


def test_accounts_made_in_one_week_were_born_together():
    usual = made("p", np.random.default_rng(1).uniform(1, 2000, 200).tolist())
    b = world(usual | made("op", [100, 101, 102, 103, 104, 1200, 600, 900]))
    assert born_together(b, codes(b, "x:op"), everyone(b)) == pytest.approx(0.9 * 5 / 8, abs=0.05)
    assert born_together(b, codes(b, "x:p"), everyone(b)) == 0.0


def test_pages_made_in_one_week_long_ago_are_not_new():
    usual = made("p", np.random.default_rng(1).uniform(1, 2000, 200).tolist())
    b = world(usual | made("news", [3000, 3001, 3002, 3003, 3004]))
    assert born_together(b, codes(b, "x:news"), everyone(b)) == 0.0


def test_a_week_in_which_everybody_joined_tells_nothing():
    b = world(made("p", [300 + i / 50 for i in range(200)]) | made("op", [301] * 5))
    assert born_together(b, codes(b, "x:op"), everyone(b)) == 0.0


def firsts(prefix: str, days: list[float]):
    rng = np.random.default_rng(5)
    return {
        f"x:{prefix}{i}": [
            (START + timedelta(days=d), "post", text(rng)),
            (START + timedelta(days=200), "post", text(rng)),
        ]
        for i, d in enumerate(days)
    }


def test_where_creation_is_unknown_the_first_event_stands_for_it():
    usual = firsts("p", np.random.default_rng(2).uniform(0, 190, 300).tolist())
    b = behaviour(usual | firsts("op", [90, 90.5, 91, 91.5, 92]))
    assert born_together(b, codes(b, "x:op"), everyone(b)) > 0.9


def test_the_beginning_of_the_data_is_nobodys_birth():
    usual = firsts("p", np.random.default_rng(2).uniform(0, 190, 300).tolist())
    b = behaviour(usual | firsts("op", [1, 1.5, 2, 2, 2]))
    assert born_together(b, codes(b, "x:op"), everyone(b)) == 0.0


def test_short_data_cannot_tell():
    rng = np.random.default_rng(1)
    b = behaviour({f"x:{i}": [(START + timedelta(days=i), "post", text(rng))] for i in range(50)})
    assert np.isnan(born_together(b, np.arange(5, dtype=np.int32), everyone(b)))


def test_texts_that_two_members_use_are_counted():
    rng = np.random.default_rng(1)
    common = [text(rng) for _ in range(4)]

    def drafts(shared: int):
        return [(START, "post", common[i % 4] if i < shared else text(rng)) for i in range(20)]

    b = behaviour({f"x:op{i}": drafts(5) for i in range(4)} | {"x:p": drafts(20)})
    assert same_texts(b, codes(b, "x:op")) == pytest.approx(0.5)
    assert same_texts(b, codes(b, "x:p")) == 0.0
    few = behaviour({"x:a": drafts(5)[:4]})
    assert np.isnan(same_texts(few, np.array([0], np.int32)))


def test_names_after_one_pattern_stand_out_of_their_cohort():
    names = {
        f"x:p{chr(97 + i % 26)}{chr(97 + i // 26)}": {"display_name": "Ann"} for i in range(200)
    }
    names |= {f"x:op{i}": {"display_name": f"Joy{i}84310"} for i in range(6)}
    b = world(names, 1)
    assert named_alike(codes(b, "x:op"), everyone(b)) > 0.95
    assert named_alike(codes(b, "x:p"), everyone(b)) == 0.0
    numbers = world({f"x:{1000 + i}": {} for i in range(50)}, 1)
    assert np.isnan(named_alike(np.arange(5, dtype=np.int32), everyone(numbers)))


def test_infrastructure_is_telling_only_where_members_are_half_of_its_users():
    account = np.array([0, 1, 2, 3, 0, 1, 2, *range(4, 40)], np.int32)
    key = np.array([7, 7, 7, 5, 9, 9, 9, *[9] * 36], np.uint64)
    again = np.concatenate([account, account[::-1]]), np.concatenate([key, key[::-1]])
    traces = infrastructure(*again)
    assert infrastructure_share(traces, np.array([0, 1, 2, 3], np.int32)) == 0.75
    assert infrastructure_share(traces, np.arange(10, 20, dtype=np.int32)) == 0.0
    assert np.isnan(infrastructure_share(traces, np.array([50, 51, 52], np.int32)))


def test_of_a_burst_each_member_bears_all_or_nothing():
    usual = made("p", np.random.default_rng(1).uniform(1, 2000, 200).tolist())
    b = world(usual | made("op", [100, 101, 102, 103, 104, 1200, 600, 900]))
    borne = born_with(b, codes(b, "x:op"), everyone(b))
    assert borne[:5].min() == borne[:5].max() == pytest.approx(0.9, abs=0.05)
    assert borne[5:].tolist() == [0.0] * 3
    assert born_with(b, codes(b, "x:p"), everyone(b)).max() == 0.0


def test_of_whom_it_is_not_known_when_it_was_made_nothing_is_said():
    b = world(made("op", [100, 101, 102]) | {"x:op9": {}} | made("p", [900, 1500, 2000]))
    assert np.isnan(born_with(b, codes(b, "x:op"), everyone(b))).tolist() == [False] * 3 + [True]
    rng = np.random.default_rng(1)
    short = behaviour({f"x:{i}": [(START, "post", text(rng))] for i in range(9)})
    assert np.isnan(born_with(short, np.arange(5, dtype=np.int32), everyone(short))).all()


def test_each_member_bears_the_texts_that_another_uses():
    rng = np.random.default_rng(1)
    common = [text(rng) for _ in range(4)]
    many = [(START, "post", common[i % 4]) for i in range(8)]
    some = [(START, "post", common[i] if i < 2 else text(rng)) for i in range(8)]
    own = [(START, "post", text(rng)) for _ in range(8)]
    b = behaviour({"x:op0": many, "x:op1": some, "x:op2": own, "x:op3": many[:2], "x:p": many})
    borne = texts_of_others(b, codes(b, "x:op"))
    assert borne[:3].tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(borne[3])


def test_each_member_bears_the_name_that_many_have():
    names = {
        f"x:p{chr(97 + i % 26)}{chr(97 + i // 26)}": {"display_name": "Ann"} for i in range(200)
    }
    names |= {f"x:op{chr(97 + i)}": {"display_name": f"Joy{i}84310"} for i in range(6)}
    b = world(names | {"x:opz": {"display_name": "Joy"}}, 1)
    assert named_as_others(codes(b, "x:op"), everyone(b)).tolist() == [1.0] * 6 + [0.0]
    assert named_as_others(codes(b, "x:p"), everyone(b)).max() == 0.0
    numbers = world({f"x:{1000 + i}": {} for i in range(50)}, 1)
    assert np.isnan(named_as_others(np.arange(5, dtype=np.int32), everyone(numbers))).all()


def test_each_member_bears_the_rare_infrastructure_of_another():
    account = np.array([0, 1, 2, 3, *range(4, 40)], np.int32)
    key = np.array([7, 7, 7, 5, *[9] * 36], np.uint64)
    traces = infrastructure(account, key)
    assert infrastructure_of_others(traces, np.array([0, 1, 2, 3], np.int32)).tolist() == [
        1.0, 1.0, 1.0, 0.0,
    ]  # fmt: skip
    assert np.isnan(infrastructure_of_others(traces, np.array([50, 51], np.int32))).all()
