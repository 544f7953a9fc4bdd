"""The same picture or film."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.traces.columns import acted, choose, listed
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys
from crossfix.traces.url import PUBLISHING


class Media(Extractor):
    """Each media hash of a post; the hashes of blank pictures (all bits alike) are none."""

    kind = "media"
    family = "media"
    phrase = "posted the same picture or film"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the hashes."""
        found = listed(events, "media", acted(events, PUBLISHING))
        values = pc.ascii_lower(pc.utf8_trim_whitespace(found.values))
        blank = pc.match_substring_regex(values, r"^(?:[a-z0-9]+:)?(?:0*|f*)$")
        return choose(Keys(found.rows, values), ~np.asarray(blank, dtype=np.bool_))

    def examples(self) -> list[Example]:
        """Return two hashes, a blank picture, a repost."""
        return [
            Example(sample(media=("FFD8a1", "phash:c3c3")), ("ffd8a1", "phash:c3c3")),
            Example(sample(media=("0000000000000000", "ffffffffffffffff", " ")), ()),
            Example(sample(media=("FFD8a1",), action="repost"), ()),
        ]
