"""Reposts of one post."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.content import fold_one
from crossfix.traces.columns import acted, choose, folded_texts, named
from crossfix.traces.fingerprint import digest, digests
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys


class Repost(Extractor):
    """The post that was reposted: its id or, where that is unknown, its text.

    Reposts are a kind of their own and no other kind looks at them: what a repost carries is its
    author's, and an audience repeats it without any arrangement.
    """

    kind = "repost"
    family = "repost"
    phrase = "reposted the same post"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the reposted posts."""
        reposts = acted(events, {"repost"})
        known = named(events, "target", reposts)
        rest = reposts.copy()
        rest[known.rows] = False
        rows = np.flatnonzero(rest)
        if not len(rows):
            return known
        texts = choose(Keys(rows, folded_texts(events).take(pa.array(rows))), None)
        marked = pc.binary_join_element_wise("text:", digests(texts.values), "")
        both = np.concatenate([known.rows, texts.rows])
        order = np.argsort(both, kind="stable")
        values = pa.concat_arrays([known.values, marked]).take(pa.array(order))
        return Keys(both[order], values)

    def examples(self) -> list[Example]:
        """Return a repost of a known post and one of which only the text is known."""
        said = "They are hiding the truth from us all"
        return [
            Example(sample(action="repost", target="x:17", text=said), ("x:17",)),
            Example(sample(action="repost", text=said), ("text:" + digest(fold_one(said)),)),
            Example(sample(action="post", text=said), ()),
        ]
