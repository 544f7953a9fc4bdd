"""Posts that wait for the slow encoder."""

from datetime import UTC, datetime, timedelta

from crossfix.traces.origin import Post
from crossfix.traces.origin.waiting import Waiting


def test_who_copies_soonest_waits_for_the_slow_encoder() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    waiting = Waiting([0, 10_000_000], most=2)
    for seconds in (9, 12, 11, -1, 5):
        post = Post(post=f"p{seconds}", text="x", service="x", account="x:a",
                    time=start + timedelta(seconds=seconds))  # fmt: skip
        waiting.add(post, seconds * 1_000_000)
    assert [post.post for post in waiting.posts()] == ["p11", "p12"]
    assert waiting.passed_over == 2
