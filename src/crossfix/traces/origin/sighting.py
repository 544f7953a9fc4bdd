"""One place where a model's output was seen again."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from crossfix.traces.origin.output import Output, Post

Kind = Literal["verbatim", "edited", "contained", "meaning", "translated"]
"""``contained``: the segment stands inside a longer post, or the post is a part of the segment."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A post that repeats a segment of a model's response.

    ``score`` (0 to 1) is how surely it does, ``because`` what that rests on, in words;
    ``segment`` the part's number in the response from 1.
    """

    post: Post
    output: Output
    segment: int
    segment_text: str
    kind: Kind
    score: float
    because: tuple[str, ...] = ()

    @property
    def delay(self) -> timedelta | None:
        """How long after the response the post came, where that is known."""
        return None if self.output.time is None else self.post.time - self.output.time
