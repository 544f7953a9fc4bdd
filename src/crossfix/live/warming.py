"""Compiled code, loaded before an event waits for it."""

from __future__ import annotations

import msgspec

from crossfix.events import Event, to_batch
from crossfix.live.index import LiveIndex
from crossfix.traces.registry import default_extractors


def warm() -> None:
    """Take in the examples of all kinds once, in an index that is thrown away."""
    events = [example.event for maker in default_extractors() for example in maker.examples()]
    posts = [e for e in events if e.action == "post" and e.text]
    # A completion that says what others post, and its prompt, so that following it is loaded too.
    asked = msgspec.structs.replace(posts[0], action="prompt", surface="ai")
    said = msgspec.structs.replace(
        posts[0], action="completion", surface="ai", parent=f"{0:032x}",
        text="\n\n".join(e.text or "" for e in posts),
    )  # fmt: skip
    index = LiveIndex(most_entries=1 << 12, most_segments=1 << 4)
    index.add(
        to_batch([_numbered(event, number) for number, event in enumerate([asked, said, *events])])
    )


def _numbered(event: Event, number: int) -> Event:
    return msgspec.structs.replace(event, id=f"{number:032x}", account=f"x:{number}")
