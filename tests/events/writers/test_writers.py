"""Events in other tools' forms: what was written is read back, and fits the others' schemas."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from crossfix.cli import cli
from crossfix.events import ACTIONS, Event
from crossfix.events.event import event_id
from crossfix.events.readers.event_json import event_of
from crossfix.events.readers.otel import spans_of
from crossfix.events.readers.otel_span import of_span
from crossfix.events.writers import Calls, json_of, ocsf_of, request_of
from crossfix.events.writers.ocsf import VERSION
from crossfix.store.log import open_log

START = datetime(2026, 1, 1, tzinfo=UTC)


def event(n: int, action: Any, **more: Any) -> Event:
    time = START + timedelta(seconds=n)
    given = {"service": "app", "surface": "ai", "account": "app:anna"} | more
    return Event(id=event_id("app", str(n)), time=time, received=time, action=action, **given)


PROMPT = event(0, "prompt", text="seven drafts", conversation="c-1",
               attributes={"model": "gpt-4o", "tokens_in": "7", "ip": "203.0.113.7"})  # fmt: skip
DECISION = event(1, "decision", parent=PROMPT.id, attributes={
    "answer": "flag", "reference": "AA-BB", "reasons": "policy", "policies": "p@1"})  # fmt: skip
ANSWER = event(2, "completion", text="1. Late", parent=PROMPT.id, conversation="c-1",
               attributes={"model": "gpt-4o", "tokens_out": "5", "finish": "stop"})  # fmt: skip
BLOCKED = event(3, "prompt", text="no", attributes={"model": "gpt-4o"})
BLOCK = event(4, "decision", parent=BLOCKED.id, attributes={"answer": "block", "reasons": "policy"})
REFUSED = event(5, "prompt", text="forge", attributes={"model": "gpt-4o"})
REFUSAL = event(6, "refusal", parent=REFUSED.id, attributes={"finish": "content_filter"})
LOGIN = event(7, "login", attributes={"ip": "203.0.113.7"}, surface="web")
SIGNUP = event(8, "signup", attributes={"ip": "not an address"}, surface="web")
ALL = [PROMPT, DECISION, ANSWER, BLOCKED, BLOCK, REFUSED, REFUSAL, LOGIN, SIGNUP]


@functools.cache
def schema_of(uid: int, profiles: tuple[str, ...]) -> jsonschema.Draft202012Validator:
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(VERSION))
    name = schemas.lookup_class_name_from_uid(uid)
    return jsonschema.Draft202012Validator(schemas.get_class_schema(name, list(profiles)))


def fits(row: dict[str, Any]) -> None:
    profiles = tuple(row["metadata"].get("profiles", ()))
    errors = list(schema_of(row["class_uid"], profiles).iter_errors(row))
    assert not errors, [f"{list(e.absolute_path)}: {e.message}" for e in errors][:5]
    assert row["type_uid"] == row["class_uid"] * 100 + row["activity_id"]


@pytest.mark.parametrize("given", ALL, ids=lambda e: e.action)
def test_an_event_fits_the_schema_of_ocsf(given: Event) -> None:
    fits(ocsf_of(given, content=True, version="1.0"))


@settings(deadline=None, max_examples=80)
@given(
    action=st.sampled_from(ACTIONS), text=st.none() | st.text(),
    attributes=st.dictionaries(
        st.sampled_from(["ip", "model", "answer", "finish", "tokens_in", "policies", "reasons",
                         "display_name", "reference", "tool"]), st.text(min_size=1)),
)  # fmt: skip
def test_whatever_an_event_holds_it_fits_the_schema(
    action: Any, text: str | None, attributes: dict[str, str]
) -> None:
    row = ocsf_of(event(0, action, text=text, attributes=attributes), content=True)
    fits(json.loads(json.dumps(row)))


def test_the_schema_would_refuse_what_is_wrong() -> None:
    row = ocsf_of(PROMPT)
    with pytest.raises(AssertionError):
        fits(row | {"severity_id": "high"})
    with pytest.raises(AssertionError):
        fits({k: v for k, v in row.items() if k != "actor"})


def test_a_decision_that_acts_is_a_finding_and_an_allow_is_not() -> None:
    assert [ocsf_of(e)["class_uid"] for e in (DECISION, BLOCK)] == [2004, 2004]
    assert ocsf_of(BLOCK)["disposition_id"] == 2
    allowed = event(9, "decision", attributes={"answer": "allow"})
    assert ocsf_of(allowed)["class_uid"] == 6003


def test_no_text_leaves_unless_it_is_asked_for() -> None:
    calls = Calls()
    for each in ALL:
        calls.take(each)
    told = json.dumps([*map(ocsf_of, ALL), request_of(list(calls.ready()))])
    told += json.dumps([json_of(e, content=False) for e in ALL])
    assert "seven drafts" not in told
    assert "1. Late" not in told


@settings(deadline=None, max_examples=40)
@given(st.permutations(ALL))
def test_calls_are_put_together_in_whatever_order_their_events_come(order: list[Event]) -> None:
    calls = Calls()
    for each in order:
        calls.take(each)
    found = {call.first.id: call for call in calls.ready()}
    assert found.keys() == {PROMPT.id, BLOCKED.id, REFUSED.id}
    assert found[PROMPT.id].decision == DECISION
    assert found[PROMPT.id].answers == [ANSWER]
    assert found[BLOCKED.id].decision == BLOCK
    assert all(call.ended for call in found.values())


def test_calls_become_spans_that_the_reader_makes_the_same_calls_of() -> None:
    calls = Calls()
    for each in ALL:
        calls.take(each)
    request = json.loads(json.dumps(request_of(list(calls.ready()), content=True)))
    spans = list(spans_of(request))
    assert len(spans) == 3
    assert len({span.id for span in spans}) == 3
    read = [e for span in spans for e in of_span(span, "app")]
    told = sorted((e.action, e.account, e.text, e.time) for e in read if e.action != "decision")
    wanted = [PROMPT, ANSWER, BLOCKED, REFUSED, REFUSAL]
    assert told == sorted((e.action, e.account, e.text, e.time) for e in wanted)
    statuses = {
        s["attributes"][1]["value"]["stringValue"]: s["status"]
        for s in request["resourceSpans"][0]["scopeSpans"][0]["spans"]
    }
    assert statuses
    blocked = next(s for s in spans if s.attributes.get("error.type") == "block")
    assert blocked.attributes["crossfix.answer"] == "block"


def test_json_is_read_back_as_the_same_event() -> None:
    rich = event(
        3, "post", service="x", surface="social", account="x:á", text="a", urls=("https://e.org/",),
        hashtags=("один",), mentions=("x:b",), media=("00ff",), target="x:t", parent="0" * 32,
        attributes={"ip": "192.0.2.1", "url": "https://x.com/1"}, language="fr", conversation="c",
    )  # fmt: skip
    assert event_of(json.loads(json.dumps(json_of(rich)))) == rich


def test_the_log_is_exported_and_what_is_exported_is_ingested(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_log(f"sqlite:///{data}/events.sqlite") as log:
        log.append_events(ALL)
    run = CliRunner()
    for form, lines in (("jsonl", len(ALL)), ("ocsf", len(ALL)), ("otlp", 1)):
        out = tmp_path / f"out.{form}.jsonl"
        result = run.invoke(
            cli, ["export", "--format", form, "--data", str(data), "--out", str(out), "--content"]
        )
        assert result.exit_code == 0, result.output
        assert len(out.read_bytes().splitlines()) == lines
    again = tmp_path / "again"
    for _ in range(2):
        result = run.invoke(
            cli, ["ingest", str(tmp_path / "out.jsonl.jsonl"), "--data", str(again)]
        )
        assert result.exit_code == 0, result.output
    with open_log(f"sqlite:///{again}/events.sqlite") as log:
        assert log.known([e.id for e in ALL]) == {e.id for e in ALL}
        assert log.count() == len(ALL)
    some = run.invoke(
        cli, ["export", "--data", str(data), "--since", START.isoformat(), "--until",
              (START + timedelta(seconds=2)).isoformat(), "--no-content"],
    )  # fmt: skip
    assert [json.loads(x)["action"] for x in some.stdout.splitlines()] == ["prompt", "decision"]
    assert "seven drafts" not in some.stdout
