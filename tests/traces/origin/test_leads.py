"""Which outputs posts may mean, found quickly."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import Vectors, of_length_one
from crossfix.traces.origin import Encoders, Output, OutputIndex
from crossfix.traces.origin.judgement import CROWD_BELOW, CROWD_FROM
from crossfix.traces.origin.leads import LEAST_COSINE, Leads

VOCABULARY = ("harbour", "closed", "fishermen", "asked", "council", "money", "school", "winter")


class Counting:
    """Vectors count words; how many texts were read is kept."""

    name = "counting"
    dimensions = len(VOCABULARY) + 1

    def __init__(self) -> None:
        self.read = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += len(texts)
        rows = [[t.split().count(w) for w in VOCABULARY] + [len(t.split()) / 90] for t in texts]
        return of_length_one(np.array(rows, np.float32).reshape(len(texts), self.dimensions))


SEGMENTS = (
    "the harbour was closed and nobody asked the fishermen",
    "the council has money for school after school",
    "in winter the school was closed for want of money",
)


def leads_of(encoder: Counting) -> tuple[Leads, OutputIndex]:
    index = OutputIndex(Output(response=f"r{n}", text=text) for n, text in enumerate(SEGMENTS))
    return Leads(index, Encoders(encoder, None)), index


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(" ".join)))
def test_leads_and_crowds_are_what_plain_products_say(texts: list[str]) -> None:
    leads, index = leads_of(Counting())
    found = {(lead.at, lead.output) for lead in leads.by_first(texts)}
    encoder = Counting()
    plain = encoder.encode(texts) @ encoder.encode(SEGMENTS).T
    assert found == {(int(at), int(seg)) for at, seg in np.argwhere(plain >= LEAST_COSINE)}
    unique = list(dict.fromkeys(texts))
    once = encoder.encode(unique) @ encoder.encode(SEGMENTS).T
    strange = (once >= CROWD_FROM) & (once < CROWD_BELOW)
    assert leads.crowd.tolist() == strange.sum(axis=0).tolist()
    assert len(index) == len(SEGMENTS)


def test_a_text_that_leads_nowhere_is_encoded_once_however_often_it_is_posted() -> None:
    encoder = Counting()
    leads, _ = leads_of(encoder)
    assert leads.by_first(["nothing of that kind here"]) == []
    before = encoder.read
    for _ in range(5):
        assert leads.by_first(["nothing of that kind here"] * 3) == []
    assert encoder.read == before


def test_a_text_that_leads_somewhere_does_so_each_time() -> None:
    leads, _ = leads_of(Counting())
    text = "harbour closed fishermen asked"
    assert [lead.output for lead in leads.by_first([text])] == [0]
    assert [(lead.at, lead.output) for lead in leads.by_first([text, "x", text])] == [
        (0, 0), (2, 0),
    ]  # fmt: skip


def test_the_more_segments_the_nearer_a_lead_must_be() -> None:
    few, _ = leads_of(Counting())
    index = OutputIndex(
        Output(response=str(n), text=f"number {n} of very many sentences that say little")
        for n in range(2_000)
    )
    assert Leads(index, Encoders(Counting(), None)).least > few.least == LEAST_COSINE
