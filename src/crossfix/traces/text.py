"""The same text, word for word after folding."""

from __future__ import annotations

import pyarrow as pa

from crossfix.content import fold_one
from crossfix.events import Event
from crossfix.traces.columns import own_texts
from crossfix.traces.fingerprint import digest, digests
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys


class Text(Extractor):
    """The digest of the folded text of what an account wrote itself, if it says enough."""

    kind = "text"
    family = "text"
    phrase = "posted the same text"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Digest the texts."""
        texts = own_texts(events)
        return Keys(texts.rows, digests(texts.values))

    def readable(self, event: Event, value: str) -> str:
        """Show the text itself."""
        return event.text or value

    def examples(self) -> list[Example]:
        """Return two disguises of one text, a text that is too short, and a repost."""
        said = "Only one party keeps its word"
        key = (digest(fold_one(said)),)
        return [
            Example(sample(text=said), key),
            Example(
                sample(text=f"@bob ONLY one  pаrty keeps its word https://t.co/{'a' * 8}"), key
            ),
            Example(sample(text="Good morning"), ()),
            Example(sample(text=said, action="repost"), ()),
        ]
