"""Where the requests of one upstream go."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote, urlsplit


class Origin:
    """Scheme, host and port of an upstream, and the path that its own begin with.

    Raises:
        ValueError: the address is none of ``http`` or ``https``.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The address of an upstream begins with http:// or https://.")
        self.tls = parts.scheme == "https"
        name = parts.hostname
        self.host = name if name.isascii() else name.encode("idna").decode()
        self.port = parts.port or (443 if self.tls else 80)
        self.path = parts.path.rstrip("/")
        shown = f"[{self.host}]" if ":" in self.host else self.host
        if parts.port is not None and parts.port != (443 if self.tls else 80):
            shown += f":{self.port}"
        lines = f"host: {shown}\r\n"
        self.named = bool(parts.username)
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            lines += f"authorization: Basic {b64encode(pair.encode()).decode()}\r\n"
        self.lines = lines.encode()
