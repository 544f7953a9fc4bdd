"""A model API that answers at once: 0.7 kB, or 66 chunks where a stream is asked for.

``python model_api.py PORT``. A bare protocol, so that what stands before it is what costs.
"""

import asyncio
import json
import sys
from typing import Any

WORDS = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 8
BODY = json.dumps({
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": WORDS},
                 "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 300},
}).encode()  # fmt: skip


def chunk(delta: dict[str, Any], finish: str | None) -> bytes:
    """Return a chunk of a stream, in HTTP's own chunked form."""
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}  # fmt: skip
    return framed(b"data: " + json.dumps(data).encode() + b"\n\n")


def framed(data: bytes) -> bytes:
    """Return data as one HTTP chunk."""
    return b"%x\r\n%s\r\n" % (len(data), data)


WHOLE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)
) + BODY
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
CHUNKS = [
    *(chunk({"content": f" word{n}"}, None) for n in range(64)),
    chunk({}, "stop"),
    framed(b"data: [DONE]\n\n") + b"0\r\n\r\n",
]


class Model(asyncio.Protocol):
    """Reads requests whole and answers each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: Any = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is here whole."""
        self.waiting += data
        while True:
            head, end, rest = self.waiting.partition(b"\r\n\r\n")
            if not end:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if len(rest) < length:
                return
            body, self.waiting = rest[:length], rest[length:]
            if b'"stream":true' in body.replace(b" ", b""):
                self.transport.write(STREAM_HEAD)
                for part in CHUNKS:  # a write each: they come as chunks of a model do
                    self.transport.write(part)
            else:
                self.transport.write(WHOLE)


async def main() -> None:
    """Serve for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Model, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


if sys.argv[0] == __file__:  # a part of the benchmark, not one itself
    import uvloop

    uvloop.run(main())
