"""Posts that wait for the slow encoder."""

from datetime import UTC, datetime, timedelta

from crossfix.traces.origin import Post
from crossfix.traces.origin.waiting import Nearest, Waiting


def test_who_copies_soonest_waits_for_the_slow_encoder() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    waiting = Waiting([0, 10_000_000], most=2)
    for seconds in (9, 12, 11, -1, 5):
        post = Post(post=f"p{seconds}", text="x", service="x", account="x:a",
                    time=start + timedelta(seconds=seconds))  # fmt: skip
        waiting.add(post, seconds * 1_000_000)
    assert [post.post for post in waiting.posts()] == ["p11", "p12"]
    assert waiting.passed_over == 2


def test_the_nearest_texts_of_posts_are_kept_nearest_first() -> None:
    nearest = Nearest(2)
    post = Post(post="p", text="a b", service="x", account="x:a",
                time=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    for text, cosine in (("a", 0.3), ("a b", 0.5), ("b", 0.4), ("a", 0.2)):
        nearest.add(post, text, cosine)
    assert nearest.texts() == [(post, "a b"), (post, "b")]


def test_a_post_that_comes_twice_waits_twice() -> None:
    post = Post(post="p", text="x", service="x", account="x:a",
                time=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    waiting, nearest = Waiting([0], most=3), Nearest(3)
    for _ in range(4):
        waiting.add(post, 5)
        nearest.add(post, "x", 0.5)
    assert waiting.posts() == [post] * 3
    assert nearest.texts() == [(post, "x")] * 3
