"""Outputs traced by meaning, with the real encoders."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.content.encoders.wheels import SENTENCE_MODEL
from crossfix.traces.origin import Encoders, Origin, Output, OutputIndex, Post

MADE = datetime(2026, 2, 3, tzinfo=UTC)
DRAFTS = (
    "Been using the Elm Street branch for twenty years: three readers on a Tuesday and the heating "
    "on full. One good central library beats two empty rooms.",
    "My kids want computers and a quiet desk, not a damp hall with last year's magazines. Merge "
    "the branches, spend the savings on Saturday hours, and let's move on.",
    "Councillor Wendle did the brave thing and told us the truth about the roof repairs. Forty "
    "thousand crowns for a building nobody visits.",
)


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    pytest.importorskip("onnxruntime_extensions", reason="the extra [meaning] is not installed")
    folder = Path(os.environ.get("MEANING_MODELS", ".crossfix/models"))
    if not (folder / SENTENCE_MODEL).is_file():
        pytest.skip("no encoder here: run crossfix meaning install, or set MEANING_MODELS")
    return Encoders(first_encoder(folder), second_encoder(folder))


def traced(text: str, encoders: Encoders) -> list[tuple[int, str]]:
    index = OutputIndex([Output(response="r", text="\n\n".join(DRAFTS), time=MADE)])
    origin = Origin(index, encoders)
    origin.take([Post(post="p", text=text, service="x", account="x:a",
                      time=MADE + timedelta(hours=1))])  # fmt: skip
    return [(s.segment, s.kind) for s in origin.finish()]


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("Çocuklarım bilgisayar ve sessiz bir masa istiyor, geçen yılın dergileriyle dolu "
         "rutubetli bir salon değil. Şubeleri birleştirin, tasarrufu cumartesi mesaisine "
         "harcayın, artık önümüze bakalım.", 2),
        ("Meine Kinder wollen Computer und einen ruhigen Tisch, keinen feuchten Saal mit den "
         "Zeitschriften vom letzten Jahr. Legt die Zweigstellen zusammen.", 2),
    ],
)  # fmt: skip
def test_a_translation_is_found(text: str, segment: int, encoders: Encoders) -> None:
    assert traced(text, encoders) == [(segment, "translated")]


@pytest.mark.parametrize(
    "text",
    [
        "Took my grandson to Elm Street on Saturday, every chair was taken for the puppet show.",
        "The bus was late again, and dinner turned out to be toast with cheese on it.",
    ],
)
def test_the_same_topic_is_no_sighting(text: str, encoders: Encoders) -> None:
    assert traced(text, encoders) == []


def test_one_text_has_one_vector_whatever_it_is_encoded_with(encoders: Encoders) -> None:
    for encoder in filter(None, (encoders.first, encoders.second)):
        alone, beside = encoder.encode([DRAFTS[0]]), encoder.encode(["Hello", DRAFTS[0], ""])
        np.testing.assert_array_equal(alone[0], beside[1])
        assert not beside[2].any()
        assert alone.shape[1] == encoder.dimensions
