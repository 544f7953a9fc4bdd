"""Formats on the wire: one file each, found by the path of a request."""

from crossfix.guard.wire.ask import (
    Answered,
    Ask,
    MalformedError,
    Piece,
    Refusal,
    StreamReader,
    Wire,
)
from crossfix.guard.wire.chat import Chat
from crossfix.guard.wire.completions import Completions
from crossfix.guard.wire.messages import Messages
from crossfix.guard.wire.responses import Responses
from crossfix.guard.wire.unstreamed import Embeddings, Moderations

WIRES: dict[str, Wire] = {
    "/v1/chat/completions": Chat(),
    "/v1/responses": Responses(),
    "/v1/completions": Completions(),
    "/v1/embeddings": Embeddings(),
    "/v1/moderations": Moderations(),
    "/v1/messages": Messages(),
}
"""Path -> the format of what is posted to it."""

__all__ = ["WIRES", "Answered", "Ask", "MalformedError", "Piece", "Refusal", "StreamReader", "Wire"]
