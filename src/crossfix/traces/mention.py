"""Mentions of the same account."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.traces.columns import OWN_WORDS, acted, choose, listed
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys


class Mention(Extractor):
    """Each account that a post mentions, other than its own."""

    kind = "mention"
    family = "address"
    phrase = "mentioned the same account"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the mentioned accounts."""
        keys = listed(events, "mentions", acted(events, OWN_WORDS))
        keys = Keys(keys.rows, pc.utf8_lower(keys.values))
        own = pc.utf8_lower(events.column("account").take(pa.array(keys.rows)))
        other = pc.not_equal(keys.values, own).to_numpy(zero_copy_only=False)
        return choose(keys, other)

    def examples(self) -> list[Example]:
        """Return a post that mentions two accounts and one that mentions only itself."""
        return [
            Example(sample(mentions=("x:Bob", "x:cy")), ("x:bob", "x:cy")),
            Example(sample(mentions=("x:Ada",)), ()),
        ]
