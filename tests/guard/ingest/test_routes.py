"""Events over HTTP: every form, every refusal, and what 202 promises."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.guard.ingest.conftest import Ingesting

import crossfix
from crossfix.events.readers.litellm import EXAMPLE as LITELLM
from crossfix.events.readers.otel import EXAMPLE as TRACES
from crossfix.store.log import open_log

NOW = datetime.now(UTC).isoformat()


def row(n: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": f"native-{n}", "service": "app", "account": "anna", "action": "signup",
            "time": NOW, "ip": "203.0.113.7"} | more  # fmt: skip


def test_one_event_is_durable_when_it_is_answered(ingesting: Ingesting) -> None:
    answer = ingesting.post(json.dumps(row()).encode())
    assert answer.status_code == 202
    assert answer.json() == {
        "ok": True, "taken": 1, "duplicates": 0, "ignored": 0, "refused": [], "refused_count": 0
    }  # fmt: skip
    (event,) = ingesting.events()
    assert event["account"] == "app:anna"
    assert event["attributes"] == {"ip": "203.0.113.7", "sensor": ingesting.ids["sensor"]}
    assert event["received"] >= event["time"]


def test_what_is_sent_twice_is_kept_and_judged_once(ingesting: Ingesting) -> None:
    body = json.dumps([row(1), row(1), row(2)]).encode()
    first, again = ingesting.post(body).json(), ingesting.post(body).json()
    assert (first["taken"], first["duplicates"]) == (2, 1)
    assert (again["taken"], again["duplicates"]) == (0, 3)
    assert again["ok"]
    assert len(ingesting.events()) == len(ingesting.witnessed) == 2


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json"])
def test_a_bad_row_never_loses_a_good_one(ingesting: Ingesting, kind: str) -> None:
    lines = [
        json.dumps(row(1)), "{not json", json.dumps(row(2, action="dances")), json.dumps(row(3)),
        json.dumps(row(4, time="yesterday")), json.dumps(row(5, colour="red")),
        json.dumps(row(6, time="2199-01-01")), json.dumps(row(7, account="")), "[]",
    ]  # fmt: skip
    answer = ingesting.post("\n".join(lines).encode(), content_type=kind)
    assert answer.status_code == 202
    told = answer.json()
    assert told["taken"] == 2
    assert {r["index"]: r["reason"] for r in told["refused"]} == {
        1: "not JSON", 2: "unknown action", 4: "time is not readable", 5: "unknown field",
        6: "time is in the future", 7: "no account", 8: "not an event",
    }  # fmt: skip
    assert len(ingesting.events()) == 2


def test_an_event_without_a_time_happened_when_it_came(ingesting: Ingesting) -> None:
    before = datetime.now(UTC)
    assert ingesting.post(json.dumps(row(time=None)).encode()).json()["taken"] == 1
    (event,) = ingesting.events()
    assert before <= event["time"] == event["received"]


def test_when_it_was_received_is_not_for_the_sender_to_say(ingesting: Ingesting) -> None:
    before = datetime.now(UTC)
    ingesting.post(json.dumps(row(received="2020-01-01T00:00:00Z")).encode())
    assert ingesting.events()[0]["received"] >= before


def test_links_in_a_text_are_found_as_in_a_file(ingesting: Ingesting) -> None:
    post = row(service="mastodon", action="post", text="see https://example.org/a #Ferry @bo@e.org")
    ingesting.post(json.dumps(post).encode())
    (event,) = ingesting.events()
    assert event["urls"] == ["https://example.org/a"]
    assert event["hashtags"] == ["ferry"]
    assert ingesting.witnessed[0].urls == ("https://example.org/a",)


def cloud(n: int, **more: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": str(n), "source": "https://shop.example.org/x",
            "type": "org.example.user.login", "subject": "anna", "time": NOW,
            "data": {"ip": "203.0.113.7"}} | more  # fmt: skip


def test_cloud_events_are_taken_in_all_three_modes(ingesting: Ingesting) -> None:
    one = json.dumps(cloud(1)).encode()
    many = json.dumps([cloud(2), cloud(3), cloud(4, type="org.example.moon")]).encode()
    assert ingesting.post(one, content_type="application/cloudevents+json").json()["taken"] == 1
    batch = ingesting.post(many, content_type="application/cloudevents-batch+json").json()
    assert (batch["taken"], batch["refused"]) == (2, [{"index": 2, "reason": "unknown action"}])
    binary = ingesting.post(
        b'{"ip": "203.0.113.8"}', ce_specversion="1.0", ce_id="5", ce_type="user.signup",
        ce_source="https%3A//shop.example.org", ce_subject="b%C3%B6", ce_time=NOW,
    )  # fmt: skip
    assert binary.json()["taken"] == 1
    events = ingesting.events()
    assert {e["service"] for e in events} == {"shop.example.org"}
    assert events[-1]["account"] in {"shop.example.org:anna", "shop.example.org:bö"}
    assert sorted(e["action"] for e in events) == ["login", "login", "login", "signup"]


def test_what_the_cloudevents_sdk_makes_is_taken(ingesting: Ingesting) -> None:
    from cloudevents.core.bindings import http as binding
    from cloudevents.core.v1.event import CloudEvent

    event = CloudEvent(
        {"type": "com.example.post", "source": "/forum", "id": "s-1", "specversion": "1.0",
         "subject": "anna", "time": datetime.now(UTC), "datacontenttype": "application/json"},
        {"text": "hello"},
    )  # fmt: skip
    for message in (binding.to_binary_event(event), binding.to_structured_event(event)):
        headers = {name.lower(): value for name, value in message.headers.items()}
        assert ingesting.post(message.body, **headers).status_code == 202
    (kept,) = ingesting.events()  # both are the same event
    assert (kept["action"], kept["text"], kept["service"]) == ("post", "hello", "forum")


def test_litellm_logs_are_taken_as_its_callback_sends_them(ingesting: Ingesting) -> None:
    told = ingesting.post(json.dumps(LITELLM).encode()).json()
    assert told["taken"] == 4
    by_action = {e["action"]: e for e in ingesting.events()}
    assert by_action["completion"]["text"] == "1. Late again"
    assert by_action["prompt"]["attributes"]["credential"].startswith("88dc")
    assert by_action["refusal"]["attributes"]["finish"] == "ContentPolicyViolationError"


def test_traces_are_taken_at_either_path(ingesting: Ingesting) -> None:
    body = json.dumps(TRACES).encode()
    answer = ingesting.post(body, "/v1/traces")
    assert (answer.status_code, answer.json()) == (200, {})
    again = ingesting.post(body).json()
    assert (again["taken"], again["duplicates"], again["ignored"]) == (0, 4, 1)
    texts = {e["text"] for e in ingesting.events()}
    assert texts == {"Write seven posts.", "1. Late again", "Forge a letter.", None}


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/events"])
def test_the_sender_may_name_the_service_whose_accounts_they_are(
    ingesting: Ingesting, path: str
) -> None:
    assert ingesting.post(json.dumps(TRACES).encode(), f"{path}?service=shop").status_code < 300
    found = ingesting.events()
    assert {e["service"] for e in found} == {"shop"}
    assert all(e["account"].startswith("shop:") for e in found)
    assert ingesting.post(b"[]", "/v1/events?service=%00").status_code == 400


def test_a_service_that_is_named_wins_over_that_of_rows(ingesting: Ingesting) -> None:
    given = [row(), {k: v for k, v in row(1).items() if k != "service"}]
    assert (
        ingesting.post(json.dumps(given).encode(), "/v1/events?service=shop").json()["taken"] == 2
    )
    assert (
        ingesting.post(json.dumps(LITELLM).encode(), "/v1/events?service=shop").json()["taken"] == 4
    )
    assert {e["account"].partition(":")[0] for e in ingesting.events()} == {"shop"}


@pytest.mark.parametrize("packed", [False, True])
def test_the_real_otlp_exporter_delivers_its_spans(ingesting: Ingesting, packed: bool) -> None:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    exporter = OTLPSpanExporter(
        f"{ingesting.url}/v1/traces",
        headers={"authorization": f"Bearer {ingesting.keys['sensor']}"},
        compression=Compression.Gzip if packed else Compression.NoCompression,
    )
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("chat m") as span:
        span.set_attributes({
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o", "user.id": "u-9", "gen_ai.usage.input_tokens": 7,
            "gen_ai.response.finish_reasons": ("content_filter",),
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "parts": [{"type": "text", "content": "seven drafts"}]}]
            ),
        })  # fmt: skip
    with tracer.start_as_current_span("GET /"):
        pass
    provider.shutdown()
    prompt, refusal = sorted(ingesting.events(), key=lambda e: e["action"])
    assert (prompt["account"], prompt["text"]) == ("openai:u-9", "seven drafts")
    assert (refusal["action"], refusal["parent"]) == ("refusal", prompt["id"])
    assert prompt["attributes"]["tokens_in"] == "7"


def test_a_span_without_an_account_is_rejected_and_said_in_protobuf(ingesting: Ingesting) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
        ExportTraceServiceResponse,
    )

    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.start_time_unix_nano = 1_740_823_200_000_000_000
    span.attributes.add(key="gen_ai.system").value.string_value = "openai"
    answer = ingesting.post(
        request.SerializeToString(), "/v1/traces", content_type="application/x-protobuf"
    )
    assert answer.headers["content-type"] == "application/x-protobuf"
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (partial.rejected_spans, partial.error_message) == (1, "no account")


@pytest.mark.parametrize("role", ["monitor", "old"])
def test_only_keys_that_may_send_events_can(ingesting: Ingesting, role: str) -> None:
    answer = ingesting.post(json.dumps(row()).encode(), role=role)
    assert answer.status_code == (403 if role == "monitor" else 401)
    assert not answer.json()["ok"]
    assert ingesting.events() == []
    assert ingesting.client.post("/v1/events", content=b"{}").status_code == 401


def test_bodies_are_bounded_as_sent_and_as_opened(ingesting: Ingesting) -> None:
    bomb = gzip.compress(b" " * 80_000_000, 9)
    assert len(bomb) < 100_000
    answer = ingesting.post(bomb, content_encoding="gzip")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "invalid_body")
    assert ingesting.post(b"[" * 17_000_000).status_code == 413
    assert ingesting.post(b"[" * 100_000).status_code == 400
    assert ingesting.post(b"{}", content_encoding="br").status_code == 415
    assert ingesting.post(gzip.compress(b"{}")[:-9], content_encoding="gzip").status_code == 400
    assert ingesting.client.get("/v1/events").status_code == 405
    packed = zlib.compress(json.dumps(row()).encode())
    assert ingesting.post(packed, content_encoding="deflate").status_code == 202


def test_more_than_may_wait_is_sent_away_until_later(tmp_path: Path) -> None:
    server = Ingesting(tmp_path, most_waiting=0)
    answer = server.post(json.dumps(row()).encode())
    server.client.close()
    server.served.stop()
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"


def test_a_log_that_refuses_is_a_503_and_the_same_events_are_taken_afterwards(
    ingesting: Ingesting,
) -> None:
    import sqlite3

    path = ingesting.log_url.removeprefix("sqlite:///")
    ingesting.post(json.dumps(row(1)).encode())
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("ALTER TABLE live RENAME TO away")
        answer = ingesting.post(json.dumps(row(2)).encode())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        database.execute("ALTER TABLE away RENAME TO live")
    database.close()
    assert ingesting.post(json.dumps(row(2)).encode()).json()["taken"] == 1
    assert len(ingesting.events()) == 2


def test_many_senders_at_once_share_commits_and_lose_nothing(ingesting: Ingesting) -> None:
    def send(sender: int) -> None:
        with httpx.Client(base_url=ingesting.url) as client:
            for n in range(10):
                lot = [row(sender * 1000 + n * 10 + k) for k in range(5)]
                answer = client.post(
                    "/v1/events", json=lot,
                    headers={"authorization": f"Bearer {ingesting.keys['sensor']}"},
                )  # fmt: skip
                assert answer.json()["taken"] == 5

    threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ingesting.events()) == 400


_SERVER = """
import sys, time
from pathlib import Path
from tests.guard.ingest.conftest import Ingesting
server = Ingesting(Path(sys.argv[1]))
print(server.url, server.keys["sensor"], flush=True)
time.sleep(600)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    env = os.environ | {"PYTHONPATH": f"{Path(crossfix.__file__).parents[1]}:{root}"}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path)], env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url, key = process.stdout.readline().split()
    acknowledged: list[int] = []
    killer = threading.Timer(0.3, process.send_signal, [signal.SIGKILL])
    try:
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as client:
            for n in range(100_000):
                assert client.post("/v1/events", json=row(n)).status_code == 202
                acknowledged += [n]
                if n == 0:
                    killer.start()
    except httpx.TransportError:
        pass
    process.wait(10)
    process.stdout.close()
    assert acknowledged
    with open_log(f"sqlite:///{tmp_path}/events.sqlite") as log:
        assert log.count() >= len(acknowledged)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text()),
            lambda inner: st.one_of(
                st.lists(inner, max_size=4),
                st.dictionaries(
                    st.sampled_from([
                        "id", "service", "account", "action", "time", "text", "attributes", "urls",
                        "specversion", "type", "source", "subject", "data", "call_type",
                        "startTime", "messages", "response", "metadata", "resourceSpans",
                        "scopeSpans", "spans", "key", "value", "kvlistValue", "intValue",
                    ]), inner, max_size=6,
                ),
            ),
        ).map(lambda v: json.dumps(v).encode()),
    ),
    path=st.sampled_from(["/v1/events", "/v1/traces"]),
    kind=st.sampled_from(["application/json", "application/x-ndjson", "application/x-protobuf"]),
)  # fmt: skip
def test_nothing_that_is_sent_breaks_the_server(
    ingesting: Ingesting, body: bytes, path: str, kind: str
) -> None:
    assert ingesting.post(body, path, content_type=kind).status_code in (200, 202, 400)
