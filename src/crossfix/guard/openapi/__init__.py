"""The gateway's own description of its HTTP interface: ``GET /openapi.json``."""

from __future__ import annotations

from functools import cache

from crossfix.guard.asgi import JSON, Receive, Scope, Send, send_body


async def described(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the description, for anybody: it holds nothing of this installation."""
    await send_body(send, 200, [JSON, (b"cache-control", b"public, max-age=300")], _written())


@cache
def _written() -> bytes:
    # Made when somebody asks: a gateway starts without it.
    import msgspec

    from crossfix.guard.openapi.document import document

    return msgspec.json.encode(document())


__all__ = ["described"]
