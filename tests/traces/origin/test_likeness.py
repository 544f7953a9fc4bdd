"""What sets a copy apart from a post on the same topic."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np

from crossfix.content.encoders import of_length_one
from crossfix.traces.origin import Post
from crossfix.traces.origin.likeness import contrasts
from crossfix.traces.origin.peers import Peers
from crossfix.traces.origin.waiting import Waiting


def test_what_siblings_share_does_not_count() -> None:
    drafts = of_length_one(np.array([[1, 1, 0, 0], [1, 0, 1, 0]], np.float32))
    copy, other = of_length_one(np.array([[0.9, 0.7, 0, 0], [1.5, 0, 0, 0.4]], np.float32))
    assert contrasts(drafts, copy)[0] > 0.9
    assert contrasts(drafts, other).max() < 0.7
    assert (drafts @ other).max() > 0.6  # though its cosine is high


def test_a_response_of_one_segment_has_only_its_cosine() -> None:
    one = of_length_one(np.array([[1.0, 1.0]], np.float32))
    np.testing.assert_allclose(contrasts(one, one[0]), [1.0], atol=1e-6)


def test_the_sample_of_peers_does_not_depend_on_the_order() -> None:
    texts = [f"This is what number {n} had to say" for n in range(300)] + ["Соседи спорят"] * 3
    one, other = Peers(20), Peers(20)
    for text in texts:
        one.add(text)
    random.Random(1).shuffle(texts)
    for text in texts:
        other.add(text)
    assert one.by_language() == other.by_language()
    assert {name: len(of) for name, of in one.by_language().items()} == {
        "latin": 20, "cyrillic": 1,
    }  # fmt: skip


def test_who_copies_soonest_waits_for_the_slow_encoder() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    waiting = Waiting([0, 10_000_000], most=2)
    for seconds in (9, 12, 11, -1, 5):
        post = Post(post=f"p{seconds}", text="x", service="x", account="x:a",
                    time=start + timedelta(seconds=seconds))  # fmt: skip
        waiting.add(post, seconds * 1_000_000)
    assert [post.post for post in waiting.posts()] == ["p11", "p12"]
    assert waiting.passed_over == 2
