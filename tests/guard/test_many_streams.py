"""Ten thousand open streams, or as many as this system lets a process have."""

import asyncio
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.guard.gateway_process import Scripted, Serving

WANTED = 10_000


def files() -> int:
    """Allow this process, and those that it starts, as many open files as the system does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


async def one(host: str, port: int, gate: asyncio.Semaphore) -> asyncio.StreamWriter:
    body = json.dumps({
        "model": "stalls", "stream": True, "user": "crowd",
        "messages": [{"role": "user", "content": "x"}],
    }).encode()  # fmt: skip
    async with gate:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert head.startswith(b"HTTP/1.1 200"), head
        assert b"text/event-stream" in head
    return writer


async def crowd(url: str, count: int) -> float:
    """Hold streams open; return how long a stranger's request took meanwhile."""
    host, port = url.removeprefix("http://").split(":")
    gate = asyncio.Semaphore(100)
    writers = await asyncio.gather(*(one(host, int(port), gate) for _ in range(count)))
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=30) as client:
        assert (await client.get(url + "/healthz")).json() == {"ok": True}
    took = time.monotonic() - began
    for writer in writers:
        writer.close()
    return took


@pytest.mark.accept
def test_ten_thousand_streams_are_held_open_at_once(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    count = min(WANTED, (files() - 500) // 2)
    scripted = Scripted(tmp_path / "upstream")
    limits = """
    [guard]
    default_limits = false
    """
    serving = serve("--upstream", scripted.url, settings=limits)
    try:
        before = memory(serving.process.pid)
        assert asyncio.run(crowd(serving.url, count)) < 10
        assert (memory(serving.process.pid) - before) / count < 100_000
        time.sleep(3)
        assert httpx.get(serving.url + "/healthz", timeout=30).status_code == 200
    finally:
        serving.end()
        scripted.end(9)
    assert "Traceback" not in serving.said()


def memory(pid: int) -> int:
    """Return the bytes that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()
