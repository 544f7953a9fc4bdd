"""When operators are told, and what of: triggers, dead letters, what a call's count costs."""

from __future__ import annotations

import json
import timeit
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from crossfix.config import load_settings
from crossfix.guard.alerts import Alert
from crossfix.guard.decision import Decision, Reason
from crossfix.guard.key_use import LEAST_CONVERSATIONS, LEAST_REQUESTS
from crossfix.guard.metrics import Metrics
from crossfix.guard.monitor import REFUSALS_SECONDS, Monitor
from crossfix.guard.monitoring import build_desk
from crossfix.guard.request import Request
from crossfix.guard.ruling import Ruling
from crossfix.guard.wire import Answered, Ask
from crossfix.store.journal import open_journal
from crossfix.store.registry import StoredStanding


class Told:
    """Takes what a desk would."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def tell(self, alert: Alert) -> None:
        self.alerts.append(alert)


def monitor(**more: Any) -> tuple[Monitor, Told]:
    told = Told()
    return Monitor(Metrics(), told, {"p": "high", "q": "low"}, **more), told  # type: ignore[arg-type]


def call(account: str = "app:a", **more: Any) -> Any:
    request = Request(
        id="1", service="app", account=account, action="prompt", model="m",
        key=more.pop("key", ""), conversation=more.pop("conversation", None),
    )  # fmt: skip
    given = {
        "request": request, "ask": Ask(), "after": None,
        "decision": Decision(answer="allow", reference="r"),
        "answered": Answered(tokens_in=5, tokens_out=7), "upstream": "u",
        "upstream_seconds": 0.1, "refused_by_provider": False,
        "wire": SimpleNamespace(name="chat"),
    }  # fmt: skip
    return SimpleNamespace(**given | more)


def ruling(policy: str, **more: Any) -> Ruling:
    return Ruling(policy=policy, answer="flag", text="words that people wrote", **more)


def test_a_policy_tells_by_its_level_or_its_effect_and_never_from_the_shadow() -> None:
    watch, told = monitor()
    watch.heard("app:a", ruling("p"), 1.0)
    watch.heard("app:a", ruling("q"), 1.0)
    watch.heard("app:a", ruling("q", notify=True), 1.0)
    watch.heard("app:a", ruling("p", shadow=True, notify=True), 1.0)
    assert [(a.kind, a.subject, a.level) for a in told.alerts] == [
        ("policy", "p", "high"), ("policy", "q", "high")
    ]  # fmt: skip
    assert "words" not in str(told.alerts)
    text = watch.metrics.text()
    assert 'policy_hits_total{policy="p",status="shadow"} 1' in text
    assert 'policy_hits_total{policy="q",status="live"} 2' in text


def test_refusals_that_pile_up_are_told_with_who_they_come_from() -> None:
    watch, told = monitor(refusals=5)
    for n in range(4):
        watch.called(call("app:bad", refused_by_provider=True), 0.1, float(n), left=False)
    assert told.alerts == []
    watch.called(call("app:b", refused_by_provider=True), 0.1, 9.0, left=False)
    (alert,) = told.alerts
    assert (alert.kind, alert.level) == ("provider_refusals", "critical")
    assert (alert.facts["most from"], alert.facts["of which"]) == ("app:bad", "4")
    slow, quiet = monitor(refusals=5)
    for n in range(50):
        at = n * REFUSALS_SECONDS / 3
        slow.called(call(refused_by_provider=True), 0.1, at, left=False)
    assert quiet.alerts == []


def test_a_key_behind_which_all_look_like_one_is_told_once_and_others_are_not() -> None:
    watch, told = monitor()
    for n in range(LEAST_REQUESTS * 3):
        conversation = f"c{n % (LEAST_CONVERSATIONS * 2)}"
        watch.called(call(key="lone", conversation=conversation), 0.1, 1.0, left=False)
        several = call(f"app:{n % 2}", key="many", conversation=conversation)
        watch.called(several, 0.1, 1.0, left=False)
    assert [(a.kind, a.subject) for a in told.alerts] == [("lone_key", "lone")]


def test_chats_that_name_nobody_are_told_apart_by_how_they_begin() -> None:
    watch, told = monitor()
    for n in range(LEAST_REQUESTS * 2):
        for key, text, earlier in (
            ("many", f"Hello {n}", ()), ("one", "Hello", ()), ("goes-on", f"and {n}", ("Hello",)),
        ):  # fmt: skip
            made = call(f"app:key:{key}", key=key, ask=Ask(earlier=earlier))
            made.request = msgspec.structs.replace(made.request, texts=(text,))
            watch.called(made, 0.1, 1.0, left=False)
    assert [(a.kind, a.subject) for a in told.alerts] == [("lone_key", "many")]


def test_only_accounts_that_were_suspended_since_the_start_are_told() -> None:
    watch, told = monitor(began=100.0)
    first = datetime.fromtimestamp(1, UTC)
    rows = [
        (StoredStanding(account="app:old", first=first, state="suspended"), first),
        (StoredStanding(account="app:new", first=first, state="removed"),
         datetime.fromtimestamp(200, UTC)),
        (StoredStanding(account="app:w", first=first, state="watched"),
         datetime.fromtimestamp(200, UTC)),
    ]  # fmt: skip
    watch.stood(rows)
    assert [a.facts["account"] for a in told.alerts] == ["app:new"]


def test_a_check_that_is_missing_is_counted_and_told() -> None:
    watch, told = monitor()
    reasons = (Reason(code="check_unavailable", text="x"),)
    decision = Decision(answer="block", reference="r", reasons=reasons, degraded=("limits",))
    watch.called(call(decision=decision), 0.1, 1.0, left=True)
    watch.failed("u", "upstream_lost")
    text = watch.metrics.text()
    assert 'crossfix_degraded_total{check="limits"} 1' in text
    assert 'crossfix_reasons_total{code="check_unavailable"} 1' in text
    assert "crossfix_clients_left_total 1" in text
    assert 'crossfix_upstream_errors_total{upstream="u",code="upstream_lost"} 1' in text
    assert [(a.kind, a.subject) for a in told.alerts] == [("degraded", "limits")]


def test_what_is_missing_is_in_the_log_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    watch, _ = monitor()
    with caplog.at_level("WARNING", logger="crossfix.gateway"):
        for second in (0.0, 1.0, 59.0, 61.0):
            watch.degraded("classifier", 100.0 + second, "mod: it did not answer")
        watch.degraded("limits", 100.0)
    said = [json.loads(record.getMessage()) for record in caplog.records]
    assert [(line["event"], line["check"]) for line in said] == [
        ("degraded", "classifier"), ("degraded", "classifier"), ("degraded", "limits")
    ]  # fmt: skip
    assert said[0]["why"] == "mod: it did not answer"


def test_a_call_counts_as_the_stronger_of_what_was_decided_about_prompt_and_answer() -> None:
    watch, _ = monitor()
    leak = Reason(code="content_secret", text="x")
    blocked = Decision(answer="block", reference="s", reasons=(leak,))
    watch.called(call(after=blocked), 0.1, 1.0, left=False)
    watch.called(call(decision=blocked, after=Decision(answer="flag", reference="t")), 0.1, 1.0,
                 left=False)  # fmt: skip
    text = watch.metrics.text()
    assert 'crossfix_calls_total{wire="chat",answer="block",model="m"} 2' in text
    assert 'crossfix_reasons_total{code="content_secret"} 2' in text


def test_an_alert_that_nobody_took_is_in_the_journal(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(
        f'data_directory = "{tmp_path}/data"\n[alerts.webhooks.ops]\nurl = "http://127.0.0.1:9/"\n'
    )
    settings = load_settings(tmp_path / "c.toml", environment={})
    desk = build_desk(settings, lambda channel, result: None)
    assert desk is not None
    assert desk._dead is not None
    alert = Alert(kind="policy", subject="p", level="high", title="held", time=1.0)
    desk._dead("ops", alert, "the receiver answered 404")
    with open_journal(f"sqlite:///{tmp_path}/data/journal.sqlite") as journal:
        (entry,) = journal.read()
    assert (entry.what, entry.why) == ("alert undelivered", "the receiver answered 404")
    assert entry.details["alert"]["data"]["subject"] == "p"


def test_counting_a_call_costs_microseconds() -> None:
    watch, _ = monitor()
    each = call(key="k")
    watch.called(each, 0.02, 1.0, left=False)
    watch.called(call("app:b", key="k"), 0.02, 1.0, left=False)
    spent = min(
        timeit.repeat(
            lambda: watch.called(each, 0.02, 1.0, left=False), number=2_000, repeat=20
        )
    )  # fmt: skip
    assert spent / 2_000 < 10e-6
