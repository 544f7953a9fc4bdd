"""What a client sees of a gateway that is stopped, and what is said where it cannot start."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import openai
import pytest
from tests.guard.gateway_process import Scripted, Serving

HELLO = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stream_that_outlasts_the_gateway_ends_in_an_error_that_says_so(
    how: signal.Signals, upstream: Scripted, serve: Callable[..., Serving]
) -> None:
    gateway = serve("--upstream", upstream.url, settings="[gateway]\nstop_seconds = 1\n")
    with openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-x", max_retries=0) as client:
        stream = client.chat.completions.create(
            model="lasts", messages=HELLO, stream=True, user="stops"
        )
        pieces = iter(stream)
        next(pieces)
        gateway.process.send_signal(how)
        with pytest.raises(openai.APIError, match="The gateway is being stopped"):
            for _ in pieces:
                pass
    assert gateway.process.wait(20) == (130 if how == signal.SIGINT else 0)
    assert "Exception" not in gateway.said()
    assert "CancelledError" not in gateway.said()
    (answer,) = [e for e in gateway.events("stops", count=3) if e["action"] == "completion"]
    assert answer["attributes"]["finish"] == "stopped"


def test_a_call_that_outlasts_the_gateway_is_refused(
    upstream: Scripted, serve: Callable[..., Serving]
) -> None:
    import threading

    gateway = serve("--upstream", upstream.url, settings="[gateway]\nstop_seconds = 1\n")
    found: list[BaseException] = []

    def call() -> None:
        with openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-x", max_retries=0) as client:
            try:
                client.chat.completions.create(model="waits", messages=HELLO)
            except openai.APIStatusError as e:
                found.append(e)

    before = len(upstream.calls())
    thread = threading.Thread(target=call)
    thread.start()
    while len(upstream.calls()) == before:
        thread.join(0.05)
    gateway.end()
    thread.join(10)
    assert isinstance(found[0], openai.InternalServerError)
    assert found[0].status_code == 503
    assert found[0].body["code"] == "gateway_stopping"  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--upstream", "api.openai.com/v1"], "must be an address that begins with http://"),
        (["--upstream", "ftp://example.org/v1"], "must be an address that begins with http://"),
        (["--upstream", "http://127.0.0.1:9/v1", "--host", "203.0.113.9"],
         "Nobody can listen at 203.0.113.9"),
    ],
)  # fmt: skip
def test_what_keeps_a_gateway_from_starting_is_said(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError) as failed:
        Serving(tmp_path / "none", *arguments)
    assert said in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_a_port_that_is_taken_is_named(upstream: Scripted, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(AssertionError, match=f"Nobody can listen at 127.0.0.1, port {port}"):
            Serving(tmp_path / "none", "--upstream", upstream.url, "--port", port)
