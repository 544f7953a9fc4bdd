"""Names that look like a service's own ids and are the same in every run."""

from __future__ import annotations

import xxhash


def token(prefix: str, *parts: object) -> str:
    """Return ``prefix`` and ten hex digits made from ``parts``."""
    return prefix + xxhash.xxh3_64_hexdigest("\x1f".join(map(str, parts)).encode())[:10]
