"""A number with its noun, in the singular or the plural."""

from __future__ import annotations


def counted(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 post", "2,000 posts"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
