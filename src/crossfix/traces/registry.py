"""The kinds of trace that crossfix knows."""

from __future__ import annotations

from crossfix.traces.domain import Domain
from crossfix.traces.hashtag import Hashtag
from crossfix.traces.hashtag_set import HashtagSet
from crossfix.traces.mention import Mention
from crossfix.traces.reply import Reply
from crossfix.traces.repost import Repost
from crossfix.traces.text import Text
from crossfix.traces.trace import Clusterer, Extractor
from crossfix.traces.url import Url

EXTRACTORS: dict[str, type[Extractor]] = {
    e.kind: e for e in (Repost, Text, Url, Domain, Hashtag, HashtagSet, Mention, Reply)
}
"""Kind -> its extractor."""

CLUSTERERS: dict[str, type[Clusterer]] = {}
"""Kind -> its clusterer."""


def default_extractors() -> list[Extractor]:
    """Return one extractor of each kind."""
    return [extractor() for extractor in EXTRACTORS.values()]


def default_clusterers() -> list[Clusterer]:
    """Return one fresh clusterer of each kind."""
    return [clusterer() for clusterer in CLUSTERERS.values()]
