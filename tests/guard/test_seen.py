from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.guard.request import Request
from crossfix.guard.seen import Seen

ACCOUNTS = st.sampled_from(["app:a", "app:b", "app:ab"])
TEXTS = st.lists(st.sampled_from(["", "x", "bx", "\ud800", "long " * 50]), max_size=4).map(tuple)


def request(account: str, *texts: str) -> Request:
    return Request(id="1", service="app", account=account, action="prompt", texts=texts)


@settings(deadline=None)
@given(steps=st.lists(st.tuples(ACCOUNTS, TEXTS, st.booleans()), max_size=30))
def test_a_text_is_new_until_its_account_had_it_let_by(
    steps: list[tuple[str, tuple[str, ...], bool]],
) -> None:
    seen, twin = Seen(b"key"), set[tuple[str, str]]()
    for account, earlier, passed in steps:
        fresh = tuple(t for t in dict.fromkeys(earlier) if (account, t) not in twin)
        asked = seen.complete(request(account, "new"), earlier)
        assert asked.texts == (*fresh, "new")
        if passed:
            seen.note(account, asked.texts)
            twin |= {(account, text) for text in asked.texts}


def test_it_is_bounded_and_keeps_what_is_in_use() -> None:
    seen = Seen(b"key", most=100)
    seen.note("app:a", ["in use"])
    for number in range(5_000):
        seen.note("app:b", [str(number)])
        assert seen.complete(request("app:a"), ("in use",)).texts == ()
        assert len(seen) < 200
    assert seen.complete(request("app:b"), ("0",)).texts == ("0",)
