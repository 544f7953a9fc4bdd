"""What a model said: one completion, whose text may turn up elsewhere."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One completion of a model.

    ``response`` is the service's own id of it, as it was given. ``time`` (UTC) is when it was
    made: nothing posted earlier comes from it. Where it is not known, every post may.
    """

    response: str
    text: str
    service: str = "unknown"
    account: str | None = None
    time: datetime | None = None
    prompt: str | None = None


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One text that an account put somewhere: a post, a mail, a page, a profile.

    ``post`` is the service's own id of it, as it was given.
    """

    post: str
    text: str
    service: str
    account: str
    time: datetime
    actor: str | None = None
    url: str | None = None
