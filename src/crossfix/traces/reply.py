"""Replies to the same account or post."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.traces.columns import acted, named
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys


class Reply(Extractor):
    """The post that a reply answers or, where that is unknown, the account.

    A post is the rarer key: many people answer one famous account, few the same small post.
    """

    kind = "reply"
    family = "address"
    phrase = "replied to the same post or account"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find what is replied to."""
        replies = acted(events, {"reply"})
        posts = named(events, "parent", replies)
        rest = replies.copy()
        rest[posts.rows] = False
        accounts = named(events, "target", rest)
        rows = np.concatenate([posts.rows, accounts.rows])
        order = np.argsort(rows, kind="stable")
        values = pa.concat_arrays([posts.values, pc.utf8_lower(accounts.values)])
        return Keys(rows[order], values.take(pa.array(order)))

    def examples(self) -> list[Example]:
        """Return a reply to a post, a reply to an account, and a post."""
        return [
            Example(sample(action="reply", parent="77", target="x:bob"), ("77",)),
            Example(sample(action="reply", target="x:Bob"), ("x:bob",)),
            Example(sample(action="post", target="x:bob"), ()),
        ]
