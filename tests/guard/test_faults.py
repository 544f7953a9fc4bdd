"""What goes wrong around a gateway, with real processes: nothing is lost, nothing ends silently."""

import http.client
import json
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest
from tests.guard.gateway_process import Scripted, Serving, wait_for

Serve = Callable[..., Serving]
HELLO = [{"role": "user", "content": "hello"}]


def client_of(serving: Serving, **more: object) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=serving.url + "/v1", api_key="sk-test", max_retries=0, **more  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [("dies", 502, "upstream_lost"), ("garbage", 502, "upstream_garbage"),
     ("short", 502, "upstream_cut")],
)  # fmt: skip
def test_a_broken_answer_is_an_error_that_says_so(
    gateway: Serving, model: str, status: int, code: str
) -> None:
    with client_of(gateway) as client, pytest.raises(openai.InternalServerError) as failed:
        client.chat.completions.create(model=model, messages=HELLO)
    assert (failed.value.status_code, failed.value.code) == (status, code)


@pytest.mark.parametrize("model", ["cuts", "ends early", "garbled"])
def test_a_stream_that_breaks_off_ends_with_an_error_after_what_had_come(
    gateway: Serving, model: str
) -> None:
    said: list[str] = []
    with client_of(gateway) as client:
        stream = client.chat.completions.create(model=model, messages=HELLO, stream=True)
        with pytest.raises(openai.APIError):
            said.extend(c.delta.content or "" for chunk in stream for c in chunk.choices)
    assert "".join(said) == "The quick brown"


def test_a_silent_upstream_is_given_up(serve: Serve, upstream: Scripted) -> None:
    serving = serve("--upstream", upstream.url, settings="[gateway]\nsilence_seconds = 0.5\n")
    with client_of(serving) as client:
        with pytest.raises(openai.InternalServerError) as failed:
            client.chat.completions.create(model="slow", messages=HELLO)
        assert failed.value.status_code == 504
        stream = client.chat.completions.create(model="stalls", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError, match="in time"):
            list(stream)


def test_an_upstream_that_is_gone_is_found_again(serve: Serve, tmp_path: Path) -> None:
    first = Scripted(tmp_path / "upstream")
    serving = serve("--upstream", first.url)
    with client_of(serving) as client:
        assert client.chat.completions.create(model="scripted", messages=HELLO)
        first.end(signal.SIGKILL)
        for _ in range(4):
            with pytest.raises(openai.InternalServerError) as failed:
                client.chat.completions.create(model="scripted", messages=HELLO)
            assert failed.value.status_code == 502
        second = Scripted(tmp_path / "upstream", port=first.port)
        try:
            assert client.chat.completions.create(model="scripted", messages=HELLO)
        finally:
            second.end()


def test_calls_go_to_the_upstream_of_their_model_and_past_one_that_is_down(
    serve: Serve, upstream: Scripted, tmp_path: Path
) -> None:
    other = Scripted(tmp_path / "other")
    tables = f"""
    [gateway.upstreams.dead]
    url = "http://127.0.0.1:9/v1"
    models = ["scripted", "echo"]
    [gateway.upstreams.main]
    url = "{upstream.url}"
    models = ["s*", "echo"]
    [gateway.upstreams.other]
    url = "{other.url}"
    models = ["gpt-*"]
    """
    serving = serve(settings=tables)
    try:
        with client_of(serving) as client:
            assert client.chat.completions.create(model="scripted", messages=HELLO)
            assert client.chat.completions.create(model="gpt-9", messages=HELLO)
            with pytest.raises(openai.NotFoundError) as missing:
                client.chat.completions.create(model="claude", messages=HELLO)
        assert missing.value.code == "model_not_found"
        assert [line["body"]["model"] for line in other.seen() if "body" in line] == ["gpt-9"]
    finally:
        other.end()


