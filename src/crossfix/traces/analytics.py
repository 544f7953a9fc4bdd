"""The same analytics, advertising or verification account behind several web pages."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from crossfix.traces.columns import attribute
from crossfix.traces.infrastructure import opaque
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys

MOST_IDS = 32
LONGEST = 80


class Analytics(Extractor):
    """Each id in the attribute ``analytics`` (separated by spaces): who owns it owns the pages."""

    kind = "analytics"
    attribute = "analytics"
    family = "infrastructure"
    phrase = "used the same analytics or advertising account"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the ids."""
        found = attribute(events, "analytics")
        rows, values = [], []
        for row, text in zip(found.rows.tolist(), found.values.to_pylist(), strict=True):
            ids = text[: MOST_IDS * LONGEST].split()[:MOST_IDS]
            for value in sorted({opaque(i) or "" for i in ids if 4 <= len(i) <= LONGEST} - {""}):
                rows.append(row)
                values.append(value)
        return Keys(np.array(rows, dtype=np.int64), pa.array(values, pa.string()))

    def examples(self) -> list[Example]:
        """Return a page with two ids and one with none."""
        return [
            Example(
                sample(attributes={"analytics": "UA-1234567-1 pub-99887766 UA-1234567-1"}),
                ("pub-99887766", "ua-1234567-1"),
            ),
            Example(sample(attributes={"analytics": " x "}), ()),
        ]
