from crossfix.network.reliability import (
    BASES,
    GIVEN,
    OCCASIONAL,
    RELIABILITY,
    bases,
    kind_weights,
)
from crossfix.traces.registry import CLUSTERERS, EXTRACTORS, LATER


def test_every_kind_that_is_extracted_has_a_weight_of_its_own() -> None:
    assert {*EXTRACTORS, *CLUSTERERS, *LATER} <= set(RELIABILITY)
    assert set(RELIABILITY) >= OCCASIONAL


def test_a_kind_that_a_trace_table_names_itself_has_the_weight_of_the_given() -> None:
    weights = kind_weights(["repost", "signature"], ["repost", "signature"])
    assert weights.weight.tolist() == [RELIABILITY["repost"], GIVEN]


def test_what_is_switched_off_weighs_nothing_and_the_rest_is_unchanged() -> None:
    kinds = ["repost", "url", "hashtag"]
    on, off = kind_weights(kinds, kinds), kind_weights(kinds, kinds, frozenset({"url"}))
    assert off.weight.tolist() == [on.weight[0], 0, on.weight[2]]


def test_kinds_of_one_family_have_one_number() -> None:
    weights = kind_weights(["text", "url", "near_text"], ["text", "link", "text"])
    assert weights.family.tolist() == [0, 1, 0]


def test_a_kind_has_a_base_where_the_input_has_it() -> None:
    assert set(BASES) | set(BASES.values()) <= set(RELIABILITY)
    assert bases(["near_text", "url", "text"]).tolist() == [2, 1, 2]
    assert bases(["near_text", "signature"]).tolist() == [0, 1]


def test_links_of_what_is_switched_off_found_nothing() -> None:
    kinds = ["text", "url", "hashtag", "hashtag_set", "mention"]
    weights = kind_weights(kinds, kinds, frozenset({"url"}))
    assert weights.founding.tolist() == [True, False, False, True, False]