def test_a_kill_under_load_loses_nothing_that_was_acknowledged(
    serve: Serve, upstream: Scripted, tmp_path: Path
) -> None:
    serving = serve("--upstream", upstream.url)
    acknowledged: list[str] = []

    def load(worker: int) -> None:
        with client_of(serving) as client:
            for n in range(10_000):
                text = f"worker {worker} call {n}"
                try:
                    client.chat.completions.create(
                        model="echo", user=f"u{worker}",
                        messages=[{"role": "user", "content": text}],
                    )  # fmt: skip
                except openai.APIError:
                    return
                acknowledged.append(text)

    threads = [threading.Thread(target=load, args=(w,)) for w in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(acknowledged) > 60)
    serving.process.kill()
    for thread in threads:
        thread.join()
    folder = tmp_path / "again"
    shutil.copytree(serving.folder, folder)
    again = Serving(folder, "--upstream", upstream.url)
    again.end()
    kept = [(e["action"], e["text"]) for e in again.events()]
    for action in ("prompt", "completion"):
        assert set(acknowledged) <= {text for a, text in kept if a == action}
    assert len(kept) == len(set(kept)) + sum(a == "decision" for a, _ in kept) - 1


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
@pytest.mark.parametrize("mode", ["open", "closed"])
def test_a_full_disk_degrades_openly_or_refuses_as_the_setting_says(
    serve: Serve, upstream: Scripted, tmp_path: Path, mode: str
) -> None:
    serving = serve("--upstream", upstream.url)
    serving.end()
    again = Serving(
        serving.folder, "--upstream", upstream.url,
        settings=f'[gateway]\nrecord = "{mode}"\n', prefix=["prlimit", "--fsize=300000"],
    )  # fmt: skip
    long = [{"role": "user", "content": "x" * 190_000}]
    try:
        with client_of(again) as client:
            if mode == "open":
                assert client.chat.completions.create(model="echo", messages=long)
                raw = client.chat.completions.with_raw_response.create(model="echo", messages=HELLO)
                assert raw.headers["x-crossfix-degraded"] == "record"
            else:
                for messages in (long, HELLO):
                    with pytest.raises(openai.InternalServerError) as refused:
                        client.chat.completions.create(model="echo", messages=messages)
                    assert refused.value.status_code == 503
                    assert refused.value.code == "guard_unavailable"
    finally:
        again.end()
    assert "Traceback" not in again.said()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b'{"model": "m"}', b'{"messages": []}',
     b'{"messages": [1]}', b'{"messages": [{"role": "user", "content": 5}]}',
     b'{"model": ["m"], "messages": [{"role": "user", "content": "x"}]}',
     b'{"model": "' + b"m" * 500 + b'", "messages": [{"role": "user", "content": "x"}]}',
     b'{"a": 1e999, "messages": [{"role": "user", "content": "x"}]}',
     b'{"a": "\xff", "messages": [{"role": "user", "content": "x"}]}',
     b'{"a": "\\ud800", "messages": [{"role": "user", "content": "x"}]}',
     b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
     b'{"messages": [{"role": "user", "content": ' + b"[" * 300 + b"]" * 300 + b"}]}",
     b'{"a": NaN, "messages": [{"role": "user", "content": "x"}]}',
     b"\xef\xbb\xbf{}", b"\x00" * 1000],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_what_is_no_request_is_refused_in_one_sentence(
    gateway: Serving, path: str, body: bytes
) -> None:
    answer = httpx.post(gateway.url + path, content=body, headers={"authorization": "Bearer k"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert 5 < len(error["message"]) < 200


def test_a_number_of_a_million_digits_costs_nothing(gateway: Serving) -> None:
    body = b'{"messages": [{"role": "user", "content": "x"}], "a": ' + b"9" * 1_000_000 + b"}"
    began = time.monotonic()
    answer = httpx.post(
        gateway.url + "/v1/chat/completions", content=body, headers={"authorization": "Bearer k"}
    )
    assert answer.status_code == 400
    assert time.monotonic() - began < 5


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(
    serve: Serve, upstream: Scripted
) -> None:
    serving = serve("--upstream", upstream.url, settings="[gateway]\nmost_body_bytes = 2000\n")

    def pieces() -> object:
        for _ in range(100):
            yield b"x" * 1000

    said = httpx.post(serving.url + "/v1/chat/completions", content=b"x" * 3000)
    chunked = httpx.post(serving.url + "/v1/chat/completions", content=pieces())  # type: ignore[arg-type]
    assert (said.status_code, chunked.status_code) == (413, 413)
    assert said.json()["error"]["code"] == "request_too_large"


def test_heads_are_bounded(gateway: Serving) -> None:
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nx-long: " + b"y" * 100_000)
        assert raw.recv(100).startswith(b"HTTP/1.1 431")


def test_nothing_a_client_sends_makes_a_header_or_a_line_of_the_log(
    gateway: Serving, upstream: Scripted
) -> None:
    connection = http.client.HTTPConnection(gateway.url.removeprefix("http://"))
    body = json.dumps({"model": "m\r\nx-injected: 1", "messages": HELLO, "user": "a\r\nb: c"})
    connection.request(
        "POST", "/v1/chat/completions?x=%0d%0ax-injected:1", body,
        {"authorization": "Bearer k", "user-agent": "a\tb", "x-crossfix-account": "admin",
         "x-forwarded-for": "203.0.113.9"},
    )  # fmt: skip
    answer = connection.getresponse()
    assert answer.getheader("x-injected") is None
    answer.read()
    connection.close()
    seen = upstream.last()["headers"]
    assert "x-injected" not in seen
    assert "x-crossfix-account" not in seen
    assert "x-forwarded-for" not in seen
    assert all(line.startswith(("{", "crossfix", "In a", "Its")) for line in
               gateway.said().splitlines())  # fmt: skip
