import numpy as np
import pytest

from crossfix.campaigns.readable import LONGEST, readable_keys
from crossfix.campaigns.tags import implied
from crossfix.events import to_batch
from crossfix.traces import CLUSTERERS, EXTRACTORS, LATER, key_hash


@pytest.mark.parametrize("kind", sorted(EXTRACTORS))
def test_every_kind_of_key_is_found_again_in_the_event_that_left_it(kind):
    extractor = EXTRACTORS[kind]()
    pairs = [(e.event, key) for e in extractor.examples() for key in e.keys]
    assert pairs
    batch = to_batch([event for event, _ in pairs])
    hashes = np.array([key_hash(kind, key) for _, key in pairs], np.uint64)
    said = readable_keys(kind, hashes, batch)
    for (event, key), words in zip(pairs, said, strict=True):
        assert words
        assert len(words) <= LONGEST
        assert words in (extractor.readable(event, key), event.text)


@pytest.mark.parametrize("kind", sorted(EXTRACTORS | CLUSTERERS | LATER))
def test_every_kind_of_trace_implies_a_tag(kind):
    family = {**EXTRACTORS, **CLUSTERERS, **LATER}[kind].family
    assert implied({kind: 2}, {kind: family}, ["x"], {})
