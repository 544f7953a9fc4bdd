"""Fan-outs against chance: what strangers would do is none, what only a batch does is one."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
import numpy as np
from tests.campaigns.test_origins import DRAFTS, GERMAN, batch, crowd, event, found

from crossfix.campaigns.spread import _soon, _tail


def test_two_accounts_are_no_campaign_and_three_are() -> None:
    for posters, campaigns in ((2, 0), (3, 1)):
        result = found([*crowd(), *batch()[: 2 + posters]]).result
        assert len(result.campaigns) == campaigns


def test_accounts_of_one_person_are_one_actor() -> None:
    asked, said, *posts = batch()
    one = [msgspec.structs.replace(p, attributes={"person": "ann"}) for p in posts]
    assert found([*crowd(), asked, said, *one]).result.campaigns == ()


def test_a_batch_that_takes_days_is_found_as_well() -> None:
    asked, said, *posts = batch()
    slow = [
        msgspec.structs.replace(p, time=p.time + timedelta(hours=11 * n), received=p.received)
        for n, p in enumerate(posts)
    ]  # fmt: skip
    (campaign,) = found([*crowd(), asked, said, *slow]).result.campaigns
    assert campaign.kinds["origin"] == 1


def test_a_figure_of_speech_that_people_fill_with_their_own_names_is_no_batch() -> None:
    """A frame comes up for the first time in an answer, and then at every hour alike."""
    rng = random.Random(3)
    frame = "My cousin {} from {} wanted to know what I think about it, so here it is, my dear"
    names = ["".join(rng.choices("bcdfglmnrst", k=6)) for _ in range(60)]
    asked, said, *_ = batch()
    said = msgspec.structs.replace(said, text=frame.format(names[0], names[1]))
    people = [
        event(7_000 + n, f"x:user{n}", "post", 3_050 + 120 * n,
              frame.format(names[2 * n], names[2 * n + 1]))
        for n in range(1, 20)
    ]  # fmt: skip
    result = found([*crowd(), asked, said, *people]).result
    assert not [c for c in result.campaigns if c.fan_outs]


def test_a_second_response_to_the_same_accounts_makes_one_campaign() -> None:
    again = [
        msgspec.structs.replace(e, id=f"{e.id}b", text=text, time=e.time + timedelta(hours=20),
                                received=e.received, parent=e.parent and f"{e.parent}b")
        for e, text in zip(batch(GERMAN), ["More", "\n".join(GERMAN), *GERMAN], strict=True)
    ]  # fmt: skip
    (campaign,) = found([*crowd(), *batch(), *again]).result.campaigns
    assert len(campaign.members) == 1 + len(DRAFTS)
    assert len(campaign.fan_outs) == 2
    assert {link.shared_keys for link in campaign.links} == {2}


def test_so_many_so_soon_is_judged_by_the_posts_that_came_besides() -> None:
    posts = np.arange(1_000, dtype=np.int64)
    actor = np.arange(10, dtype=np.int32)
    soon = {n: 100 + n for n in range(5)}
    spread = {n: 100 + 180 * n for n in range(5)}
    assert _soon(posts, 100, soon, actor) < 1e-6
    assert _soon(posts, 100, spread, actor) > 0.05


def test_nobody_needs_no_explanation() -> None:
    assert _tail(0, 5.0) == 1.0
    assert _tail(3, 1e-4) < 1e-12
