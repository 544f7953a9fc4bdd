"""The same set of hashtags."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from crossfix.events import Event
from crossfix.traces.hashtag import own_hashtags
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys

MOST_TAGS = 64


class HashtagSet(Extractor):
    """All hashtags of a post, sorted, if there are two or more: rarer than each of them."""

    kind = "hashtag_set"
    family = "tag"
    phrase = "used the same set of hashtags"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Join the hashtags of each post."""
        tags = own_hashtags(events)
        rows, starts, counts = np.unique(tags.rows, return_index=True, return_counts=True)
        many = counts >= 2
        values = tags.values.to_pylist()
        chosen, joined = [], []
        for row, start, count in zip(rows[many], starts[many], counts[many], strict=True):
            names = sorted(set(values[start : start + min(count, MOST_TAGS)]))
            if len(names) >= 2:
                chosen.append(row)
                joined.append(" ".join(names))
        return Keys(np.array(chosen, dtype=np.int64), pa.array(joined, pa.string()))

    def readable(self, event: Event, value: str) -> str:
        """Show them as people write them."""
        return " ".join(f"#{tag}" for tag in value.split(" "))

    def examples(self) -> list[Example]:
        """Return one set in two orders, and single hashtags."""
        return [
            Example(sample(hashtags=("b", "a", "c")), ("a b c",)),
            Example(sample(hashtags=("C", "a", "b", "a")), ("a b c",)),
            Example(sample(hashtags=("a",)), ()),
            Example(sample(hashtags=("a", "A")), ()),
        ]
