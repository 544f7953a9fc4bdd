"""The same hashtag."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events import Event
from crossfix.traces.columns import OWN_WORDS, acted, listed, mapped
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys


def own_hashtags(events: pa.RecordBatch) -> Keys:
    """Return the hashtags of what accounts wrote themselves, lower case, normalised, without #."""
    tags = listed(events, "hashtags", acted(events, OWN_WORDS))
    values = pc.utf8_lower(pc.utf8_normalize(tags.values, form="NFKC"))
    return mapped(tags, pc.utf8_trim(values, "#＃ \t\n"))


class Hashtag(Extractor):
    """Each hashtag of a post."""

    kind = "hashtag"
    family = "tag"
    phrase = "used the same hashtag"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the hashtags."""
        return own_hashtags(events)

    def readable(self, event: Event, value: str) -> str:
        """Show it as people write it."""
        return f"#{value}"

    def examples(self) -> list[Example]:
        """Return a post with two hashtags and a repost."""
        return [
            Example(sample(hashtags=("StopTheVote", "ＮＯＷ")), ("now", "stopthevote")),
            Example(sample(hashtags=("", "#")), ()),
            Example(sample(hashtags=("now",), action="repost"), ()),
        ]
