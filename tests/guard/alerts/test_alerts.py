"""Alerts reach real receivers, once, in spite of faults, and carry nothing they should not."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Verifier
from tests.guard.alerts.receivers import Mailbox, Receiver

from crossfix.errors import SettingError
from crossfix.guard.alerts import Alert, Desk, Mail, UndeliverableError, Webhook
from crossfix.guard.alerts.alert import heading, lines, payload
from crossfix.guard.alerts.webhook import new_secret, secret_of, slack

QUICK = (0.01, 0.01)


def alert(subject: str = "p-1", **more: Any) -> Alert:
    given = {"kind": "policy", "level": "high", "title": "A policy held", "time": time.time()}
    return Alert(subject=subject, **given | more)  # type: ignore[arg-type]


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await work()

    asyncio.run(bounded())


class Told:
    """What a desk tells of itself."""

    def __init__(self) -> None:
        self.dead: list[tuple[str, Alert, str]] = []
        self.counts: dict[tuple[str, str], int] = {}

    def gave_up(self, channel: str, alert: Alert, why: str) -> None:
        self.dead.append((channel, alert, why))

    def count(self, channel: str, result: str) -> None:
        self.counts[channel, result] = self.counts.get((channel, result), 0) + 1


def desk(channels: list[Any], told: Told, **more: Any) -> Desk:
    given = {"window_seconds": 60.0, "pauses": QUICK, "dead": told.gave_up, "counted": told.count}
    return Desk(channels, time.time, **given | more)


def test_a_webhook_is_signed_so_that_the_standards_own_library_takes_it(receiver: Receiver) -> None:
    secret = new_secret()
    hook = Webhook("ops", receiver.url, time.time, secret=secret_of(secret, "S"))
    run(lambda: hook.send(alert(facts={"policy": "p-1", "account": "app:anna"})))
    ((headers, body),) = receiver.posts
    told = Verifier(secret).verify(body, headers)
    assert told["type"] == "alert.policy"
    assert told["data"]["facts"] == {"policy": "p-1", "account": "app:anna"}


def test_a_secret_that_is_none_is_refused_with_one_to_take() -> None:
    with pytest.raises(SettingError) as refused:
        secret_of("hunter2", "S")
    assert len(secret_of(str(refused.value.hint).removeprefix("Take: "), "S")) == 32


def test_slack_gets_text_in_which_nothing_is_a_mention(receiver: Receiver) -> None:
    hook = Webhook("ops", receiver.url, time.time, format="slack")
    run(lambda: hook.send(alert(title="<!channel> @here *now*", facts={"a": "<https://e.org|x>"})))
    text = json.loads(receiver.posts[0][1])["text"]
    assert "<" not in text
    assert "@here" not in text
    assert "&lt;!channel&gt;" in text


def test_a_mail_arrives_with_the_facts_and_no_header_of_somebody_elses(
    mailbox: tuple[Mailbox, int],
) -> None:
    box, port = mailbox
    mail = Mail("127.0.0.1", port, "guard@example.org", ("ops@example.org",))
    wicked = alert(title="held\r\nBcc: all@example.org", facts={"account\n": "app:x\r\n.\r\nQUIT"})
    run(lambda: mail.send(wicked))
    (kept,) = box.mails
    message = email.message_from_bytes(kept.content, policy=email.policy.default)
    assert kept.rcpt_tos == ["ops@example.org"]
    assert message["Bcc"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "crossfix [high] held Bcc: all@example.org"
    assert "account: app:x . QUIT" in message.get_content()


def test_the_same_again_within_a_window_is_one_alert_with_a_count(receiver: Receiver) -> None:
    told = Told()

    async def work() -> None:
        at = desk([Webhook("ops", receiver.url, time.time)], told, window_seconds=0.3)
        await at.start()
        for _ in range(50):
            at.tell(alert())
        at.tell(alert("p-2"))
        await asyncio.sleep(0.6)
        at.tell(alert())
        await at.stop()

    run(work)
    data = [json.loads(body)["data"] for _, body in receiver.posts]
    assert [(d["subject"], d["count"]) for d in data] == [
        ("p-1", 1), ("p-2", 1), ("p-1", 50), ("p-1", 1)
    ]  # fmt: skip
    assert told.counts["all", "folded"] == 49


def test_no_more_than_the_rate_is_sent_and_what_was_held_back_is_said(receiver: Receiver) -> None:
    told, now = Told(), 1_000.0

    async def work() -> None:
        nonlocal now
        hook = Webhook("ops", receiver.url, time.time)
        at = Desk([hook], lambda: now, counted=told.count, most_per_hour=5)
        await at.start()
        for n in range(25):
            at.tell(alert(f"p-{n}"))
        now += 3_601
        at.tell(alert("later"))
        await at.stop()

    run(work)
    data = [json.loads(body)["data"] for _, body in receiver.posts]
    assert [d["subject"] for d in data] == ["p-0", "p-1", "p-2", "p-3", "p-4", "rate", "later"]
    assert data[5]["count"] == 20


def test_what_fails_is_tried_again_under_the_same_id(receiver: Receiver) -> None:
    told = Told()
    receiver.statuses = [500, 429]

    async def work() -> None:
        at = desk([Webhook("ops", receiver.url, time.time)], told)
        await at.start()
        at.tell(alert())
        await at.stop()

    run(work)
    assert len(receiver.posts) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.posts}) == 1
    assert told.counts == {("ops", "failed"): 2, ("ops", "sent"): 1}
    assert told.dead == []


@pytest.mark.parametrize(("statuses", "posts"), [([500] * 9, 3), ([404], 1), ([302], 1)])
def test_what_cannot_be_delivered_ends_with_the_dead_letters(
    receiver: Receiver, statuses: list[int], posts: int
) -> None:
    told = Told()
    receiver.statuses = list(statuses)

    async def work() -> None:
        at = desk([Webhook("ops", receiver.url, time.time)], told)
        await at.start()
        at.tell(alert())
        await at.stop()

    run(work)
    assert len(receiver.posts) == posts
    ((channel, given_up, why),) = told.dead
    assert (channel, given_up.subject) == ("ops", "p-1")
    assert str(statuses[0]) in why


def test_a_receiver_that_is_away_holds_up_no_other(
    receiver: Receiver, mailbox: tuple[Mailbox, int]
) -> None:
    told = Told()
    box, port = mailbox
    box.answers = ["451 later", "250 OK"]
    away = Webhook("away", "http://127.0.0.1:9/hook", time.time)
    mail = Mail("127.0.0.1", port, "g@example.org", ("o@example.org",))

    async def work() -> None:
        at = desk([away, Webhook("ops", receiver.url, time.time), mail], told)
        await at.start()
        at.tell(alert())
        await at.stop()

    run(work)
    assert len(receiver.posts) == len(box.mails) == 1
    assert told.counts["email", "failed"] == 1
    assert [channel for channel, _, _ in told.dead] == ["away"]


def test_a_mail_server_that_refuses_for_good_is_not_asked_again(
    mailbox: tuple[Mailbox, int],
) -> None:
    box, port = mailbox
    box.answers = ["550 no"]
    mail = Mail("127.0.0.1", port, "g@example.org", ("o@example.org",))
    with pytest.raises(UndeliverableError) as refused:
        run(lambda: mail.send(alert()))
    assert refused.value.final
    mail.check()
    to = ("o@example.org",)
    secret = Mail("127.0.0.1", port, "g@example.org", to, user="g", password="p")
    with pytest.raises(UndeliverableError, match="does not encrypt"):
        secret.check()


def test_what_is_too_mild_is_not_sent(receiver: Receiver) -> None:
    async def work() -> None:
        at = desk([Webhook("ops", receiver.url, time.time)], Told(), least="critical")
        await at.start()
        at.tell(alert())
        at.tell(alert("p-2", level="critical"))
        await at.stop()

    run(work)
    assert len(receiver.posts) == 1


@settings(deadline=None)
@given(title=st.text(), name=st.text(), value=st.text(), subject=st.text())
def test_whatever_stands_in_an_alert_it_stays_on_its_line(
    title: str, name: str, value: str, subject: str
) -> None:
    made = alert(subject, title=title, facts={name: value})
    assert len(heading(made).splitlines()) <= 1
    assert all(len(line.splitlines()) <= 1 for line in lines(made))
    assert "<" not in slack(made)["text"]
    json.dumps(payload(made))
    mail = Mail("h", 25, "g@example.org", ("o@example.org",)).message(made)
    parsed = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert set(parsed.keys()) == set(mail.keys())
