"""The processes of the demo: a model that plays a script, and the real gateway before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from crossfix.errors import OutsideError

START_SECONDS = 30.0
_SAYS_WHERE = "crossfix is at "


class Answer(NamedTuple):
    """What the gateway answered: the HTTP status, what the guard decided, the body."""

    status: int
    decision: str
    body: dict[str, Any]


@contextmanager
def scripted_model(answers: Mapping[str, str]) -> Iterator[str]:
    """Serve an OpenAI-compatible API that answers known prompts as told; give its address."""

    class Script(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            prompt = asked["messages"][-1]["content"]
            said = answers.get(prompt, "I have nothing to say about that.")
            body = json.dumps({
                "id": f"chatcmpl-{time.monotonic_ns()}", "object": "chat.completion",
                "created": int(time.time()), "model": asked["model"],
                "choices": [{"index": 0, "finish_reason": "stop",
                             "message": {"role": "assistant", "content": said}}],
                "usage": {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(said) // 4,
                          "total_tokens": (len(prompt) + len(said)) // 4},
            }).encode()  # fmt: skip
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing: the demo tells what happens."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Script)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Gateway:
    """A gateway that serves at an address, and the key of the application that asks it."""

    where: str
    key: str

    def ask(self, user: str, prompt: str, ip: str = "") -> Answer:
        """Ask the model through the gateway as an application does for one of its users.

        Raises:
            OutsideError: the gateway does not answer.
        """
        connection = HTTPConnection(urlsplit(self.where).netloc, timeout=30)
        headers = {"content-type": "application/json", "x-crossfix-key": self.key}
        if ip:
            headers["x-crossfix-client-ip"] = ip
        body = {"model": "atlas-chat-2", "user": user,
                "messages": [{"role": "user", "content": prompt}]}  # fmt: skip
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
            response = connection.getresponse()
            said = json.loads(response.read())
            return Answer(response.status, response.getheader("x-crossfix-decision", ""), said)
        except OSError as e:
            raise OutsideError(f"the gateway does not answer: {e.strerror or e}") from e
        finally:
            connection.close()


@contextmanager
def gateway(upstream: str, service: str, key: str, data: Path, said: Path) -> Iterator[Gateway]:
    """Run ``crossfix serve`` in a process of its own; give it once it serves.

    Raises:
        OutsideError: it does not start.
    """
    command = [sys.executable, "-m", "crossfix", "serve", "--upstream", upstream,
               "--port", "0", "--data", str(data)]  # fmt: skip
    own = {"CROSSFIX_GATEWAY_SERVICE": service, "CROSSFIX_LIVE_ENABLED": "false"}
    with said.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=log, stderr=log, env=os.environ | own
        )
    try:
        where = wait_for(lambda: _address(said) or process.poll() is not None, START_SECONDS)
        if not isinstance(where, str):
            raise OutsideError("the gateway does not start", path=str(said))
        yield Gateway(where, key)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(said: Path) -> str | None:
    for line in said.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(_SAYS_WHERE):
            return line.removeprefix(_SAYS_WHERE).strip()
    return None


def wait_for(look: Callable[[], Any], seconds: float) -> Any:
    """Return what a look finds as soon as it finds something; the last nothing after so long."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
