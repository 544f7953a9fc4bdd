"""A request as policies see it has every field where it belongs."""

import msgspec

from crossfix.accounts.standing import Standing
from crossfix.content.finding import Finding
from crossfix.guard import Request
from crossfix.guard.request_facts import request_facts
from crossfix.policy import Facts


def test_facts_have_what_the_request_and_the_standing_say_under_its_name() -> None:
    found = (Finding(check="pattern", name="p", score=1.0),)
    standing = Standing(
        account="app:u1", first=1_000.0, tier="email", state="watched", risk=0.25, labels=("new",)
    )
    request = Request(
        id="r", service="app", account="app:u1", action="prompt", model="m", key="k",
        organisation="o", texts=("One.", "See https://a.example/x"), tokens=7, conversation="c",
        attributes={"ip": "192.0.2.1"}, language="de",
    )  # fmt: skip
    assert request_facts(request, standing, found, 87_400.0) == Facts(
        time=87_400.0, action="prompt", service="app", surface="ai", account="app:u1",
        text="One.\nSee https://a.example/x", model="m", key="k", organisation="o",
        conversation="c", tokens=7, urls=("https://a.example/x",), attributes={"ip": "192.0.2.1"},
        tier="email", state="watched", risk=0.25, labels=("new",), age_days=1.0, findings=found,
    )  # fmt: skip
    bare = Request(id="r", service="app", account="app:u1", action="visit")
    assert request_facts(bare, Standing(account="app:u1", first=5.0), (), 5.0) == Facts(
        time=5.0, action="visit", service="app", surface="ai", account="app:u1", state="active"
    )
    assert list(msgspec.structs.asdict(Facts(0.0, "a", "s", "x", "u")))[:5] == [
        "time", "action", "service", "surface", "account",
    ]  # fmt: skip
