from collections.abc import Callable

import pytest

from crossfix.guard import Decision, RateLimit, headers
from crossfix.guard.headers import duration

REQUESTS = RateLimit(counted="requests", limit=60, remaining=0, reset_seconds=60.0)
TOKENS = RateLimit(counted="tokens", limit=1000, remaining=7, reset_seconds=0.02)


def decision(answer: str, **fields: object) -> Decision:
    return Decision(answer=answer, reference="X", **fields)  # type: ignore[arg-type]


def test_limits_and_waits_are_said_as_openai_says_them() -> None:
    said = dict(headers(decision("throttle", limits=(REQUESTS, TOKENS), retry_seconds=1.2301)))
    assert said == {
        "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s", "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": "20ms",
        "retry-after": "2", "retry-after-ms": "1231",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "stops"),
    [(("allow", None), False), (("flag", None), False), (("throttle", 5.0), False),
     (("throttle", 600.0), True), (("challenge", None), True), (("block", None), True)],
)  # fmt: skip
def test_an_sdk_is_stopped_from_trying_again_in_vain(
    given: tuple[str, float | None], stops: bool
) -> None:
    said = dict(headers(decision(given[0], retry_seconds=given[1])))
    assert (said.get("x-should-retry") == "false") == stops
    assert ("retry-after" in said) == (given[0] == "throttle")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0ms"), (0.0201, "21ms"), (1, "1s"), (1.5, "1.5s"), (59.9999, "60s"), (60, "1m0s"),
     (360, "6m0s"), (3661, "1h1m1s")],
)  # fmt: skip
def test_durations_read_as_openais(
    seconds: float, said: str, record_property: Callable[[str, object], None]
) -> None:
    assert duration(seconds) == said
