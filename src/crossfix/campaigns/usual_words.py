"""How usual words are among posts that repeat no output, to tell a subject from everyday words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from crossfix.campaigns.honest import subject_words
from crossfix.traces.origin import Post, Sighting

WORDS_OF = 20_000
"""Posts from which it is learned how usual words are."""


class UsualWords:
    """Remembers the words of the first posts that it is given."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], set[str]] = {}

    def add(self, posts: Sequence[Post]) -> None:
        """Take in posts, in the order in which they are read."""
        for post in posts[: max(0, WORDS_OF - len(self._said))]:
            self._said[post.service, post.post] = subject_words(post.text)

    def shares(self, sightings: Iterable[Sighting]) -> dict[str, float]:
        """Return the share of other posts in which each word of the sightings' segments stands."""
        held = list(sightings)
        words = set[str]().union(*(subject_words(s.segment_text) for s in held))
        sighted = {(s.post.service, s.post.post) for s in held}
        others = [said for key, said in self._said.items() if key not in sighted]
        counts = Counter(word for said in others for word in said & words)
        return {word: counts[word] / max(len(others), 1) for word in sorted(words)}
