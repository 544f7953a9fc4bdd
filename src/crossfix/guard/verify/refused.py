"""Why a step of a verification is refused."""

from __future__ import annotations

STATUS: dict[str, int] = {
    "ticket_invalid": 404,
    "ticket_spent": 410,
    "unavailable": 404,
    "malformed": 400,
    "wrong": 400,
    "address_unusable": 400,
    "tier_first": 403,
    "too_many": 429,
    "signature": 401,
}
"""Code of a refusal -> the HTTP status that goes with it."""


class RefusedError(Exception):
    """A step is refused; ``wait_seconds`` says when it may be tried again, if that helps."""

    def __init__(self, code: str, *, wait_seconds: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self.wait_seconds = wait_seconds
